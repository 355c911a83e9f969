"""A stage whose last partitions ran alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from launcher.report.findings.loss import Loss, listed, named, seconds_text
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView
from launcher.report.view.steps import Ints
from launcher.spec.units import human_bytes

# As many times the median makes a partition stand out; the same factor tells its bytes from the others'.
FACTOR = 3.0
LEAST_MS = 300
AQE, SKEW_JOIN = "spark.sql.adaptive.enabled", "spark.sql.adaptive.skewJoin.enabled"
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
    data = _data(stage, outliers)
    times = f"{seconds_text(int(spans[outliers[0]]) / 1000)} against {seconds_text(median / 1000)} (median)"
    where = f"{named(stage.stage)}: partition {listed(partitions)}" if len(partitions) == 1 else (
        f"{named(stage.stage)}: partitions {listed(partitions)}"
    )  # fmt: skip
    took = "took" if len(partitions) == 1 else "took up to"
    if data is None:
        message = f"{where} {took} {times} with no more data than the others: their executors were slow"
        yield Loss(
            "skew", lost, (SPECULATION,), message, "Set spark.speculation=true, or look at those hosts."
        )
        return
    keys, fix = _advice(view, stage)
    yield Loss("skew", lost, keys, f"{where} {took} {times}, {data}", fix)


def _outliers(stage: StageView) -> Ints:
    """Places of the tasks that stand out, the longest first; none where half of them do."""
    spans = stage.spans
    if len(spans) < 3:
        return np.empty(0, np.int64)
    bound = max(FACTOR * float(np.median(spans)), float(np.median(spans)) + LEAST_MS)
    out = np.flatnonzero(spans > bound)
    ordered: Ints = out[np.argsort(-spans[out], kind="stable")]
    return ordered if 2 * len(ordered) < len(spans) else np.empty(0, np.int64)


def _data(stage: StageView, outliers: Ints) -> str | None:
    """How much more data they had; ``None``: no more than others."""
    for name in _DATA:
        values = stage.of(name)
        most, median = int(values[outliers[0]]), float(np.median(values))
        if most > FACTOR * max(median, 1.0):
            in_bytes = name.endswith("bytes")
            texts = (human_bytes(most), human_bytes(round(median))) if in_bytes else (
                f"{most:,} rows", f"{round(median):,}"
            )  # fmt: skip
            return f"{texts[0]} of data against {texts[1]}" if in_bytes else f"{texts[0]} against {texts[1]}"
    # Nothing tells of the data of what no shuffle and no file gave, such as rows from a range.
    if any(int(stage.of(name).max(initial=0)) for name in _DATA):
        return None
    return "the log tells no amounts of data"


def _advice(view: RunView, stage: StageView) -> tuple[tuple[str, ...], str]:
    if _without_sql(view, stage):
        fix = "Add a salt to the key, or repartition: adaptive execution knows nothing of RDDs."
        return ("spark.default.parallelism",), fix
    if any(view.conf(key, "true").strip().lower() != "true" for key in (AQE, SKEW_JOIN)):
        return (AQE, SKEW_JOIN), f"Set {AQE}=true and {SKEW_JOIN}=true, which cut such partitions of a join."
    return (
        (SKEW_BYTES,),
        f"Set {SKEW_BYTES} below the size of those partitions (joins), or add a salt to the key.",
    )


def _without_sql(view: RunView, stage: StageView) -> bool:
    jobs = [job for job in view.trace.jobs if stage.stage.id in job.stages]
    return bool(jobs) and all(job.execution is None for job in jobs)
