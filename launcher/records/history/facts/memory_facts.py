"""What memory an application needed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from heapq import nlargest

from launcher.records.history.facts.facts import MOST_EXECUTORS, Memory
from launcher.records.history.trace import Peaks, Trace

DRIVER = "driver"
# UnifiedMemoryManager.RESERVED_SYSTEM_MEMORY_BYTES
RESERVED_BYTES = 300 << 20
FRACTION_KEY, FRACTION = "spark.memory.fraction", 0.6
MARGIN = 0.25
# Above it a heap is too small (the bound of Dr. Elephant).
MOST_GC_SHARE = 0.08


def memory_facts(trace: Trace, gc_share: float, spilled_bytes: int) -> Memory | None:
    """The peaks and what they ask for; ``None`` where nobody measured.

    Args:
        trace: the application.
        gc_share: share of run time that went to collecting garbage.
        spilled_bytes: what was spilled to disk.
    """
    own = {one.id for one in trace.executors} or set(trace.peaks)
    executors = {name: peaks for name, peaks in trace.peaks.items() if name in own}
    if not executors:
        return None
    most = Peaks(**{field.name: _most(executors, field.name) for field in fields(Peaks)})
    kept = nlargest(MOST_EXECUTORS, executors, key=lambda name: executors[name].heap or 0)
    return Memory(
        most=most,
        executors={name: executors[name] for name in executors if name in set(kept)},
        heap_need=heap_need(most.unified, trace.conf or {}),
        confirmed=gc_share <= MOST_GC_SHARE and not spilled_bytes,
    )


def heap_need(unified: int | None, conf: Mapping[str, str]) -> int | None:
    """The heap in which the most unified memory fits with a margin: (heap - 300 MiB) x fraction holds it."""
    if unified is None:
        return None
    try:
        fraction = float(conf.get(FRACTION_KEY, FRACTION))
    except ValueError:
        fraction = FRACTION
    return RESERVED_BYTES + round(unified * (1 + MARGIN) / (fraction if 0 < fraction < 1 else FRACTION))


def _most(executors: Mapping[str, Peaks], name: str) -> int | None:
    known = [value for peaks in executors.values() if (value := getattr(peaks, name)) is not None]
    return max(known, default=None)
