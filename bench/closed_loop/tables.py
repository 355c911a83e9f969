"""From runs to the tables that are published, misses included. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.closed_loop.steps import APPLICATIONS, MOST, ROUNDS, SEEN, SIZES, SLOWDOWN
from bench.six_workers import MOST_CPU

AIM = 0.65

Runs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Pair:
    """One prediction beside what came: ``seconds`` is ``None`` where it was refused, with ``why``."""

    application: str
    size: int
    seconds: float | None
    low: float | None
    high: float | None
    actual: float
    why: str

    @property
    def inside(self) -> bool:
        """Whether it fell into its band."""
        return self.low is not None and self.high is not None and self.low <= self.actual <= self.high

    @property
    def error(self) -> float | None:
        """Predicted over actual, less one."""
        return None if self.seconds is None else self.seconds / self.actual - 1


def pairs(runs: Runs) -> list[Pair]:
    """Predictions beside outcomes, of all sizes that were run."""
    found = []
    for application in APPLICATIONS:
        seen = runs.get(f"{application} seen {SEEN}")
        for case in seen["predicted"] if seen and valid(seen) else ():
            size = case["executors"]
            came = runs.get(f"{application} fixed {size}")
            if came is not None and valid(came):
                numbers = (case["seconds"], case["low"], case["high"])
                found.append(Pair(application, size, *numbers, came["seconds"], case["why"] or ""))
    return found


def valid(run: Mapping[str, Any]) -> bool:
    """Whether the machine had time for it."""
    return bool(run["cpu_share"] <= MOST_CPU)


@dataclass(frozen=True)
class Loop:
    """One application in the loop, beside the largest fixed size and Spark's own allocation.

    Attributes:
        application: which.
        seconds: of the last two rounds, the mean.
        executor_seconds: likewise.
        settled: both had the same settings.
        most: seconds and executor-seconds at the largest fixed size.
        spark: those of Spark's own dynamic allocation.
        size: the last round's size, for people.
    """

    application: str
    seconds: float
    executor_seconds: float
    settled: bool
    most: tuple[float, float]
    spark: tuple[float, float]
    size: str


def loops(runs: Runs) -> list[Loop]:
    """The applications whose rounds are complete."""
    return [found for application in APPLICATIONS if (found := _loop(runs, application)) is not None]


def _loop(runs: Runs, application: str) -> Loop | None:
    last = [runs.get(f"{application} loop {number}") for number in (ROUNDS - 1, ROUNDS)]
    most, spark = runs.get(f"{application} fixed {MOST}"), runs.get(f"{application} spark 0")
    if most is None or spark is None or last[0] is None or last[1] is None:
        return None
    rounds = [run for run in last if run is not None]
    forecast = rounds[-1]["forecast"]
    return Loop(
        application,
        statistics.mean(run["seconds"] for run in rounds),
        statistics.mean(run["executor_seconds"] for run in rounds),
        rounds[0]["size"] == rounds[1]["size"],
        (most["seconds"], most["executor_seconds"]),
        (spark["seconds"], spark["executor_seconds"]),
        forecast["size"] if forecast else "",
    )


def document(runs: Runs) -> dict[str, Any]:
    """All numbers."""
    found, made = pairs(runs), loops(runs)
    given = [pair for pair in found if pair.seconds is not None]
    return {
        "pairs": len(found),
        "predicted": len(given),
        "inside": sum(pair.inside for pair in given),
        "mean_error": statistics.mean(abs(pair.error or 0) for pair in given) if given else None,
        "void": sorted(key for key, run in runs.items() if not valid(run)),
        "executor_seconds_over_static": _over(made, lambda loop: loop.most[1]),
        "executor_seconds_over_spark": _over(made, lambda loop: loop.spark[1]),
        "runs": dict(runs),
    }


def _over(made: Sequence[Loop], base: Any) -> float | None:
    return sum(loop.executor_seconds for loop in made) / sum(map(base, made)) if made else None


def section(runs: Runs) -> str:
    """The page."""
    return "\n".join(_lines(runs))


def _lines(runs: Runs) -> Iterator[str]:
    found = document(runs)
    yield "## Six applications on a cluster of six one-core workers\n"
    yield (
        "Tasks sleep in proportion to their rows, because two cores cannot feed six executors; a run during "
        f"which more than {MOST_CPU:.0%} of the cores were busy is void.\n"
    )
    there = {key.split()[0] for key in runs}
    missing = [application for application in APPLICATIONS if application not in there]
    if missing:
        yield f"Not run yet: {', '.join(missing)}.\n"
    if found["predicted"]:
        yield (
            f"### Predicted from one run with {SEEN} executors\n\n{found['inside']} of {found['predicted']} "
            f"inside the 80 % band, mean error {found['mean_error']:.1%}; "
            f"{found['pairs'] - found['predicted']} pairs were refused a number.\n"
        )
        yield from _pair_lines(pairs(runs))
    if loops(runs):
        yield from _loop_lines(loops(runs), found)
    if found["void"]:
        yield f"\nVoid: {', '.join(found['void'])}."


def _pair_lines(found: Sequence[Pair]) -> Iterator[str]:
    yield f"| application | {' | '.join(f'{size}' for size in SIZES)} |"
    yield "|---|" + "---|" * len(SIZES)
    for application in APPLICATIONS:
        own = {pair.size: pair for pair in found if pair.application == application}
        if own:
            yield f"| {application} | {' | '.join(_cell(own.get(size)) for size in SIZES)} |"
    yield "\nPredicted / took, seconds; * outside its band; - no number was given.\n"


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return "void"
    if pair.seconds is None:
        return f"- / {pair.actual:.1f}"
    return f"{pair.seconds:.1f} / {pair.actual:.1f}{'' if pair.inside else ' *'}"


def _loop_lines(made: Sequence[Loop], found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"### Five runs with --max-slowdown {SLOWDOWN:.0%}: the mean of the last two\n\n"
        f"Executor-seconds over the static maximum {found['executor_seconds_over_static']:.2f} "
        f"(aim {AIM}), over Spark's own dynamic allocation {found['executor_seconds_over_spark']:.2f}.\n"
    )
    yield "| application | settled | size | s | executor-s | static: s | executor-s | Spark: s | executor-s |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for loop in made:
        slower = loop.seconds / loop.most[0] - 1
        yield (
            f"| {loop.application} | {'yes' if loop.settled else 'no'} | {loop.size} | {loop.seconds:.1f} "
            f"({slower:+.0%}) | {loop.executor_seconds:.0f} | {loop.most[0]:.1f} | {loop.most[1]:.0f} | "
            f"{loop.spark[0]:.1f} | {loop.spark[1]:.0f} |"
        )
