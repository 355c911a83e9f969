"""Memory from the peaks that were seen: one step down at a time, never below them plus a margin. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from launcher.advice.prediction.basis import is_local
from launcher.advice.prediction.price import JVM_SHARE, LEAST_OVERHEAD_MIB, overhead_share
from launcher.advice.tuning.past import RAPIDS, Past
from launcher.records.history.facts.facts import Memory
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
LEAST_HEAP_MIB = 1024
# What is saved below this is not worth a change.
LEAST_SAVING_MIB = 256


@dataclass(frozen=True)
class MemoryStep:
    """One setting, before (``None`` where nobody set it) and after, and why."""

    key: str
    before: str | None
    after: str
    why: str


def memory_steps(trace: Trace, pasts: Sequence[Past]) -> tuple[MemoryStep, ...]:
    """What of an executor's memory may be given back.

    Args:
        trace: the newest run that counts.
        pasts: all known runs of the job, the newest first.
    """
    if wanted_more(pasts):
        return ()
    conf = trace.conf or {}
    # There the driver is the executor, or host memory is RAPIDS' own, which no peak tells.
    if is_local(conf.get("spark.master", "")) or RAPIDS in conf.get("spark.plugins", ""):
        return ()
    memory = _facts(trace)
    if memory is None or not memory.confirmed:
        return ()
    # Peaks differ from run to run: what any of them needed must be there.
    others = [past.basis.trace for past in pasts if past.basis.trace is not trace]
    heap = _most([memory.heap_need, *(found.heap_need for one in others if (found := _facts(one)))])
    outside = _outside_mib(trace, conf)
    if outside is not None:
        outside = _most([outside, *(_outside_mib(one, one.conf or {}) for one in others)])
    return (*_heap(conf, heap), *_overhead(conf, outside))


def _facts(trace: Trace) -> Memory | None:
    return memory_facts(trace, gc_share_of(trace.stages), 0)


def _most(needs: Sequence[int | None]) -> int | None:
    return max((need for need in needs if need is not None), default=None)


def _heap(conf: Mapping[str, str], need_bytes: int | None) -> Iterator[MemoryStep]:
    now = _mib(conf, HEAP)
    if now is None or need_bytes is None:
        return
    need = max(LEAST_HEAP_MIB, -(-need_bytes // MIB))
    for step in _step(HEAP, conf[HEAP], now, need, "unified memory at its peak with a margin"):
        yield step
        if OVERHEAD not in conf and conf.get("spark.master", "").startswith(("yarn", "k8s")):
            kept = max(LEAST_OVERHEAD_MIB, int(now * overhead_share(conf)))
            why = "as much as so far: by default it would shrink with the heap, and nobody measured that"
            yield MemoryStep(OVERHEAD, None, mib_text(kept), why)


def _overhead(conf: Mapping[str, str], need: int | None) -> Iterator[MemoryStep]:
    now = _mib(conf, OVERHEAD)
    if now is not None and need is not None:
        what = "what the JVM takes beside its heap, and Python at its peak and a quarter,"
        yield from _step(OVERHEAD, conf[OVERHEAD], now, need, what)


def _mib(conf: Mapping[str, str], key: str) -> int | None:
    try:
        return size_mib(conf[key]) if key in conf else None
    except ValueError:
        return None


def _step(key: str, before: str, now: int, need: int, what: str) -> Iterator[MemoryStep]:
    after = max(need, round(now * (1 - STEP)))
    if now - after < LEAST_SAVING_MIB:
        return
    why = f"{what} needs {need} MiB of {now} MiB; one step of {STEP:.0%} at a time, never below that"
    yield MemoryStep(key, before, mib_text(after), why)


def _outside_mib(trace: Trace, conf: Mapping[str, str]) -> int | None:
    """What one executor needs beside its heap, MiB; ``None`` where nobody measured Python.

    The JVM's part is not told apart from its heap: it has what Spark would give it, and what its resident
    memory was above its heap.
    """
    python = [peaks.python_rss for peaks in trace.peaks.values() if peaks.python_rss is not None]
    if not python:
        return None
    heap = _mib(conf, HEAP) or LEAST_HEAP_MIB
    resident = max((peaks.jvm_rss or 0 for peaks in trace.peaks.values()), default=0)
    jvm = max(LEAST_OVERHEAD_MIB, int(heap * JVM_SHARE), -(-resident // MIB) - heap)
    return jvm + -(-round(max(python) * (1 + MARGIN)) // MIB)


def wanted_more(pasts: Sequence[Past]) -> bool:
    """Whether a run of the job ran out of memory or spilled, or the newest ended badly for whatever reason.

    None of that is evidence that less would do.
    """
    starved = any(may_have_run_out(past.basis.trace) or spilled(past.basis.trace) for past in pasts)
    return starved or any(not past.succeeded for past in pasts[:1])


def spilled(trace: Trace) -> bool:
    """Whether anything went to disk for want of memory."""
    return any(sum(stage.tasks.spilled_bytes) for stage in trace.stages)
