"""Memory that executors were given, against what they used. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from launcher.records.history.facts.memory_facts import memory_facts
from launcher.report.page.markup import Markup, tag
from launcher.report.report import Report
from launcher.spec.units import MIB, human_bytes, size_mib

MEASURE = "spark.eventLog.logStageExecutorMetrics=true and spark.executor.processTreeMetrics.enabled=true"
LEAST_OVERHEAD_MIB, OVERHEAD_FACTOR = 384, 0.1


@dataclass(frozen=True)
class Bar:
    """One kind of memory.

    Attributes:
        name: of it.
        given: bytes; ``None`` where the log does not tell.
        used: the most on one executor, bytes; ``None`` where nobody measured.
        inner: of it execution and storage.
    """

    name: str
    given: int | None
    used: int | None
    inner: int | None = None


def memory_panel(report: Report) -> Iterator[Markup]:
    """Bars, and what they mean."""
    bars = [bar for bar in memory_bars(report) if bar.used is not None]
    peak = max((row.peak_bytes for row in report.stages), default=0)
    if not bars:
        yield tag(
            "p",
            f"Nobody measured memory in this run. Set {MEASURE} to see it next time.",
            class_="quiet",
        )
    else:
        most = max(max(bar.used or 0, bar.given or 0) for bar in bars)
        yield tag("div", [_bar(bar, most) for bar in bars], class_="bars")
        yield from _advice(report)
    if peak:
        yield tag("p", f"One task held {human_bytes(peak)} of execution memory at most.", class_="quiet")


def memory_bars(report: Report) -> list[Bar]:
    """What was given and used, heap first."""
    view = report.view
    facts = memory_facts(view.trace, 0.0, 0)
    if facts is None:
        return []
    most = facts.most
    key = "spark.driver.memory" if view.is_local else "spark.executor.memory"
    heap = _mib(view.conf(key, "1g"))
    overhead = view.conf("spark.executor.memoryOverhead")
    given = _mib(overhead) if overhead else max(LEAST_OVERHEAD_MIB, round((heap or 0) * OVERHEAD_FACTOR))
    bars = [Bar("Heap", _bytes(heap), most.heap, most.unified)]
    if not view.is_local:
        bars.append(Bar("Python workers, of the overhead", _bytes(given), most.python_rss or None))
    if most.off_heap:
        bars.append(
            Bar("Off the heap", _bytes(_mib(view.conf("spark.memory.offHeap.size", "0"))), most.off_heap)
        )
    return bars


def _advice(report: Report) -> Iterator[Markup]:
    stages = report.stages
    run = sum(stage.task_seconds for stage in stages) or 1.0
    gc_share = sum(stage.gc_share * stage.task_seconds for stage in stages) / run
    spilled = sum(stage.spilled_bytes for stage in stages)
    facts = memory_facts(report.view.trace, gc_share, spilled)
    if facts is not None and facts.heap_need is not None:
        sure = "nothing spilled and little was collected"
        if spilled:
            sure = f"but {human_bytes(spilled)} went to disk for want of memory, so less would not do"
        elif not facts.confirmed:
            sure = f"but collecting garbage took {gc_share:.0%} of the tasks' time, so that is not proved"
        yield tag(
            "p",
            f"Execution and storage ask for a heap of {human_bytes(facts.heap_need)}, with a margin; {sure}. "
            "The heap in use fills whatever it is given.",
            class_="quiet",
        )


def _bar(bar: Bar, most: int) -> Markup:
    used, given = bar.used or 0, bar.given
    share = f"{used / given:.0%} of it" if given else "given: not known"
    text = (
        f"{human_bytes(used)} used of {human_bytes(given)}, {share}" if given else f"{human_bytes(used)} used"
    )
    inner = f"; {human_bytes(bar.inner)} of it execution and storage" if bar.inner else ""
    fills = [
        tag("span", "", class_="given", style=f"width:{100 * (given or 0) / most:.1f}%"),
        tag("span", "", class_="used", style=f"width:{100 * used / most:.1f}%"),
    ]
    if bar.inner:
        fills.append(tag("span", "", class_="inner", style=f"width:{100 * bar.inner / most:.1f}%"))
    return tag(
        "div",
        tag("div", tag("b", bar.name), f" {text}{inner}", class_="bar-title"),
        tag("div", fills, class_="bar"),
    )


def _mib(text: str) -> int | None:
    try:
        return size_mib(text)
    except ValueError:
        return None


def _bytes(mib: int | None) -> int | None:
    return None if mib is None else mib * MIB
