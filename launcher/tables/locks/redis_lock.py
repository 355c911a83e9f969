"""A lock in a Redis server: a key that expires, beside a record that stays and counts the fencing token.

Every step is one script, which Redis runs as a whole. The expiring key says that the holder lives; the
record says who held the lock last and whether it was given back, so that a dead holder's application can be
asked for before somebody takes over.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from launcher.redact import masked_text
from launcher.tables.locks.clock import uptime_s
from launcher.tables.locks.holder import Holder, decode, encode
from launcher.tables.locks.lease import Terms
from launcher.tables.locks.lock import Locked, LockLost, LockProblem, StillRuns
from sparkjobs.errors import EnvironmentProblem

# The key's name in braces makes both keys live on one node of a Redis cluster.
_LEASE, _RECORD = "lease", "record"

# ARGV: owner, lease in ms, holder, token of a dead holder that may be replaced.
_TAKE = """
local function said(what)
  return {what, redis.call('HGET', KEYS[2], 'token') or '0', redis.call('HGET', KEYS[2], 'holder') or ''}
end
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then return said('taken') end
if owner then return said('busy') end
local last = redis.call('HGET', KEYS[2], 'owner')
if last and last ~= '' and redis.call('HGET', KEYS[2], 'token') ~= ARGV[4] then return said('died') end
redis.call('HINCRBY', KEYS[2], 'token', 1)
redis.call('HSET', KEYS[2], 'owner', ARGV[1], 'holder', ARGV[3])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return said('taken')
"""
# ARGV: owner, lease in ms, holder (empty: as it was).
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.call('HGET', KEYS[2], 'holder') or '' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'holder', ARGV[3]) end
return 'ok'
"""
# ARGV: owner.
_RELEASE = """
if redis.call('HGET', KEYS[2], 'owner') == ARGV[1] then redis.call('HSET', KEYS[2], 'owner', '') end
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'ok'
"""
_TRIES = 3


class Server:
    """A Redis server and the two keys of one lock.

    Args:
        client: redis-py's.
        url: its address, for messages.
        key: the lock's name.
    """

    def __init__(self, client: Any, url: str, key: str) -> None:
        self._client = client
        self._url = masked_text(url)
        self._keys = [f"{key}:{_LEASE}", f"{key}:{_RECORD}"]

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script. It may be sent again after a lost answer: every script can be done twice.

        Raises:
            LockProblem: the server does not answer, or refuses.
        """
        return self._requested(lambda: self._client.eval(script, len(self._keys), *self._keys, *arguments))

    def has_record(self) -> bool:
        """Whether the lock was ever taken."""
        return bool(self._requested(lambda: self._client.exists(self._keys[1])))

    def _requested(self, ask: Callable[[], Any]) -> Any:
        from redis.exceptions import ConnectionError, RedisError, TimeoutError

        why = ""
        for _ in range(_TRIES):
            try:
                return ask()
            except (ConnectionError, TimeoutError) as error:
                why = str(error)
            except RedisError as error:
                raise self._problem(str(error)) from error
        raise self._problem(why)

    def _problem(self, why: str) -> LockProblem:
        return LockProblem(
            f"the lock server {self._url} cannot be used: {masked_text(why)}",
            "Check that it runs, and its address and password.",
        )


class RedisLock:
    """The lock of one table.

    Args:
        table: the table.
        server: where it is kept.
        terms: the times of the lease.
    """

    def __init__(self, table: str, server: Server, terms: Terms) -> None:
        self.table = table
        self._server = server
        self._terms = terms

    def acquire(self, holder: Holder, still_runs: StillRuns) -> HeldKey:
        """Take the lock or say no; see ``TableLock``."""
        owner = uuid.uuid4().hex
        replaced = ""
        while True:
            requested_s = uptime_s()
            lease_ms = int(self._terms.lease_s * 1000)
            what, token, last_holder = self._server.run(_TAKE, owner, lease_ms, encode(holder), replaced)
            found = decode(last_holder)
            if what == b"taken":
                return HeldKey(self.table, self._server, owner, int(token), self._terms.lease_s, requested_s)
            if what == b"busy":
                raise Locked(self.table, found, dead_after_s=self._terms.lease_s)
            if found is not None and still_runs(found):
                raise Locked(self.table, found, orphaned=True)
            replaced = token

    def was_taken(self) -> bool:
        """Whether anybody ever took this lock."""
        return self._server.has_record()


class HeldKey:
    """A lock in Redis that is ours until its key expires."""

    inherit: tuple[int, ...] = ()

    def __init__(
        self, table: str, server: Server, owner: str, token: int, lease_s: float, requested_s: float
    ) -> None:
        self.table = table
        self.token = token
        self.lease_s: float | None = lease_s
        self.requested_s = requested_s
        self._server = server
        self._owner = owner

    def renew(self) -> None:
        """Let the key live for another lease."""
        self._renew(b"")

    def note(self, holder: Holder) -> None:
        """Write down more about the holder; this renews the lease as well."""
        self._renew(encode(holder))

    def release(self) -> None:
        """Delete the key if it is ours."""
        self._server.run(_RELEASE, self._owner)

    def _renew(self, holder: bytes) -> None:
        assert self.lease_s is not None  # every lock in Redis has a lease
        answer = self._server.run(_RENEW, self._owner, int(self.lease_s * 1000), holder)
        if answer != b"ok":
            thief = decode(answer)
            by = f"; run {thief.run_id} on {thief.host} held it last" if thief else ""
            raise LockLost(f"the lock of {self.table} ran out: it was not renewed in time{by}")


def redis_client(url: str, password: str | None, request_s: float) -> Any:
    """A client of redis-py.

    Args:
        url: ``redis://HOST:PORT/DB``, ``rediss://`` with TLS.
        password: where the URL has none.
        request_s: the longest wait for a connection, and for an answer, seconds.

    Raises:
        EnvironmentProblem: redis-py is not installed.
    """
    try:
        import redis
    except ImportError as error:
        raise EnvironmentProblem(
            f"the lock {masked_text(url)} needs the Python package redis", "pip install 'sparkjobs[redis]'"
        ) from error
    given = {"password": password} if password else {}
    return redis.Redis.from_url(
        url, socket_connect_timeout=request_s, socket_timeout=request_s, retry=None, **given
    )
