"""The columns of one stage attempt's tasks while a trace is built. Pure."""

from __future__ import annotations

from array import array
from dataclasses import fields

from launcher.records.history import spark_events as e
from launcher.records.history.lines import UnusableError
from launcher.records.history.trace import Ended, Tasks

_ENDED = {
    "Success": int(Ended.SUCCESS),
    "TaskKilled": int(Ended.KILLED),
    # Another attempt had committed before.
    "TaskCommitDenied": int(Ended.KILLED),
    "ExecutorLostFailure": int(Ended.LOST),
}
_FAILED = int(Ended.FAILED)
_NOTHING = e.TaskMetrics()
_NAMES = tuple(column.name for column in fields(Tasks))


class Columns:
    """The tasks of one attempt of a stage.

    Attributes:
        tasks: what came so far.
        caches: whether its tasks leave cached blocks behind.
    """

    __slots__ = ("_appends", "caches", "tasks")

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.caches = False
        self._appends = tuple(getattr(self.tasks, name).append for name in _NAMES)

    def append(self, event: e.TaskEnd, executor: int) -> None:
        """One attempt of a task, on the executor at this place.

        Raises:
            UnusableError: a number does not fit in 64 bits; nothing is appended.
        """
        info, metrics = event.info, event.metrics or _NOTHING
        shuffle = metrics.shuffle_read
        row = (
            info.partition if info.partition >= 0 else info.index,
            info.attempt,
            executor,
            info.launch_ms,
            max(info.finish_ms, info.launch_ms),
            _ENDED.get(event.reason.reason, _FAILED),
            info.speculative,
            metrics.run_ms,
            metrics.cpu_ns // 1_000_000,
            metrics.gc_ms,
            metrics.read.bytes,
            metrics.read.rows,
            metrics.written.bytes,
            metrics.written.rows,
            shuffle.remote + shuffle.local,
            shuffle.rows,
            metrics.shuffle_written.bytes,
            metrics.disk_spill,
            metrics.peak,
        )
        try:
            for append, value in zip(self._appends, row, strict=True):
                append(value)
        except OverflowError as error:
            self._trim()
            raise UnusableError(str(error)) from error

    def _trim(self) -> None:
        columns = [getattr(self.tasks, name) for name in _NAMES]
        whole = min(map(len, columns))
        for column in columns:
            del column[whole:]

    def renumber(self, places: list[int]) -> None:
        """Put executors at their new places."""
        column = self.tasks.executor
        if places != sorted(places):
            column[:] = array("q", [places[old] for old in column])

    def partitions(self) -> int:
        """How many tasks it has at least."""
        return max(self.tasks.index, default=-1) + 1
