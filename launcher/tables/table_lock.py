"""The lock under which a verb changes a table: the same that a run of a job takes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from launcher.managers.manager_choice import manager_of
from launcher.spec.cluster import Cluster
from launcher.tables.locks import lease
from launcher.tables.locks.holder import Holder, this_process
from launcher.tables.locks.lock import LockLost
from launcher.tables.locks.table_locks import HeldTables, LockRules, hold, with_outputs
from sparkjobs.interrupts import raising_on_signals

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Locking:
    """Where the locks of tables are, and how long to wait for one.

    Attributes:
        cluster: the profile of the jobs that write the table.
        environ: how to reach the store of the locks.
        wait_s: how long to go on asking while a run has the table, seconds.
    """

    cluster: Cluster
    environ: Mapping[str, str]
    wait_s: float = 0.0

    @contextmanager
    def hold(self, tables: Sequence[str], run_id: str, verb: str) -> Iterator[Guard]:
        """Hold the locks of tables inside the block; a signal ends the block and gives them back.

        Raises:
            Locked: a run has one of them (exit 5).
            LockProblem: a lock cannot be asked for (exit 3).
        """
        rules = LockRules(self.cluster.lock, self.cluster.multi_writer)
        found = [lock for table in tables for lock in with_outputs(table, rules, self.environ)]
        # Tables in one folder share its lock, which cannot be taken twice.
        locks = tuple({lock.table: lock for lock in found}.values())
        guard = Guard()
        with raising_on_signals():
            held = hold(locks, this_process(run_id, verb), self._still_runs, guard.tell, wait_s=self.wait_s)
            guard.token = held.token
            try:
                yield guard
            finally:
                _give_back(held)

    def _still_runs(self, holder: Holder) -> bool:
        seen = manager_of(self.cluster, self.environ).find(holder.run_id, holder.application_id)
        return seen is not None and seen.may_run


class Guard:
    """A lock that is held, as the change knows it."""

    def __init__(self) -> None:
        self.token: int | None = None
        self._lost: str | None = None

    def tell(self, message: lease.StopRun | lease.KillRun | lease.Lost) -> None:
        """Remember that the lock cannot be kept."""
        self._lost = message.why

    def refuse_if_lost(self) -> None:
        """Make no commit without the lock.

        Raises:
            LockLost: it could not be kept.
        """
        if self._lost is not None:
            raise LockLost(f"nothing was changed: {self._lost}")


def _give_back(held: HeldTables) -> None:
    for problem in held.release():
        _LOG.warning("%s; the lock ends by itself when its lease runs out", problem)
