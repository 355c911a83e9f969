"""What a lock of a table is, whichever way it is kept, and the three ways in which it says no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from launcher.tables.locks.holder import Holder
from sparkjobs.errors import SparkjobsError
from sparkjobs.exits import EXIT_FAILED, EXIT_LOCKED, EXIT_NOT_STARTED

# Asked before a lock is taken from a holder that never gave it back and may be dead: does its
# application still run? Whoever cannot tell answers True.
StillRuns = Callable[[Holder], bool]


class Locked(SparkjobsError):
    """Another run holds the table (exit 5).

    Args:
        table: the table.
        holder: who holds it; ``None`` when it has not said so yet.
        orphaned: the launcher that held it is gone, its application still runs.
        dead_after_s: a holder that is dead loses the lock when it has been watched for so long, seconds;
            ``None`` where the lock of a dead holder is free at once.
    """

    exit_code = EXIT_LOCKED

    def __init__(
        self,
        table: str,
        holder: Holder | None,
        *,
        orphaned: bool = False,
        dead_after_s: float | None = None,
    ) -> None:
        super().__init__(_held_by(table, holder, orphaned), _what_to_do(holder, orphaned, dead_after_s))
        self.table = table
        self.holder = holder


class LockLost(SparkjobsError):
    """A lock that was ours is not any more: it ran out, and somebody else may be writing (exit 1)."""

    exit_code = EXIT_FAILED


class LockProblem(SparkjobsError):
    """The lock cannot be asked for, renewed or given back: the disk or the store fails (exit 3)."""

    exit_code = EXIT_NOT_STARTED


class Held(Protocol):
    """A lock that is ours."""

    @property
    def table(self) -> str:
        """The table."""

    @property
    def token(self) -> int:
        """The fencing token: it grows with every time that the lock is taken, and never repeats."""

    @property
    def lease_s(self) -> float | None:
        """The lock is lost when it has not been renewed for so long; ``None``: it needs no renewal."""

    @property
    def requested_s(self) -> float:
        """When the lock was asked for, by ``clock.uptime_s``: its lease counts from then."""

    @property
    def inherit(self) -> tuple[int, ...]:
        """Descriptors to hand to children (``pass_fds``), so that the lock lasts as long as they do."""

    def renew(self) -> None:
        """Say that we are alive.

        Raises:
            LockLost: the lock is no longer ours.
            LockProblem: nobody knows; try again.
        """

    def note(self, holder: Holder) -> None:
        """Write down more about the holder, such as its application's id.

        Raises:
            LockLost, LockProblem: as ``renew``.
        """

    def release(self) -> None:
        """Give the lock back; the last thing that a run does. A lock that was lost is left alone.

        Raises:
            LockProblem: it could not be given back. It ends by itself where there is a lease.
        """


class TableLock(Protocol):
    """The lock of one table."""

    @property
    def table(self) -> str:
        """The table, in its one spelling."""

    def acquire(self, holder: Holder, still_runs: StillRuns) -> Held:
        """Take the lock or say no, without waiting.

        Args:
            holder: who takes it.
            still_runs: asked about a holder that did not give the lock back.

        Raises:
            Locked: another run has it.
            LockProblem: it cannot be asked for.
            EnvironmentProblem: this disk or store cannot hold a lock.
        """

    def was_taken(self) -> bool:
        """Whether anybody ever took this lock.

        Raises:
            LockProblem: it cannot be asked for.
        """


def _held_by(table: str, holder: Holder | None, orphaned: bool) -> str:
    if holder is None:
        return f"the table {table} is locked by a run that has not said its name yet"
    who = f"run {holder.run_id} on {holder.host} since {holder.since}"
    if orphaned:
        what = holder.application_id or "its application"
        return f"the table {table} is locked by {who}: its launcher is gone and {what} may still run"
    return f"the table {table} is locked by {who}"


def _what_to_do(holder: Holder | None, orphaned: bool, dead_after_s: float | None) -> str:
    run = holder.run_id if holder else "RUN"
    if orphaned:
        return f"sparkjob status {run} tells how it stands; sparkjob cancel {run} ends it."
    waits = "--lock-wait SECONDS waits for it"
    if dead_after_s is not None:
        waits += f"; a dead run loses its lock after {dead_after_s:g} s"
    return f"sparkjob status {run} tells how it stands; {waits}."
