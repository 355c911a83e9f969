"""A lock as a lease object in S3: taken, renewed and given back by conditional writes."""

from __future__ import annotations

import logging
import threading
import uuid

import msgspec

from launcher.tables.locks.cell import Cell, Unknown, Written
from launcher.tables.locks.clock import uptime_s
from launcher.tables.locks.holder import Holder
from launcher.tables.locks.lease import Terms
from launcher.tables.locks.lease_record import Busy, Free, LeaseRecord, Ours, Stored, answer
from launcher.tables.locks.lock import Locked, LockLost, LockProblem, StillRuns
from launcher.tables.locks.lock_wait import give_back
from launcher.tables.locks.observations import Observations
from sparkjobs.errors import EnvironmentProblem

_LOG = logging.getLogger(__name__)
# Every lost race shows a new holder at the next look; more rounds than this tell of a store that lies.
_ROUNDS = 8


class S3Lock:
    """The lock of one table.

    Args:
        table: the table.
        cell: the lease object.
        terms: the times of the lease.
        observations: how long the object is known to be unchanged.
    """

    def __init__(self, table: str, cell: Cell, terms: Terms, observations: Observations) -> None:
        self.table = table
        self._cell = cell
        self._terms = terms
        self._sightings = observations

    def acquire(self, holder: Holder, still_runs: StillRuns) -> HeldLease:
        """Take the lock or say no; see ``TableLock``."""
        owner = uuid.uuid4().hex
        requested_s = uptime_s()
        for _ in range(_ROUNDS):
            stored = _read(self._cell)
            found = answer(stored, owner, self._watched_s(stored))
            if isinstance(found, Ours) and stored is not None:
                return self._held(stored, requested_s)
            if isinstance(found, Busy):
                raise Locked(self.table, found.holder, dead_after_s=found.lease_s)
            if isinstance(found, Free):
                held = self._take(found, owner, holder, still_runs)
                if held is not None:
                    return held
        raise LockProblem(f"the lock {self._cell.address} changed at every look", "Try again.")

    def was_taken(self) -> bool:
        """Whether anybody ever took this lock."""
        return self._cell.read() is not None

    def _watched_s(self, stored: Stored | None) -> float:
        if stored is None or stored.record.released:
            return 0.0
        return self._sightings.unchanged_s(stored.etag)

    def _take(self, free: Free, owner: str, holder: Holder, still_runs: StillRuns) -> HeldLease | None:
        """The lock, or ``None`` when only another look can tell."""
        if free.died is not None and still_runs(free.died):
            raise Locked(self.table, free.died, orphaned=True)
        record = LeaseRecord(
            owner=owner, token=free.token, lease_s=self._terms.lease_s, nonce=_nonce(), holder=holder
        )
        requested_s = uptime_s()
        outcome = self._cell.write(msgspec.json.encode(record), free.etag)
        return self._held(Stored(record, outcome.etag), requested_s) if isinstance(outcome, Written) else None

    def _held(self, stored: Stored, requested_s: float) -> HeldLease:
        held = HeldLease(self.table, self._cell, stored, requested_s)
        try:
            _refuse_careless_store(self._cell, stored.record)
        except BaseException:
            for problem in give_back([held]):
                _LOG.warning("%s", problem)
            raise
        return held


class HeldLease:
    """A lease that is ours until it is not renewed for its length. Calls may come from several threads."""

    inherit: tuple[int, ...] = ()

    def __init__(self, table: str, cell: Cell, stored: Stored, requested_s: float) -> None:
        self.table = table
        self.token = stored.record.token
        self.lease_s: float | None = stored.record.lease_s
        self.requested_s = requested_s
        self._cell = cell
        self._stored = stored
        self._mutex = threading.Lock()

    def renew(self) -> None:
        """Write the record again with a new nonce."""
        with self._mutex:
            self._replace(self._stored.record)

    def note(self, holder: Holder) -> None:
        """Write down more about the holder; this renews the lease as well."""
        with self._mutex:
            self._replace(msgspec.structs.replace(self._stored.record, holder=holder))

    def release(self) -> None:
        """Mark the lease as given back. One that was lost is left to whoever has it."""
        with self._mutex:
            if self._stored.record.released:
                return
            try:
                self._replace(msgspec.structs.replace(self._stored.record, released=True))
            except LockLost:
                return

    def _replace(self, wanted: LeaseRecord) -> None:
        wanted = msgspec.structs.replace(wanted, nonce=_nonce())
        for _ in range(_ROUNDS):
            outcome = self._cell.write(msgspec.json.encode(wanted), self._stored.etag)
            if isinstance(outcome, Written):
                self._stored = Stored(wanted, outcome.etag)
                return
            # Refused, or no answer: only the object itself can tell what happened.
            now = self._still_ours()
            self._stored = now
            if now.record.nonce == wanted.nonce:
                return
            if isinstance(outcome, Unknown):
                raise LockProblem(f"the lock {self._cell.address} was not renewed: {outcome.why}")
        raise LockProblem(f"the lock {self._cell.address} changed at every look")

    def _still_ours(self) -> Stored:
        stored = _read(self._cell)
        if stored is None:
            raise LockLost(f"the lock of {self.table} was deleted: {self._cell.address}")
        if stored.record.owner != self._stored.record.owner:
            thief = stored.record.holder
            raise LockLost(
                f"the lock of {self.table} was taken over by run {thief.run_id} on {thief.host}, "
                "because it was not renewed in time"
            )
        return stored


def _refuse_careless_store(cell: Cell, record: LeaseRecord) -> None:
    """Try the store with conditions that do not hold; it must refuse both writes."""
    if not cell.honours_conditions(msgspec.json.encode(record)):
        raise EnvironmentProblem(
            f"the store of {cell.address} takes writes whose condition does not hold: it cannot keep a lock",
            "Set lock: redis://HOST:6379/0 in the cluster profile.",
        )


def _read(cell: Cell) -> Stored | None:
    found = cell.read()
    if found is None:
        return None
    content, etag = found
    try:
        return Stored(msgspec.json.decode(content, type=LeaseRecord), etag)
    except msgspec.DecodeError as error:
        raise LockProblem(
            f"the object {cell.address} is no lock: {error}",
            "Move it away; it stands where the lock belongs.",
        ) from error


def _nonce() -> str:
    return uuid.uuid4().hex
