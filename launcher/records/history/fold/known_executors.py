"""The executors of a trace while it is built: places, lives, memory. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from launcher.records.history import spark_events as e
from launcher.records.history.at_once import tasks_at_once
from launcher.records.history.lines import UnusableError
from launcher.records.history.trace import Executor, Peaks

MOST_CORES = 100_000


@dataclass
class _Unknown:
    """An executor of which only its tasks tell: how many ran at once is what it can do at least."""

    host: str
    launches: array[int] = field(default_factory=lambda: array("q"))
    finishes: array[int] = field(default_factory=lambda: array("q"))


class Executors:
    """Every executor has a place from its first mention on.

    Attributes:
        cached_ms: when the first task ended that left a cached block, by executor id.
        unknown: executors that ran tasks and were never added; set by ``known``.
    """

    def __init__(self) -> None:
        self.cached_ms: dict[str, int] = {}
        self.unknown = 0
        self._places: dict[str, int] = {}
        self._added: dict[str, Executor] = {}
        self._only_tasks: dict[str, _Unknown] = {}
        self._removed: dict[str, e.Executor] = {}
        self._losses: dict[str, str] = {}
        self._memory: dict[str, e.ExecutorMetrics] = {}

    def ran(self, info: e.TaskInfo) -> int:
        """The place of the executor that ran a task."""
        if info.executor not in self._added:
            self._ran_before_added(info)
        return self._places[info.executor]

    def _ran_before_added(self, info: e.TaskInfo) -> None:
        self._places.setdefault(info.executor, len(self._places))
        seen = self._only_tasks.setdefault(info.executor, _Unknown(info.host))
        seen.launches.append(info.launch_ms)
        seen.finishes.append(max(info.finish_ms, info.launch_ms))

    def added(self, event: e.Executor) -> None:
        """It registered.

        Raises:
            UnusableError: no machine has so many cores.
        """
        info = event.info
        if not 0 <= info.cores <= MOST_CORES:
            raise UnusableError(f"an executor of {info.cores} cores")
        self._places.setdefault(event.id, len(self._places))
        gpus = len(info.resources["gpu"].addresses) if "gpu" in info.resources else 0
        self._added.setdefault(
            event.id, Executor(event.id, info.host, info.cores, info.profile, gpus, event.ms, None, "")
        )
        self._only_tasks.pop(event.id, None)

    def removed(self, event: e.Executor) -> None:
        """It went; Spark may say so twice."""
        self._removed.setdefault(event.id, event)

    def lost(self, executor: str, reason: str) -> None:
        """A task was lost with it; that it went may not be told."""
        self._losses.setdefault(executor, reason)

    def measured(self, executor: str, memory: e.ExecutorMetrics) -> None:
        """The most memory it had for a while."""
        if not (memory.heap or memory.jvm_rss):
            return
        most = self._memory.get(executor)
        if most is None:
            self._memory[executor] = memory
            return
        for name in e.ExecutorMetrics.__struct_fields__:
            if getattr(memory, name) > getattr(most, name):
                setattr(most, name, getattr(memory, name))

    def known(self, task_cpus: float) -> tuple[tuple[Executor, ...], list[int]]:
        """All executors in the order of their adding, and the new place of each old one.

        Args:
            task_cpus: CPUs of a task, for those of which only tasks tell.
        """
        self.unknown = len(self._only_tasks)
        found = [self._one(name, task_cpus) for name in self._places]
        order = sorted(range(len(found)), key=lambda place: found[place].added_ms)
        places = [0] * len(order)
        for new, old in enumerate(order):
            places[old] = new
        return tuple(found[old] for old in order), places

    def _one(self, name: str, task_cpus: float) -> Executor:
        executor = self._added.get(name)
        if executor is None:
            seen = self._only_tasks[name]
            cores = math.ceil(tasks_at_once(seen.launches, seen.finishes) * task_cpus)
            executor = Executor(name, seen.host, cores, 0, 0, min(seen.launches), None, "")
        gone = self._removed.get(name)
        if gone is None:
            return replace(executor, reason=self._losses.get(name, ""))
        return replace(executor, removed_ms=gone.ms, reason=gone.reason)

    def peaks(self) -> Mapping[str, Peaks]:
        """The most memory of each; of those that were measured."""
        return {name: _peaks(memory) for name, memory in self._memory.items()}


def _peaks(memory: e.ExecutorMetrics) -> Peaks:
    # The JVM's own figures come without those of the process tree, which are zeros unless asked for.
    tree = memory.jvm_rss > 0
    return Peaks(
        heap=memory.heap,
        unified=memory.unified,
        storage=memory.storage,
        off_heap=memory.off_heap,
        jvm_rss=memory.jvm_rss if tree else None,
        python_rss=memory.python_rss if tree else None,
    )
