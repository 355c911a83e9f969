"""Which of two targets is faster and which is cheaper for a job: from its own runs there, or nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from launcher.spec.application import same_input

# Two runs of one thing differ by that.
LEVEL = 0.05


@dataclass(frozen=True)
class Ran:
    """One run that succeeded: seconds, cost by the target's price list (``None`` without), input."""

    run_id: str
    seconds: float
    cost: float | None
    input_bytes: int | None


@dataclass(frozen=True)
class Side:
    """One target.

    Attributes:
        target: its name.
        gpus: whether the plan uses GPUs there.
        runs: of this job there, the newest first.
        qualified: what ``qualify`` said of GPUs; empty where nobody asked.
        currency: of its price list.
    """

    target: str
    gpus: bool
    runs: tuple[Ran, ...] = ()
    qualified: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Verdict:
    """``faster`` and ``cheaper`` are names of targets, ``None`` where they are level or nobody knows."""

    faster: str | None
    cheaper: str | None
    why: str


def which_target(one: Side, other: Side) -> Verdict:
    """Hold the runs of a job on two targets against each other.

    Args:
        one: the first target.
        other: the second.
    """
    missing = [side for side in (one, other) if not side.runs]
    if missing:
        return Verdict(None, None, " ".join(_unknown(side) for side in missing))
    if not _alike([run.input_bytes for side in (one, other) for run in side.runs[:1]]):
        return Verdict(None, None, "the newest runs on the two read different input: nobody knows")
    one, other = (_like_the_newest(side) for side in (one, other))
    times = [median(run.seconds for run in side.runs) for side in (one, other)]
    costs = [_cost(side) for side in (one, other)]
    names = (one.target, other.target)
    said = [f"{name} took {time:.1f} s" for name, time in zip(names, times, strict=True)]
    why = f"{' and '.join(said)} (the median of {len(one.runs)} and {len(other.runs)} runs)"
    if None in costs:
        without = " and ".join(name for name, cost in zip(names, costs, strict=True) if cost is None)
        return Verdict(
            _less(names, times), None, f"{why}; without a price of {without} nobody knows the cost"
        )
    known = [cost for cost in costs if cost is not None]
    paid = [f"{cost:.4g} {side.currency}".rstrip() for cost, side in zip(known, (one, other), strict=True)]
    why = f"{why}, for {' and '.join(paid)}"
    if one.currency != other.currency:
        return Verdict(_less(names, times), None, f"{why}: two currencies, so nobody knows which is cheaper")
    return Verdict(_less(names, times), _less(names, known), why)


def _like_the_newest(side: Side) -> Side:
    """Without the runs that read another amount than its newest one."""
    newest = side.runs[0].input_bytes
    return replace(side, runs=tuple(run for run in side.runs if _alike([newest, run.input_bytes])))


def _unknown(side: Side) -> str:
    known = f"no run of this job on {side.target} is known, so nobody knows what it takes there"
    if not side.gpus:
        return f"{known}."
    said = side.qualified or "sparkjob qualify tells how much of it would run on a GPU"
    return f"{known}; {said}."


def _cost(side: Side) -> float | None:
    costs = [run.cost for run in side.runs if run.cost is not None]
    return median(costs) if costs else None


def _less(names: Sequence[str], values: Sequence[float]) -> str | None:
    low, high = sorted(values)
    if high <= low * (1 + LEVEL):
        return None
    return names[0] if values[0] == low else names[1]


def _alike(inputs: Sequence[int | None]) -> bool:
    known = [size for size in inputs if size is not None]
    return len(known) < 2 or same_input(min(known), max(known))
