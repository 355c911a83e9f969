"""The locks of a run's tables, taken and kept by the supervisor."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

import msgspec

from launcher.managers.manager_choice import manager_of
from launcher.runs import run_events as e
from launcher.runs.run_request import RunRequest
from launcher.runs.threads import in_thread
from launcher.tables.locks import lease
from launcher.tables.locks.holder import Holder, this_process
from launcher.tables.locks.lock import Locked, LockLost, LockProblem
from launcher.tables.locks.table_locks import HeldTables, LockRules, hold, locks_of
from sparkjobs.errors import SparkjobsError
from sparkjobs.exits import EXIT_FAILED

Post = Callable[[e.Event], None]


class Locking:
    """Takes the locks in a thread; a lease that is about to be lost ends the run."""

    def __init__(self, request: RunRequest, post: Post) -> None:
        self._request, self._post = request, post
        self._nobody_waits = threading.Event()
        self._held: HeldTables | None = None
        self._holder: Holder | None = None

    @property
    def token(self) -> int | None:
        """The fencing token that goes into the commits."""
        return self._held.token if self._held else None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Open files that the child inherits, so that a lock outlives a supervisor that was killed."""
        return self._held.inherit if self._held else ()

    def take(self) -> None:
        """Ask for the locks; the answer comes as an event."""
        in_thread(self._take)

    def stop_waiting(self) -> None:
        """Nobody wants the locks any more."""
        self._nobody_waits.set()

    def note(self, application_id: str) -> None:
        """Write the application beside the locks: who would take them asks about it first."""
        if self._held is not None and self._holder is not None:
            # What cannot be written now is found out by the next renewal.
            with contextlib.suppress(LockLost, LockProblem):
                self._held.note(msgspec.structs.replace(self._holder, application_id=application_id))

    def release(self) -> None:
        """Give the locks back; one that cannot be given back ends by itself."""
        if self._held is not None:
            self._held.release()

    def _take(self) -> None:
        try:
            self._held = self._hold()
        except Locked as error:
            self._post(e.LockRefused(error.message, error.hint))
        except SparkjobsError as error:
            self._post(e.LockFailed(error.message, error.hint))
        except Exception as error:  # a store may fail in any way; the run must not wait for ever
            self._post(e.LockFailed(f"{type(error).__name__}: {error}"))
        else:
            self._post(e.LockTaken(self.token))

    def _hold(self) -> HeldTables:
        request, cluster = self._request, self._request.cluster
        rules = LockRules(cluster.lock, cluster.multi_writer)
        locks = locks_of(request.tables, rules, os.environ)
        self._holder = this_process(request.run_id, request.job, master=request.settings.get("spark.master"))
        pause = self._nobody_waits.wait
        return hold(
            locks, self._holder, self._still_runs, self._tell, wait_s=request.lock_wait_s, pause=pause
        )

    def _still_runs(self, holder: Holder) -> bool:
        """Whether the application of a holder that is gone runs on; an unknown one does not hold up."""
        seen = manager_of(self._request.cluster, os.environ).find(holder.run_id, holder.application_id)
        return seen is not None and seen.may_run

    def _tell(self, message: lease.StopRun | lease.KillRun | lease.Lost) -> None:
        stop = isinstance(message, lease.StopRun)
        self._post(e.StopRequested(message.why, EXIT_FAILED) if stop else e.KillRequested(message.why))
