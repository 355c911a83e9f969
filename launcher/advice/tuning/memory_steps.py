"""Memory from the peaks that were seen: one step down at a time, never below them plus a margin. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from launcher.advice.tuning.past import Past
from launcher.records.history.facts.memory_ends import may_have_run_out
from launcher.records.history.facts.memory_facts import memory_facts
from launcher.records.history.facts.stage_facts import gc_share_of
from launcher.records.history.trace import Trace
from launcher.spec.units import MIB, mib_text, size_mib

HEAP, OVERHEAD = "spark.executor.memory", "spark.executor.memoryOverhead"
# One step: a quarter less.
STEP = 0.25
# Memory outside the heap, beside what was seen of it.
MARGIN = 0.25
LEAST_HEAP_MIB, LEAST_OVERHEAD_MIB = 1024, 384
# What is saved below this is not worth a change.
LEAST_SAVING_MIB = 256


@dataclass(frozen=True)
class MemoryStep:
    """One setting, before and after, and why."""

    key: str
    before: str
    after: str
    why: str


def memory_steps(trace: Trace, pasts: Sequence[Past]) -> tuple[MemoryStep, ...]:
    """What of an executor's memory may be given back.

    Args:
        trace: the newest run that counts.
        pasts: all known runs of the job: after one that died of memory or spilled nothing is given back.
    """
    if any(may_have_run_out(past.basis.trace) or spilled(past.basis.trace) for past in pasts):
        return ()
    conf = trace.conf or {}
    # There the driver is the executor, or host memory is RAPIDS' own, which no peak tells.
    if conf.get("spark.master", "").startswith("local") or "com.nvidia" in conf.get("spark.plugins", ""):
        return ()
    memory = memory_facts(trace, gc_share_of(trace.stages), 0)
    if memory is None or not memory.confirmed:
        return ()
    return tuple(_steps(conf.get(HEAP), conf.get(OVERHEAD), memory.heap_need, _outside(trace)))


def _steps(
    heap: str | None, overhead: str | None, need_bytes: int | None, outside_bytes: int | None
) -> Iterator[MemoryStep]:
    if heap is not None and need_bytes is not None:
        yield from _step(HEAP, heap, need_bytes, LEAST_HEAP_MIB, "unified memory at its peak with a margin")
    if overhead is not None and outside_bytes is not None:
        need = round(outside_bytes * (1 + MARGIN))
        yield from _step(OVERHEAD, overhead, need, LEAST_OVERHEAD_MIB, "Python at its peak and a quarter")


def _step(key: str, before: str, need_bytes: int, least_mib: int, what: str) -> Iterator[MemoryStep]:
    try:
        now = size_mib(before)
    except ValueError:
        return
    need = max(least_mib, -(-need_bytes // MIB))
    after = max(need, round(now * (1 - STEP)))
    if now - after < LEAST_SAVING_MIB:
        return
    why = f"{what} needs {need} MiB of {now} MiB; one step of {STEP:.0%} at a time, never below that"
    yield MemoryStep(key, before, mib_text(after), why)


def _outside(trace: Trace) -> int | None:
    """The most of Python on one executor, bytes; the JVM's own share is not told apart from its heap."""
    seen = [peaks.python_rss for peaks in trace.peaks.values() if peaks.python_rss is not None]
    return max(seen, default=None)


def spilled(trace: Trace) -> bool:
    """Whether anything went to disk for want of memory."""
    return any(sum(stage.tasks.spilled_bytes) for stage in trace.stages)
