"""Why a run has no executors yet, asked of its cluster manager now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property

from launcher.managers.manager import Manager
from launcher.records.figures import Figures
from launcher.records.record import Record

# A manager has better things to do, and the reason rarely changes.
ASK_EVERY_S = 10.0


class Waiting:
    """Remembers the last answer between two questions.

    Args:
        manager: gives the run's manager, once it is needed.
        clock: seconds that never go back.
    """

    def __init__(self, manager: Callable[[], Manager], clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._clock = manager, clock
        self._asked_s: float | None = None
        self._reason: str | None = None

    @cached_property
    def _manager(self) -> Manager:
        return self._make()

    def reason(self, record: Record, figures: Figures | None) -> str | None:
        """What the run lacks; ``None`` when it has executors, or nobody knows."""
        if record.application_id is None or (figures is not None and figures.executors):
            return None
        now_s = self._clock()
        if self._asked_s is None or now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            self._reason = self._manager.waiting(record.application_id)
        return self._reason
