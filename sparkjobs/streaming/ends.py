"""When a stream ends by itself: after so many batches, so many seconds, or when nothing new comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sparkjobs import checks
from sparkjobs.errors import UsageError
from sparkjobs.params import param
from sparkjobs.streaming.progress.batch_progress import BatchProgress
from sparkjobs.streaming.stop import StopRequest
from sparkjobs.streaming.trigger import AVAILABLE_NOW

log = logging.getLogger("sparkjobs")


@dataclass(frozen=True)
class EndParams:
    """The flags by which a stream ends well by itself."""

    until_idle: float | None = param(
        None,
        help="end when no batch was needed for so many seconds (with a trigger that repeats)",
        metavar="SECONDS",
        check=checks.at_least(0),
        group="stream",
        identity=False,
    )
    max_batches: int | None = param(
        None,
        help="end after so many batches",
        metavar="N",
        check=checks.at_least(1),
        group="stream",
        identity=False,
    )
    max_seconds: float | None = param(
        None,
        help="begin no batch after so many seconds, and end",
        metavar="S",
        check=checks.at_least(0),
        group="stream",
        identity=False,
    )


def check_ends(until_idle: float | None, trigger: str) -> None:
    """Refuse an end that can never come.

    Raises:
        UsageError: ``--until-idle`` for a stream that looks at its input once.
    """
    if until_idle is not None and trigger == AVAILABLE_NOW:
        raise UsageError(
            "--until-idle means nothing to --trigger available-now, which ends when its input is used up",
            'Leave it out, or name a time between batches, such as --trigger "10 seconds".',
        )


class Ends:
    """Asks for the end when one of the flags says so. A listener of batches, and of looks at the input.

    Args:
        params: the flags.
        stop: is asked to stop.
        busy: whether a batch runs or waits.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        params: EndParams,
        stop: StopRequest,
        busy: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._params = params
        self._stop = stop
        self._busy = busy
        self._clock = clock
        self._batches = 0
        self._worked_s = clock()
        if params.max_seconds is not None:
            stop.finish_at(clock() + params.max_seconds)

    def batch_done(self, progress: BatchProgress) -> None:
        """Count a batch."""
        self._batches += 1
        self._worked_s = self._clock()
        if self._batches == self._params.max_batches:
            log.info("ends after %s batches, as asked", self._batches)
            self._stop.finish()

    def runs_on(self) -> None:
        """A batch that runs on is work: the next look may come before its end has been told."""
        self._worked_s = self._clock()

    def looked(self) -> None:
        """The input was looked at, and its lists are written: now it is known whether there is work."""
        idle_s = self._params.until_idle
        if idle_s is None:
            return
        if self._busy():
            self._worked_s = self._clock()
        elif self._clock() - self._worked_s >= idle_s:
            log.info("ends: nothing new for %g s", idle_s)
            self._stop.finish()
