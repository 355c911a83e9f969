"""Whether a failed attempt is tried again, and with what. Pure.

Too little memory: one more attempt, with one setting changed by one step:

================== ============================================== ==========================
too small          changed                                        step
================== ============================================== ==========================
executor heap      ``spark.executor.memory``, else fewer cores     x 1.5, else half the cores
executor overhead  ``spark.executor.memoryOverhead``, else cores   x 2, else half the cores
driver heap        ``spark.driver.memory``                         x 1.5
driver overhead    ``spark.driver.memoryOverhead``                 x 2
================== ============================================== ==========================

In local mode the driver is the only executor. A step ends at the bound of the node, the machine and the
limits; less than a tenth more is no step. What somebody pinned is never changed. Other causes that pass by
themselves are tried again as often as the job asks, with the same settings. A stream is started again after
a pause that doubles with each time; an hour's health lets it begin anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from launcher.records.learnt_memory import CORES, STEPS, Memory
from launcher.records.record import Attempt, Explanation
from launcher.runs.bounds import SPARK_HEAP_MIB, Bounds, most_heap_mib, overhead_mib, setting_mib
from launcher.runs.explain.causes import BY_ID
from launcher.spec.cluster import DeployMode, Manager
from launcher.spec.units import mib_text

LEAST_STEP = 1.1
# Between two starts of a stream, seconds.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
HEALTHY_S = 3600.0


@dataclass(frozen=True)
class RetryContext:
    """What a run has and may have.

    Attributes:
        manager: who hands out executors.
        mode: where the driver runs.
        settings: of the attempt that failed.
        pinned: keys that somebody set; they are never changed.
        bounds: the most that may be asked for.
        retries: how often a failure that passes by itself is tried again.
        restarts: of a stream, how often it is started again within an hour; it takes the place of
            ``retries``.
    """

    manager: Manager
    mode: DeployMode
    settings: Mapping[str, str]
    pinned: Collection[str]
    bounds: Bounds
    retries: int = 0
    restarts: int = 0


@dataclass(frozen=True)
class Change:
    """The one setting that the next attempt has otherwise.

    Attributes:
        key: the Spark key.
        before: its value so far; ``None`` = Spark's default.
        after: its value from now on.
    """

    key: str
    before: str | None
    after: str

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.key} {self.before or 'unset'} -> {self.after}"


@dataclass(frozen=True)
class Decision:
    """What follows a failed attempt.

    Attributes:
        again: it is tried again.
        because: why, or why not, for people.
        change: what the next attempt has otherwise; ``None`` = the same settings.
        pause_s: how long to wait before it, seconds.
    """

    again: bool
    because: str
    change: Change | None = None
    pause_s: float = 0.0


def decide(attempts: Sequence[Attempt], explanation: Explanation, context: RetryContext) -> Decision:
    """Decide on another attempt.

    Args:
        attempts: all so far; the last one failed. After one with ``changed`` came one with more memory.
        explanation: why it failed.
        context: what the run has and may have.
    """
    cause = BY_ID.get(explanation.cause)
    if cause is None:
        return Decision(False, "the cause is not known")
    if cause.memory is not None:
        return _with_more(attempts, cause.memory, context)
    if not cause.retry:
        return Decision(False, f"another attempt does not mend {cause.id}")
    if context.restarts:
        return _restarted(attempts, cause.id, context.restarts)
    # Those for want of memory have their own one attempt and cost no retry.
    spent = sum(attempt.changed is None for attempt in attempts) - 1
    if spent >= context.retries:
        return Decision(False, f"{cause.id} may pass by itself; retries: {context.retries}, used {spent}")
    return Decision(True, f"{cause.id} may pass by itself; retry {spent + 1} of {context.retries}")


def _restarted(attempts: Sequence[Attempt], cause: str, most: int) -> Decision:
    spent = restarts_spent(attempts)
    if spent >= most:
        return Decision(False, f"{cause} may pass by itself; restarts: {most}, used {spent} within an hour")
    pause_s = min(FIRST_PAUSE_S * 2**spent, LONGEST_PAUSE_S)
    return Decision(True, f"{cause} may pass by itself; restart {spent + 1} of {most}", pause_s=pause_s)


def restarts_spent(attempts: Sequence[Attempt]) -> int:
    """How often a stream was started again since it last was well for an hour.

    Args:
        attempts: all so far, the last one has just ended.
    """
    spent = 0
    for attempt in reversed(attempts):
        if (attempt.seconds or 0.0) >= HEALTHY_S:
            break
        spent += 1
    else:
        spent -= 1  # nothing had failed before the first
    return spent


def with_decision(explanation: Explanation, decision: Decision) -> Explanation:
    """The explanation of a want of memory, with why no other attempt has more of it."""
    cause = BY_ID.get(explanation.cause)
    if decision.again or cause is None or cause.memory is None:
        return explanation
    hint = f"{explanation.hint} Not tried again: {decision.because}."
    return msgspec.structs.replace(explanation, hint=hint)


def _with_more(attempts: Sequence[Attempt], memory: Memory, context: RetryContext) -> Decision:
    if any(attempt.changed for attempt in attempts):
        return Decision(False, "it was tried once with more memory already")
    if context.manager == "local":
        memory = "driver heap"
    if memory == "driver overhead" and context.mode == "client":
        return Decision(False, "the driver runs on this machine, where no container limits it")
    refused = []
    for step in _ways(memory, context):
        if isinstance(step, Change):
            return Decision(
                True, f"too little {memory}: {step.key} {step.before or 'unset'} -> {step.after}", step
            )
        refused.append(step)
    return Decision(False, "; ".join(refused))


def _ways(memory: Memory, context: RetryContext) -> list[Change | str]:
    """The steps for a memory, the first choice first; a text says why one cannot be taken."""
    key, factor = STEPS[memory]
    if key.startswith("spark.driver."):
        return [_driver_step(key, factor, context)]
    return [_executor_step(key, factor, context), _fewer_cores(context)]


def _driver_step(key: str, factor: float, context: RetryContext) -> Change | str:
    bound, why = context.bounds.driver_mib, context.bounds.driver_why
    if context.mode == "client":
        return _more(key, _heap(key, context), factor, bound, context, why)
    return _beside_each_other(key, factor, context, bound, why)


def _executor_step(key: str, factor: float, context: RetryContext) -> Change | str:
    bound = context.bounds.executor_mib - setting_mib(context.settings, "spark.executor.pyspark.memory", 0)
    if context.settings.get("spark.memory.offHeap.enabled") == "true":
        bound -= setting_mib(context.settings, "spark.memory.offHeap.size", 0, bare=1)
    return _beside_each_other(key, factor, context, bound, context.bounds.executor_why)


def _beside_each_other(key: str, factor: float, context: RetryContext, bound: int, why: str) -> Change | str:
    """A step of a heap, or of the overhead beside it; together they keep to the bound."""
    heap, prefix = _heap(key, context), key.rpartition(".")[0]
    if key.endswith("Overhead"):
        overhead = overhead_mib(context.settings, prefix, heap, context.manager)
        return _more(key, overhead, factor, bound - heap, context, why)
    return _more(
        key, heap, factor, most_heap_mib(context.settings, prefix, bound, context.manager), context, why
    )


def _heap(key: str, context: RetryContext) -> int:
    return setting_mib(context.settings, f"{key.rpartition('.')[0]}.memory", SPARK_HEAP_MIB)


def _more(key: str, before: int, factor: float, room: int, context: RetryContext, why: str) -> Change | str:
    if key in context.pinned:
        return f"{key} is pinned to {context.settings.get(key)}"
    after = min(int(before * factor), room)
    if after < before * LEAST_STEP:
        return f"{key} of {mib_text(before)} cannot grow: {why}"
    return Change(key, context.settings.get(key), mib_text(after))


def _fewer_cores(context: RetryContext) -> Change | str:
    before = context.settings.get(CORES)
    if CORES in context.pinned:
        return f"{CORES} is pinned to {before}"
    after = int(before) // 2 if before is not None and before.isdecimal() else 0
    cpus = context.settings.get("spark.task.cpus", "1")
    if after < (int(cpus) if cpus.isdecimal() else 1):
        return f"{CORES} of {before or 'unset'} cannot be less"
    return Change(CORES, before, str(after))
