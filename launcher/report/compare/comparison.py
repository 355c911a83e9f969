"""Two runs of a job: where the difference of their times comes from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from launcher.report.compare.growth import Growth, growth_of
from launcher.report.compare.matching import Pair, pairs
from launcher.report.compare.settings_differ import executors_differ, settings_differ
from launcher.report.compare.split import Measured, Split, measured, read_by, split
from launcher.report.compare.wall import Wall, views, walls_of
from launcher.report.report import Report
from launcher.report.view.stage_view import StageView

# Two runs of the same on a cluster differ by 4 % one time in ten, short ones by more.
NOISE, NOISE_SHORT, SHORT_S = 0.04, 0.15, 20.0
# Other settings do not change what the driver does between its jobs.
DRIVERS_OWN = "spark.driver."
CAUSES = ("input", "settings", "code", "executors", "failures", "noise")


@dataclass(frozen=True)
class StageDifference:
    """A stage of both runs, or of one: its numbers there, call site, and what it changed of the time."""

    a: int | None
    b: int | None
    name: str
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """Run B against run A.

    Attributes:
        a: the first.
        b: the second.
        seconds: by cause; they sum to the difference.
        stages: what each stage made of it.
        start_s: what the start made of it.
        driver_s: what the driver made of it.
        settings: that differ.
        sizes: settings of executors that differ.
        code: whether the code changed; ``None``: nobody knows.
        unlike: whether their names differ, and the stages of both are not most of either.
    """

    a: Report
    b: Report
    seconds: Mapping[str, float]
    stages: tuple[StageDifference, ...]
    start_s: float
    driver_s: float
    settings: tuple[str, ...]
    sizes: tuple[str, ...]
    code: bool | None
    unlike: bool = False

    @property
    def difference_s(self) -> float:
        """B less A."""
        return self.b.view.seconds - self.a.view.seconds


def compare(a: Report, b: Report) -> Comparison:
    """Split the difference of two runs."""
    of_a, of_b = views(a.view), views(b.view)
    wall_a, wall_b = walls_of((a.view, of_a), (b.view, of_b))
    settings = settings_differ(a.view.trace.conf, b.view.trace.conf)
    changed = _hash_changed(a, b)
    matched = pairs(a.view, of_a, b.view, of_b, same_code=changed is False)
    alike = a.view.trace.name == b.view.trace.name or _is_one(matched, wall_a, wall_b)
    # Where no hash tells, applications with little in common are other code.
    code = True if changed is None and not alike else changed
    share = NOISE_SHORT if min(a.view.seconds, b.view.seconds) < SHORT_S else NOISE
    totals = dict.fromkeys(CAUSES, 0.0)
    sides = (of_a, wall_a), (of_b, wall_b)
    growth = _growth(matched, *sides)
    stages = []
    for pair in matched:
        seconds, causes = _stage(pair, *sides, growth, share, settings, code)
        for cause, part in causes.items():
            totals[cause] += part
        stages.append(_told(pair, of_a, of_b, seconds))
    start, driver = wall_b.start_s - wall_a.start_s, wall_b.driver_s - wall_a.driver_s
    totals[_of_start(start, share, wall_a)] += start
    own = [text for text in settings if text.startswith(DRIVERS_OWN)]
    totals[_of_rest(driver, share * wall_a.driver_s, own, code)] += driver
    sizes = executors_differ(a.view.trace.conf, b.view.trace.conf)
    return Comparison(
        a, b, totals, tuple(stages), start, driver, tuple(settings), tuple(sizes), code, not alike
    )


Side = tuple[list[StageView], Wall]


def _is_one(matched: list[Pair], a: Wall, b: Wall) -> bool:
    """Whether stages of both, by call site and operators, are most of the time of the stages of each.

    A single one is no proof: ``count at main.py`` stands in many an application.
    """
    like = [(one.a, one.b) for one in matched if one.like]
    held_a = sum(a.stages[place] for place, _ in like if place is not None)
    held_b = sum(b.stages[place] for _, place in like if place is not None)
    return 2 * held_a > sum(a.stages.values()) and 2 * held_b > sum(b.stages.values())


def _growth(matched: list[Pair], a: Side, b: Side) -> Growth | None:
    of_a, of_b = ([read_by(stage) for stage in stages] for stages, _ in (a, b))
    both = [(of_a[one.a], of_b[one.b]) for one in matched if one.a is not None and one.b is not None]
    return growth_of(both, of_a, of_b)


def _both(pair: Pair, a: Side, b: Side) -> tuple[Measured, Measured] | None:
    if pair.a is None or pair.b is None:
        return None
    return measured(a[0][pair.a], a[1].stages[pair.a]), measured(b[0][pair.b], b[1].stages[pair.b])


def _stage(
    pair: Pair, a: Side, b: Side, growth: Growth | None, share: float, settings: list[str], code: bool | None
) -> tuple[float, dict[str, float]]:
    """What a stage changed, and by cause."""
    both = _both(pair, a, b)
    if both is None:
        place, (stages, wall), sign = (pair.b, b, 1) if pair.a is None else (pair.a, a, -1)
        assert place is not None
        seconds = sign * wall.stages[place]
        failed = stages[place].stage.attempt > 0
        cause = "failures" if failed else _of_rest(seconds, 0.0, settings, code, new=True)
        return seconds, {cause: seconds}
    before, after = both
    causes = _by_cause(split(before, after, growth), share * before.seconds, settings, code)
    return after.seconds - before.seconds, dict(causes)


def _by_cause(
    parts: Split, noise: float, settings: list[str], code: bool | None
) -> Iterator[tuple[str, float]]:
    yield "failures", parts.failures
    yield "input", parts.input
    yield "executors", parts.executors
    yield _of_rest(parts.rest, noise, settings, code), parts.rest


def _of_rest(
    seconds: float, noise: float, settings: list[str], code: bool | None, *, new: bool = False
) -> str:
    """Who is to blame for what input, executors and failures leave.

    A stage that only one of the runs has comes from its code where that changed; a stage of both that takes
    another time comes from the settings where these changed.
    """
    if abs(seconds) <= noise:
        return "noise"
    if code and (new or not settings):
        return "code"
    return "settings" if settings else "noise"


def _of_start(seconds: float, share: float, wall: Wall) -> str:
    return "noise" if abs(seconds) <= max(1.0, share * wall.start_s) else "executors"


def _told(pair: Pair, of_a: list[StageView], of_b: list[StageView], seconds: float) -> StageDifference:
    a = None if pair.a is None else of_a[pair.a].stage
    b = None if pair.b is None else of_b[pair.b].stage
    named = b if b is not None else a
    return StageDifference(
        None if a is None else a.id, None if b is None else b.id, named.name if named else "", seconds
    )


def _hash_changed(a: Report, b: Report) -> bool | None:
    """By the hashes in the records of both; ``None``: nobody knows."""
    hashes = [one.record.content if one.record is not None else None for one in (a, b)]
    return hashes[0] != hashes[1] if all(hashes) else None
