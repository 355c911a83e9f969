"""How many executors a load needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sparkjobs.streaming.scaling.cost import Cost
from sparkjobs.streaming.scaling.rules import GROW_AT, Rules

# More executors that save less than this part of a batch are not worth having, the less so where what no
# executor does takes too long already, as in the first batches of a run.
_NO_HELP, _NO_HELP_ANYWAY = 0.05, 0.15
# Starts that are dear leave a batch that part of its time.
_LEAST_PART = 0.75


@dataclass(frozen=True)
class Load:
    """What has to be done.

    Attributes:
        rate: rows that arrive a second.
        waiting: rows of each batch that waits already.
    """

    rate: float
    waiting: tuple[float, ...] = ()


def batch_seconds(cost: Cost, load: Load, rules: Rules, executors: int) -> float:
    """Seconds of a batch when nothing is behind.

    It has the rows of a trigger, or those that arrive while a batch takes as long as it may.
    """
    rows = load.rate * max(rules.trigger_s, rules.batch_s)
    return cost.seconds(rows, executors)


def drain_seconds(cost: Cost, load: Load, executors: int) -> float:
    """Seconds until all is done that waits now."""
    return sum(cost.seconds(rows, executors) for rows in load.waiting)


def needed(cost: Cost, load: Load, rules: Rules, part: float, start_costs_s: float = 0.0) -> int:
    """The fewest executors with which batches take no more than a part of what they may.

    What waits already is sure: it is held against all of its time. Where even the most executors are too
    few: the fewest that are about as fast as the most.

    Args:
        cost: of a batch.
        load: what has to be done.
        rules: bounds and objective.
        part: of what a batch may take.
        start_costs_s: seconds by which the first batch on a new executor is longer; they must fit in too.
    """
    spared_s = max(_LEAST_PART * rules.batch_s, min(rules.batch_s, (rules.batch_s - start_costs_s) / GROW_AT))

    def used(executors: int) -> float:
        batch = batch_seconds(cost, load, rules, executors) / part
        return max(batch / spared_s, drain_seconds(cost, load, executors) / rules.batch_s)

    shares = {n: used(n) for n in range(rules.least, rules.most + 1)}
    help_least = _NO_HELP_ANYWAY if cost.fixed >= part * spared_s else _NO_HELP
    limit = 1.0 if shares[rules.most] <= 1 else shares[rules.most] * (1 + help_least)
    return next(n for n, share in shares.items() if share <= limit)
