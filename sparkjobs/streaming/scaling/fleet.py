"""The executors of a running application, asked for and given back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from sparkjobs.jvm import jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
_DRIVER = "driver"
# An executor that lives longer than that after it was to be ended was not ended.
_ENDED_WITHIN_S = 60.0


class Fleet(Protocol):
    """The executors of an application."""

    def alive(self) -> int:
        """How many are there."""

    def worked(self) -> float | None:
        """Seconds that one executor with all its slots would have worked so far; ``None``: unknown."""

    def ask(self, number: int) -> None:
        """Have so many in all from now on; none is ended by it."""

    def release(self, number: int) -> None:
        """End idle ones until so many are left. Only while no batch runs."""


class SparkFleet:
    """The executors of a Spark application whose manager can be asked for more."""

    def __init__(self, spark: SparkSession, clock: Callable[[], float] = time.monotonic) -> None:
        self._jvm: Any = jvm_of(spark)
        self._context: Any = spark.sparkContext._jsc.sc()
        self._clock = clock
        # Spark lists an executor until its end is told, seconds later. Who counts it as alive meanwhile asks
        # for one too many, and a standalone master starts that at once.
        self._ending: dict[str, float] = {}

    def alive(self) -> int:
        """How many are there."""
        return len(self._ids())

    def worked(self) -> float | None:
        """As the status store tells, which keeps executors that are gone, up to a number of them."""
        known = self._java(self._context.statusStore().executorList(False))
        each = [(int(one.totalDuration()), int(one.maxTasks())) for one in known if str(one.id()) != _DRIVER]
        return sum((task_ms / 1000 / slots for task_ms, slots in each if slots), 0.0)

    def ask(self, number: int) -> None:
        """Have so many in all from now on; those that still start are given up, those that live are not."""
        nobody = getattr(self._jvm.scala.collection.immutable, "Map$").__getattr__("MODULE$").empty()
        if not self._context.requestTotalExecutors(number, 0, nobody):
            log.warning("the cluster manager did not take the request for %s executors", number)

    def release(self, number: int) -> None:
        """End idle ones, the youngest first, until so many are left.

        ``killExecutors`` ends an executor with the tasks that it runs (its ``force``), and lowers the
        number asked for by those that it ends (``CoarseGrainedSchedulerBackend.killExecutors``). So that
        number is first brought down to those that live, and said again afterwards.
        """
        living = self._ids()
        self.ask(max(number, len(living)))
        running = self._running()
        idle = [each for each in reversed(living) if not running.get(each)]
        surplus = idle[: max(0, len(living) - number)]
        if surplus:
            if self._context.killExecutors(self._jvm.PythonUtils.toSeq(surplus)):
                self._ending.update(dict.fromkeys(surplus, self._clock()))
            else:
                log.warning("the cluster manager did not end the executors %s", ", ".join(surplus))
        self.ask(number)

    def _ids(self) -> list[str]:
        """Ids of the living, the oldest first; without those that are being ended."""
        known = set(map(str, self._java(self._context.getExecutorIds())))
        since = self._clock() - _ENDED_WITHIN_S
        self._ending = {name: at for name, at in self._ending.items() if name in known and at > since}
        return sorted(known - self._ending.keys(), key=lambda name: (len(name), name))

    def _running(self) -> Mapping[str, int]:
        """Tasks that run, by executor; asked of the scheduler itself: the status store is told later."""
        tasks = self._java(self._context.taskScheduler().runningTasksByExecutors())
        return {str(name): int(tasks[name]) for name in tasks}

    def _java(self, collection: Any) -> Any:
        return self._jvm.scala.jdk.javaapi.CollectionConverters.asJava(collection)


def can_scale(spark: SparkSession) -> bool:
    """Whether the cluster manager takes requests for executors; that of local mode does not."""
    client = jvm_of(spark).java.lang.Class.forName("org.apache.spark.ExecutorAllocationClient")
    context: Any = spark.sparkContext._jsc.sc()
    return bool(client.isInstance(context.schedulerBackend()))
