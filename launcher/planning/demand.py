"""How much memory the work of one executor can use: no executor needs to fill its node for a small input."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.pinned import Pinned
from launcher.planning.work import Work, worth
from launcher.spec.application import Application
from launcher.spec.cluster import Limits, Nodes
from launcher.spec.units import MIB

# Spark's own default is a heap of 1 GiB for one core.
LEAST_HEAP_PER_CORE_MIB = 1024
# spark.memory.fraction leaves 0.6 of a heap to rows, and rows as objects take 2 to 5 times their bytes
# (Spark: Tuning, Memory): 5 / 0.6 for what tasks work on, 3 / 0.6 for what is kept, which is packed.
WORKED_ON, KEPT = 8, 5


@dataclass(frozen=True)
class Demand:
    """What is to be done, as far as it decides memory.

    Attributes:
        application: what runs; streams and inputs of unknown size may use all there is.
        todo: its tasks.
        partition_mib: size of a shuffle partition.
        most: executors that pins allow; ``None`` = any number.
    """

    application: Application
    todo: Work
    partition_mib: int
    most: int | None = None

    def heap_mib(self, cores: int, per_node: int, nodes: Nodes, limits: Limits) -> int | None:
        """The heap that an executor of ``cores`` cores can use; ``None`` when nobody knows."""
        if self.todo.plain_bytes is None or self.todo.tasks is None or self.application.streaming:
            return None
        plain_mib = -(-self.todo.plain_bytes // MIB)
        tasks = max(self.todo.tasks, worth(self.application.input))
        each = max(-(-plain_mib // tasks), min(self.partition_mib, plain_mib))
        executors = self._executors(cores, per_node, nodes, limits, tasks)
        return max(cores * max(LEAST_HEAP_PER_CORE_MIB, WORKED_ON * each), -(-KEPT * plain_mib // executors))

    def _executors(self, cores: int, per_node: int, nodes: Nodes, limits: Limits, tasks: int) -> int:
        ways = [nodes.most * per_node, -(-tasks // cores)]
        ways += [number for number in (self.most, limits.max_executors) if number is not None]
        if limits.max_total_cores is not None:
            ways.append(limits.max_total_cores // cores)
        return max(1, min(ways))


def demand(application: Application, todo: Work, partition_mib: int, pins: Pinned) -> Demand:
    """What is to be done with what somebody fixed."""
    keys = ("spark.executor.instances", "spark.dynamicAllocation.maxExecutors")
    fixed = [number for key in keys if (number := pins.number(key, least=0)) is not None]
    return Demand(application, todo, partition_mib, min(fixed, default=None))
