"""The locks of a run's tables: opened by the cluster profile, held together, renewed, given back together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.places import places
from launcher.tables.locks.file_lock import FileLock
from launcher.tables.locks.keeper import Keeper, Tell
from launcher.tables.locks.lease import Terms
from launcher.tables.locks.lock import Held, LockProblem, StillRuns, TableLock
from launcher.tables.locks.lock_place import LockPlace, canonical, lock_place, outputs_of
from launcher.tables.locks.lock_wait import acquire_within, give_back
from sparkjobs.ingest.storage import S3Settings

if TYPE_CHECKING:
    from launcher.tables.locks.holder import Holder

PASSWORD_VARIABLE = "SPARKJOBS_LOCK_PASSWORD"


@dataclass(frozen=True)
class LockRules:
    """What a cluster profile says about locks.

    Attributes:
        url: where locks are kept; ``None``: beside each table.
        multi_writer: the log store of the tables takes many writers.
        terms: the times of leases.
    """

    url: str | None = None
    multi_writer: bool = False
    terms: Terms = field(default_factory=Terms)


def locks_of(tables: Sequence[str], rules: LockRules, environ: Mapping[str, str]) -> tuple[TableLock, ...]:
    """The locks of tables, in their order; none for a table that takes many writers at a time.

    Raises:
        UsageError: a table without a lock.
        EnvironmentProblem: a package for the lock is missing.
    """
    found = (
        lock_place(canonical(table, os.path.realpath), rules.url, rules.multi_writer) for table in tables
    )
    return tuple(open_lock(place, rules.terms, environ) for place in found if place is not None)


def with_outputs(table: str, rules: LockRules, environ: Mapping[str, str]) -> tuple[TableLock, ...]:
    """The lock of a table, and those of the outputs that it belongs to, where jobs lock them.

    A job takes one lock for its ``--output``: for all tables in that folder, and for those of bad and late
    rows beside it. Who changes one of these tables by itself needs both.

    Raises:
        UsageError, EnvironmentProblem: as ``locks_of``.
        LockProblem: it cannot be found out.
    """
    own = locks_of([table], rules, environ)
    outputs = outputs_of(canonical(table, os.path.realpath)) if own else ()
    return (*own, *(lock for lock in locks_of(outputs, rules, environ) if lock.was_taken()))


def open_lock(place: LockPlace, terms: Terms, environ: Mapping[str, str]) -> TableLock:
    """The lock that is kept at a place. Nothing is asked yet.

    Raises:
        EnvironmentProblem: a Python package is missing.
    """
    if place.kind == "file":
        return FileLock(place.table, Path(place.at))
    if place.kind == "redis":
        from launcher.tables.locks.redis_lock import RedisLock, Server, redis_client

        client = redis_client(place.at, environ.get(PASSWORD_VARIABLE), terms.request_s)
        return RedisLock(place.table, Server(client, place.at, place.key), terms)
    from launcher.tables.locks.cell import Cell, s3_client
    from launcher.tables.locks.observations import Observations
    from launcher.tables.locks.s3_lock import S3Lock

    bucket, _, key = place.at.removeprefix("s3a://").partition("/")
    cell = Cell(s3_client(S3Settings.from_environment(environ), terms.request_s), bucket, key)
    return S3Lock(place.table, cell, terms, Observations(places(environ).state / "locks", place.at))


class HeldTables:
    """All locks of one run, each renewed by a thread of its own where it is a lease.

    Args:
        held: the locks by table; the first gives the token.
        tell: called, from a thread, when a lease cannot be renewed: the run has to end.
    """

    def __init__(self, held: Mapping[str, Held], tell: Tell) -> None:
        self._held = held
        self._keepers = [Keeper(lock, tell) for lock in held.values()]
        for keeper in self._keepers:
            keeper.start()

    @property
    def token(self) -> int | None:
        """The fencing token of the run's first table; ``None`` when no table has a lock."""
        return next((lock.token for lock in self._held.values()), None)

    @property
    def inherit(self) -> tuple[int, ...]:
        """Descriptors to hand to children (``pass_fds``), so that the locks last as long as they do."""
        return tuple(handle for lock in self._held.values() for handle in lock.inherit)

    def note(self, holder: Holder) -> None:
        """Write down more about the holder, beside every lock.

        Raises:
            LockLost, LockProblem: from the first that fails. The next renewal of a lease tells it as well.
        """
        for lock in self._held.values():
            lock.note(holder)

    def release(self) -> list[LockProblem]:
        """Give every lock back; answers what went wrong. The last thing that a run does."""
        for keeper in self._keepers:
            keeper.stop()
        return give_back(self._held.values())


def hold(
    locks: Sequence[TableLock],
    holder: Holder,
    still_runs: StillRuns,
    tell: Tell,
    *,
    wait_s: float = 0.0,
    pause: Callable[[float], bool] | None = None,
) -> HeldTables:
    """Take every lock or none, and keep them until ``release``.

    Args:
        locks: of the run's tables, the one that it is about first.
        holder: who takes them.
        still_runs: asked about a holder that did not give a lock back.
        tell: see ``HeldTables``.
        wait_s: how long to go on asking while another run has one, seconds.
        pause: see ``acquire_within``.

    Raises:
        Locked: another run has one (exit 5).
        LockProblem: a lock cannot be asked for (exit 3).
        EnvironmentProblem: a disk or store cannot keep a lock.
    """
    found = acquire_within(locks, holder, still_runs, wait_s, pause=pause)
    return HeldTables({lock.table: found[lock.table] for lock in locks}, tell)
