"""A thread that renews a lock, and tells when the run has to end because it cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable

from launcher.tables.locks import lease
from launcher.tables.locks.clock import uptime_s
from launcher.tables.locks.lock import Held, LockLost

Tell = Callable[[lease.StopRun | lease.KillRun | lease.Lost], None]


class Keeper:
    """Renews one lock until it is stopped or the lock is lost.

    Args:
        held: the lock; one without a lease needs no keeper.
        tell: called from the thread with ``StopRun``, then ``KillRun``, then ``Lost``; some may be left out.
        clock: seconds; never goes back.
    """

    def __init__(self, held: Held, tell: Tell, clock: Callable[[], float] = uptime_s) -> None:
        self._held = held
        self._tell = tell
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lock of {held.table}", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._held.lease_s is not None:
            self._thread.start()

    def stop(self) -> None:
        """End, after the renewal that may be under way."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        assert self._held.lease_s is not None  # start looks
        state = lease.granted(lease.Terms(self._held.lease_s), self._held.requested_s)
        while state.stage is not lease.Stage.LOST:
            if self._over.wait(lease.next_look_s(state, self._clock())):
                return
            state = self._obey(*lease.step(state, lease.Tick(), self._clock()))

    def _obey(self, state: lease.Lease, instructions: tuple[lease.Instruction, ...]) -> lease.Lease:
        for instruction in instructions:
            if isinstance(instruction, lease.Renew):
                state = self._obey(*lease.step(state, self._renewal(), self._clock()))
            else:
                self._tell(instruction)
        return state

    def _renewal(self) -> lease.Event:
        sent_s = self._clock()
        try:
            self._held.renew()
        except LockLost as lost:
            return lease.Taken(lost.message)
        except Exception as error:  # whatever it is, the lease runs out and the run has to know
            return lease.NotRenewed(sent_s, str(error) or type(error).__name__)
        return lease.Renewed(sent_s)
