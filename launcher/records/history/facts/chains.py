"""Gaps between jobs, and the longest chain through them: the time that no executor buys. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.records.history.facts.facts import Gap
from launcher.records.history.trace import Job, Stage, Trace


@dataclass(frozen=True)
class Chain:
    """The application with as many executors as it can use, ms.

    Attributes:
        critical_ms: in tasks, one after the other.
        driver_ms: before, between and after the jobs of that chain.
    """

    critical_ms: int
    driver_ms: int


def owners(trace: Trace) -> dict[int, int]:
    """The job that runs a stage, by number of the stage: the first one that has it."""
    found: dict[int, int] = {}
    for job in trace.jobs:
        for stage in job.stages:
            found.setdefault(stage, job.id)
    return found


def gaps(trace: Trace, end_ms: int) -> list[Gap]:
    """Times without any job, in order of time."""
    found, clear = [], trace.start_ms
    for job in trace.jobs:
        if job.start_ms > clear:
            found.append(_gap(trace, clear, job.start_ms))
        clear = max(clear, _end(job, end_ms))
    if end_ms > clear:
        found.append(_gap(trace, clear, end_ms))
    return found


def _gap(trace: Trace, start: int, end: int) -> Gap:
    return Gap((start - trace.start_ms) / 1000, (end - start) / 1000)


def _end(job: Job, end_ms: int) -> int:
    return end_ms if job.end_ms is None else max(job.end_ms, job.start_ms)


def longest_chain(trace: Trace, end_ms: int) -> Chain:
    """The way through the jobs that ends last when each takes its longest chain of tasks alone.

    A job waits for the last one that had ended before it, and for the driver as long as it did.
    """
    lengths = _job_lengths(trace)
    ended = sorted(trace.jobs, key=lambda job: _end(job, end_ms))
    begins: dict[int, tuple[int, Chain]] = {}  # end of the job in that world, and the way to it
    waiting = 0
    last: Job | None = None
    for job in trace.jobs:
        while waiting < len(ended) and _end(ended[waiting], end_ms) <= job.start_ms:
            if ended[waiting].id in begins:
                last = ended[waiting]
            waiting += 1
        before, way = begins[last.id] if last is not None else (trace.start_ms, Chain(0, 0))
        gap = job.start_ms - (_end(last, end_ms) if last is not None else trace.start_ms)
        length = lengths.get(job.id, 0)
        begins[job.id] = (before + gap + length, Chain(way.critical_ms + length, way.driver_ms + gap))
    if not begins:
        return Chain(0, max(0, end_ms - trace.start_ms))
    _, way = max(begins.values(), key=lambda found: found[0])
    tail = end_ms - max(_end(job, end_ms) for job in trace.jobs)
    return Chain(way.critical_ms, way.driver_ms + max(0, tail))


def _job_lengths(trace: Trace) -> dict[int, int]:
    """The longest chain of tasks of each job, ms."""
    owner = owners(trace)
    longest: dict[int, int] = {}
    parents: dict[int, tuple[int, ...]] = {}
    for stage in trace.stages:  # a stage that ran again had to
        longest[stage.id] = longest.get(stage.id, 0) + _longest(stage)
        parents[stage.id] = stage.parents
    paths: dict[int, int] = {}
    lengths: dict[int, int] = {}
    for number in sorted(longest):  # parents have lower numbers
        before = (
            paths[one] for one in parents[number] if one in paths and owner.get(one) == owner.get(number)
        )
        paths[number] = longest[number] + max(before, default=0)
        job = owner.get(number, -1)
        lengths[job] = max(lengths.get(job, 0), paths[number])
    return lengths


def _longest(stage: Stage) -> int:
    """The partition whose attempts took longest, one after the other."""
    tasks = stage.tasks
    spent: dict[int, int] = {}
    for row, index in enumerate(tasks.index):
        if not tasks.speculative[row]:
            spent[index] = spent.get(index, 0) + tasks.finish_ms[row] - tasks.launch_ms[row]
    return max(spent.values(), default=0)
