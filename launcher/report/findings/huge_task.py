"""Stages of one task, for which all others wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from launcher.report.findings.loss import Loss, alike, named, seconds_text
from launcher.report.findings.partition_keys import PARALLEL, PARTITIONS, SPLIT, without_sql
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView
from launcher.spec.units import human_bytes

# A shorter one is the usual end of a query.
LEAST_S, LEAST_SHARE = 1.0, 0.04
SMALL_BYTES = 1 << 20


def huge_task(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: the length of each stage of one task, times the share of all slots that stood idle."""
    least = max(LEAST_S, LEAST_SHARE * view.seconds)
    alone = [stage for stage in stages if stage.stage.size == 1 and stage.seconds >= least]
    lost = [(_idle_share(view, stage) * stage.seconds, stage) for stage in alone]
    if not lost:
        return
    worst = max(lost, key=lambda pair: pair[0])[1]
    keys, what, fix = _advice(worst, without_sql(view, worst))
    message = f"{named(worst.stage)} is one task of {seconds_text(worst.seconds)}{what}{alike(len(lost) - 1)}"
    yield Loss("huge-task", sum(seconds for seconds, _ in lost), keys, message, fix)


def _idle_share(view: RunView, stage: StageView) -> float:
    idle = view.idle_slots.between(stage.begin, stage.end)
    return min(1.0, idle / max(1.0, view.slots.between(stage.begin, stage.end)))


def _advice(stage: StageView, rdd: bool) -> tuple[tuple[str, ...], str, str]:
    read, shuffled = stage.total("read_bytes"), stage.total("shuffle_read_bytes")
    if read > max(shuffled, SMALL_BYTES):
        fix = "Store the input in a form that can be split (no gzip)"
        what = f" that reads {human_bytes(read)}"
        return ((), what, f"{fix}.") if rdd else ((SPLIT,), what, f"{fix}, or lower {SPLIT}.")
    if shuffled:
        fix = (
            "Leave out coalesce(1) and repartition(1), give windows a partitionBy, or cut the work before it."
        )
        key = PARALLEL if rdd else PARTITIONS
        return (key,), f" that takes {human_bytes(shuffled)} from a shuffle", fix
    fix = "Give the reader a schema where it looks for one; else give its source more partitions."
    return (PARALLEL,), " without input that the log tells of", fix
