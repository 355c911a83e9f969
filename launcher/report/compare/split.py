"""The difference of two stages, split by what made it. Pure.

A stage takes ``work / tasks at once``. Of its work the input explains as much as it grew, of the tasks at
once the slots that were there; both at most as much as the stage itself changed. What they leave is the rest.
Rows of a shuffle are input only as far as what the runs read grew too: else a join or a filter made them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from launcher.records.history.trace import Ended
from launcher.report.compare.growth import Amount, Growth, ratio
from launcher.report.view.run_view import column
from launcher.report.view.stage_view import StageView

LEAST_S = 0.001


@dataclass(frozen=True)
class Measured:
    """A stage of one run.

    Attributes:
        seconds: its share of the run's time.
        failed_s: of these for attempts that failed.
        work_s: task seconds of the attempts that succeeded.
        slots: slots that were there.
        taken: what it took in.
        read: of that what no shuffle gave.
    """

    seconds: float
    failed_s: float
    work_s: float
    slots: float
    taken: Amount
    read: Amount


@dataclass(frozen=True)
class Split:
    """Seconds of a stage's difference, by cause; they sum to it."""

    failures: float = 0.0
    input: float = 0.0
    executors: float = 0.0
    rest: float = 0.0


def measured(stage: StageView, seconds: float) -> Measured:
    """What a stage is compared by."""
    tasks = stage.stage.tasks
    spans = column(tasks.finish_ms) - column(tasks.launch_ms)
    ended = column(tasks.ended)
    bad = (ended == int(Ended.FAILED)) | (ended == int(Ended.LOST))
    failed_s = float(np.sum(spans[bad])) / 1000 / stage.width
    read = read_by(stage)
    again = stage.stage.attempt > 0  # it ran because an earlier attempt had failed
    return Measured(
        seconds,
        seconds if again else min(failed_s, seconds),
        float(stage.spans.sum()) / 1000,
        stage.width,
        read + Amount(_sum(stage, "shuffle_read_rows"), _sum(stage, "shuffle_read_bytes")),
        read,
    )


def read_by(stage: StageView) -> Amount:
    """What no shuffle gave it."""
    return Amount(_sum(stage, "read_rows"), _sum(stage, "read_bytes"))


def _sum(stage: StageView, name: str) -> int:
    return int(stage.of(name).sum())


def split(a: Measured, b: Measured, growth: Growth | None = None) -> Split:
    """The difference B - A; ``growth`` bounds what input explains of a stage that reads none itself."""
    failures = b.failed_s - a.failed_s
    before, after = max(a.seconds - a.failed_s, LEAST_S), max(b.seconds - b.failed_s, LEAST_S)
    left = b.seconds - a.seconds - failures
    scale = _mean(before, after)
    work = scale * _ratio(a.work_s, b.work_s)
    at_once = left - work
    more = ratio(a.taken, b.taken)
    if growth is not None and not a.read and not b.read:
        more = growth.bound(more)
    grown = _explained(work, scale * more)
    slots = _explained(at_once, -scale * _ratio(a.slots, b.slots))
    return Split(failures, grown, slots, left - grown - slots)


def _mean(before: float, after: float) -> float:
    """The logarithmic mean: by it changes of factors add up to the change of their product."""
    growth = math.log(after / before)
    return before if abs(growth) < 1e-9 else (after - before) / growth


def _ratio(before: float, after: float) -> float:
    return math.log(after / before) if before > 0 and after > 0 else 0.0


def _explained(change: float, could: float) -> float:
    """As much of a change as something could have made, none that goes the other way."""
    if change * could <= 0:
        return 0.0
    return math.copysign(min(abs(change), abs(could)), change)
