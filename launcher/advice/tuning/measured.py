"""What runs of a job measured: their own sizes need no prediction, and they correct those of others. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from launcher.advice.prediction.bands import SAME, SAME_SHORT, SHORT_S
from launcher.advice.prediction.price import cost_of, shapes_of
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.past import Past, alike
from launcher.advice.tuning.sizing import Sizing
from launcher.records.history.facts.memory_ends import may_have_run_out
from launcher.spec.cluster import Price

# Predictions that are nearer to each other are of one thing.
_NEAR = 0.01


def measured(pasts: Sequence[Past], price: Price | None) -> dict[Sizing, Option]:
    """The sizes that the newest run and those with as much input had: medians of what they took.

    Args:
        pasts: runs that count, the newest first.
        price: of executors.
    """
    by_size: dict[Sizing, list[Past]] = {}
    for past in pasts:
        # One that lost executors for want of memory and ended well all the same proves no size.
        if alike(past, pasts[0]) and not may_have_run_out(past.basis.trace):
            by_size.setdefault(past.sizing, []).append(past)
    return {sizing: _option(sizing, same, price) for sizing, same in by_size.items()}


def _option(sizing: Sizing, pasts: Sequence[Past], price: Price | None) -> Option:
    seconds = median(past.seconds for past in pasts)
    held = median(past.basis.replay.executor_seconds for past in pasts)
    cost = median(cost_of_run(past, price) for past in pasts)
    part = SAME_SHORT if seconds < SHORT_S else SAME
    times = [past.seconds for past in pasts]
    low, high = min(seconds * (1 - part), *times), max(seconds * (1 + part), *times)
    return Option(sizing, seconds, low, high, held, cost, measured_runs=len(pasts))


def cost_of_run(past: Past, price: Price | None) -> float:
    """What a run cost: executor-seconds without a price."""
    basis = past.basis
    return cost_of(basis.replay, shapes_of(basis.trace, basis.cores), price)


@dataclass(frozen=True)
class Correction:
    """A size that was measured and predicted as well.

    Attributes:
        seconds: predicted.
        executor_seconds: predicted.
        time: measured over predicted time.
        held: measured over predicted executor-seconds.
    """

    seconds: float
    executor_seconds: float
    time: float
    held: float


def corrections(found: Mapping[Sizing, Option], predicted: Mapping[Sizing, Option]) -> tuple[Correction, ...]:
    """What the measured sizes say of the predictions from the newest run.

    Args:
        found: measured sizes.
        predicted: the same sizes as they are predicted from the newest run.
    """
    both = ((one, predicted.get(sizing)) for sizing, one in found.items())
    return tuple(
        Correction(
            told.seconds,
            told.executor_seconds,
            _over(one.seconds, told.seconds),
            _over(one.executor_seconds, told.executor_seconds),
        )
        for one, told in both
        if told is not None and told.seconds and told.executor_seconds
    )


def corrected(option: Option, known: Sequence[Correction]) -> Option:
    """A prediction with the corrections of the sizes that are predicted to behave like it.

    Two sizes may read differently and be one, as six executors are and one to six that start with six and
    never idle. So what counts is how near their predictions are, by inverse squared distance (Shepard 1968).
    """
    if option.seconds is None or not option.executor_seconds or not known:
        return option
    weights = [
        1 / (_NEAR**2 + _log(option.seconds, one.seconds) ** 2
             + _log(option.executor_seconds, one.executor_seconds) ** 2)
        for one in known
    ]  # fmt: skip
    whole = sum(weights)
    time = sum(weight * one.time for weight, one in zip(weights, known, strict=True)) / whole
    held = sum(weight * one.held for weight, one in zip(weights, known, strict=True)) / whole
    return replace(
        option,
        seconds=_times(option.seconds, time),
        low=_times(option.low, time),
        high=_times(option.high, time),
        executor_seconds=_times(option.executor_seconds, held),
        cost=_times(option.cost, held),
    )


def _log(one: float, other: float) -> float:
    return math.log(one / other)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _over(measured_value: float | None, predicted_value: float | None) -> float:
    return measured_value / predicted_value if measured_value and predicted_value else 1.0
