"""A stage whose last partitions ran alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from launcher.advice.allocation.allocation_settings import version_of
from launcher.report.findings.loss import Loss, listed, named, seconds_text
from launcher.report.findings.partition_keys import (
    AQE,
    PARALLEL,
    PARTITIONS,
    SPLIT,
    is_adaptive,
    without_sql,
)
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView
from launcher.report.view.steps import Ints
from launcher.spec.units import human_bytes

# As many times the median makes a partition stand out; the same factor tells its bytes from the others'.
FACTOR = 3.0
LEAST_MS = 300
# Others on the same executor that took so many times the median tell that it was slow.
SLOW = 1.5
SKEW_JOIN = "spark.sql.adaptive.skewJoin.enabled"
SKEW_JOIN_SINCE = (3, 0)
SKEW_BYTES = "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes"
SPECULATION = "spark.speculation"
_DATA = ("shuffle_read_bytes", "read_bytes", "shuffle_read_rows", "read_rows")


def skew(view: RunView, stage: StageView) -> Iterator[Loss]:
    """Seconds lost: the time from the end of the last usual task to the end of the stage, times the share of
    all slots that stood idle in it; so much sooner would the rest have been done, spread evenly.
    """
    outliers = _outliers(stage)
    if not len(outliers):
        return
    spans, median = stage.spans, float(np.median(stage.spans))
    usual = np.delete(stage.of("finish_ms"), outliers)
    since = int(usual.max(initial=stage.begin))
    idle = view.idle_slots.between(since, stage.end) / max(1.0, view.slots.between(since, stage.end))
    lost = min(1.0, idle) * max(0, stage.end - since) / 1000
    partitions = stage.of("index")[outliers].tolist()
    times = f"{seconds_text(int(spans[outliers[0]]) / 1000)} against {seconds_text(median / 1000)} (median)"
    where = f"{named(stage.stage)}: partition {listed(partitions)}" if len(partitions) == 1 else (
        f"{named(stage.stage)}: partitions {listed(partitions)}"
    )  # fmt: skip
    took = "took" if len(partitions) == 1 else "took up to"
    waited = _waited_ms(stage, outliers)
    if waited is not None:
        message = f"{where} {took} {times}, {seconds_text(waited / 1000)} of it before and after its own run"
        keys, fix = _again(view, "Look at its executor, which may have been starting or slow")
        yield Loss("skew", lost, keys, message, fix)
        return
    name = _stands_out(stage, outliers)
    if name is not None and not _by_far(stage, outliers, name) and _is_on_a_slow_one(stage, outliers):
        keys, fix = _again(view, "Look at that host")
        why = "its executor was slow, for its other tasks were too"
        yield Loss("skew", lost, keys, f"{where} {took} {times}: {why}", fix)
        return
    if name is None and any(int(stage.of(one).max(initial=0)) for one in _DATA):
        why, keys, fix = _no_more_data(view, stage, outliers)
        message = f"{where} {took} {times} with no more data than the others: {why}"
        yield Loss("skew", lost, keys, message, fix)
        return
    keys, fix = _advice(view, stage, name)
    yield Loss("skew", lost, keys, f"{where} {took} {times}, {_amounts(stage, outliers, name)}", fix)


def _outliers(stage: StageView) -> Ints:
    """Places of the tasks that stand out, the longest first; none where half of them do."""
    spans = stage.spans
    if len(spans) < 3:
        return np.empty(0, np.int64)
    bound = max(FACTOR * float(np.median(spans)), float(np.median(spans)) + LEAST_MS)
    out = np.flatnonzero(spans > bound)
    ordered: Ints = out[np.argsort(-spans[out], kind="stable")]
    return ordered if 2 * len(ordered) < len(spans) else np.empty(0, np.int64)


def _waited_ms(stage: StageView, outliers: Ints) -> int | None:
    """What the longest waited for its executor, its code, or the fetching of its result.

    ``None`` where it ran much of its time, or nothing tells.
    """
    span, ran = int(stage.spans[outliers[0]]), int(stage.of("run_ms")[outliers[0]])
    return span - ran if 0 < ran * FACTOR < span else None


def _stands_out(stage: StageView, outliers: Ints) -> str | None:
    """The amount of data by which the longest stands out; ``None``: by none.

    It does as time does, or by half as much as its time: then data made most of it.
    """
    longest = outliers[0]
    bound = min(FACTOR, int(stage.spans[longest]) / max(1.0, float(np.median(stage.spans))) / 2)
    for name in _DATA:
        values = stage.of(name)
        if int(values[longest]) >= bound * max(float(np.median(values)), 1.0):
            return name
    return None


def _by_far(stage: StageView, outliers: Ints, name: str) -> bool:
    """Whether the amount of the longest stands out as its time does, not only by half as much."""
    values = stage.of(name)
    return int(values[outliers[0]]) >= FACTOR * max(float(np.median(values)), 1.0)


def _is_on_a_slow_one(stage: StageView, outliers: Ints) -> bool | None:
    """Whether the executor of the longest was slow at its other tasks; ``None``: it had none."""
    longest, executor = outliers[0], stage.of("executor")
    beside = np.delete(stage.spans, longest)[np.delete(executor, longest) == executor[longest]]
    return float(np.median(beside)) > SLOW * float(np.median(stage.spans)) if len(beside) else None


def _again(view: RunView, look: str) -> tuple[tuple[str, ...], str]:
    """What to do about an executor: have its tasks done again elsewhere, unless Spark does so already."""
    if view.is_on(SPECULATION):
        return (), f"{look}."
    return (SPECULATION,), f"Set {SPECULATION}=true, or {look[0].lower()}{look[1:]}."


def _no_more_data(view: RunView, stage: StageView, outliers: Ints) -> tuple[str, tuple[str, ...], str]:
    """What made a task long that has the others' data: by those that its executor ran beside it."""
    whose = "its" if len(outliers) == 1 else "their"
    slow = _is_on_a_slow_one(stage, outliers)
    if slow:
        return f"{whose} executor was slow", *_again(view, "Look at that host")
    if slow is None:
        keys, fix = _again(view, "Look at that host")
        fix = f"{fix[:-1]}; where the next run has it too, repartition."
        return f"{whose} executor was slow, or {whose} rows take more work", keys, fix
    return (
        f"{whose} rows take more work",
        (),
        "Add a salt to the key or repartition, and look at what grows within a task: joins that multiply "
        "rows, long texts, UDFs.",
    )


