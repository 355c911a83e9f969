"""The answer: settings with reasons, the executors they make, what the linter found."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.plan_request import History
from launcher.planning.setting import Setting
from launcher.spec.application import Application
from launcher.spec.cluster import Cluster
from launcher.spec.finding import Finding
from sparkjobs.errors import UsageError
from sparkjobs.strategies import Strategy


@dataclass(frozen=True)
class Executors:
    """The executors of a plan; in local mode the one driver that is its own executor.

    Attributes:
        min: fewest.
        initial: at the start.
        max: most.
        cores: of one.
        heap_mib: of one.
        overhead_mib: memory of one outside the heap: Python workers, pinned and spill memory, native buffers.
        per_node: how many fit a node.
        gpus: GPUs of one.
        pyspark_mib: memory of one that ``spark.executor.pyspark.memory`` grants on top; 0 when it is not set.
        offheap_mib: memory of one that ``spark.memory.offHeap.size`` grants on top; 0 when it is off.
        left_cores: cores of a node that stay free beside its executors and what is reserved.
        left_mib: memory of a node that stays free likewise.
        room: executors that cluster and limits allow; 0 where nobody knows.
    """

    min: int
    initial: int
    max: int
    cores: int
    heap_mib: int
    overhead_mib: int
    per_node: int
    gpus: int = 0
    pyspark_mib: int = 0
    offheap_mib: int = 0
    left_cores: int = 0
    left_mib: int = 0
    room: int = 0

    @property
    def total_mib(self) -> int:
        """Memory of one executor as its node sees it."""
        return self.heap_mib + self.overhead_mib + self.pyspark_mib + self.offheap_mib


@dataclass(frozen=True)
class Decided:
    """What is known once every setting of a plan is put.

    Attributes:
        executors: what the settings amount to.
        gpu: why GPUs are used, or not; empty on clusters without.
        findings: what of the input and the cluster does not fit together.
    """

    executors: Executors
    gpu: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan.

    Attributes:
        application: what runs.
        cluster: where.
        settings: every Spark setting, grouped and in order.
        executors: what the settings amount to.
        findings: what does not fit together, and what the linter found in the settings.
        gpu: why GPUs are used, or not; empty on clusters without.
        strategies: the way of each operator of a job that is known, as the job itself will choose it.
        history: what earlier runs of the same job said.
    """

    application: Application
    cluster: Cluster
    settings: tuple[Setting, ...]
    executors: Executors
    findings: tuple[Finding, ...]
    gpu: str = ""
    strategies: tuple[Strategy, ...] = ()
    history: History | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings with which nothing may be submitted."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def value(self, key: str) -> str | None:
        """The value of a key; ``None`` when the plan leaves it to Spark."""
        return next((setting.value for setting in self.settings if setting.key == key), None)


def refuse_errors(plan: Plan) -> None:
    """Refuse a plan in which the linter found an error.

    Raises:
        UsageError: every error, one a line.
    """
    if plan.errors:
        message = "\n".join(f"{finding.id}: {finding.message}" for finding in plan.errors)
        raise UsageError(message, " ".join(finding.fix for finding in plan.errors))
