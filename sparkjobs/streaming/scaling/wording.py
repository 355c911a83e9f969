"""Reasons for people. Pure."""

from __future__ import annotations

from sparkjobs.streaming.scaling.cost import Cost
from sparkjobs.streaming.scaling.need import Load, drain_seconds, settled_seconds
from sparkjobs.streaming.scaling.rate import Rate
from sparkjobs.streaming.scaling.rules import Rules


def in_words(rules: Rules, cost: Cost, rate: Rate, load: Load, executors: int) -> str:
    """The load, and how long a batch takes of how long it may.

    Args:
        rules: bounds and objective.
        cost: of a batch.
        rate: at which rows arrive.
        load: what is predicted to be done.
        executors: how many do it.
    """
    trend = f", {rate.trend * 60:+.3g} a minute" if abs(rate.trend) * 60 > 0.01 * rate.usual else ""
    takes = seconds(settled_seconds(cost, load, rules, executors))
    text = f"{rate.latest:.4g} rows/s{trend}: a batch on {executors} takes {takes} of {rules.batch_s:.3g} s"
    if not load.waiting:
        return text
    drains = seconds(drain_seconds(cost, load, executors))
    return f"{text}, the {len(load.waiting)} that wait {drains} of {rules.batch_s:.3g} s"


def seconds(value: float) -> str:
    """Seconds with three digits."""
    return f"{value:.3g} s"