def _amounts(stage: StageView, outliers: Ints, name: str | None) -> str:
    if name is None:  # what no shuffle and no file gave, such as rows from a range
        return "the log tells no amounts of data"
    values = stage.of(name)
    most, median = int(values[outliers[0]]), round(float(np.median(values)))
    if name.endswith("bytes"):
        return f"{human_bytes(most)} of data against {human_bytes(median)}"
    return f"{most:,} rows against {median:,}"


def _advice(view: RunView, stage: StageView, name: str | None) -> tuple[tuple[str, ...], str]:
    if without_sql(view, stage) and name is not None and name.startswith("read"):
        return (), "Repartition after the read: no setting cuts what an RDD reads smaller."
    if without_sql(view, stage):
        fix = "Add a salt to the key, or repartition: adaptive execution knows nothing of RDDs."
        return (PARALLEL,), fix
    if name is not None and name.startswith("read"):
        fix = f"Lower {SPLIT}; it cuts only what can be cut: files without gzip, with small row groups."
        return (SPLIT,), fix
    if name is None and not stage.total("shuffle_read_bytes") and not stage.stage.parents:
        return (PARALLEL,), "Give its source even partitions, or repartition before the work."
    if version_of(view.trace.spark) < SKEW_JOIN_SINCE:
        return (PARTITIONS,), f"Add a salt to the key, or raise {PARTITIONS} where many keys share one."
    if not is_adaptive(view) or not view.is_on(SKEW_JOIN, default=True):
        return (AQE, SKEW_JOIN), f"Set {AQE}=true and {SKEW_JOIN}=true, which cut such partitions of a join."
    return (
        (SKEW_BYTES,),
        f"Set {SKEW_BYTES} below the size of those partitions (joins), or add a salt to the key.",
    )
