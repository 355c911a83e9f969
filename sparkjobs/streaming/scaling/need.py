"""How many executors a load needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sparkjobs.streaming.scaling.cost import Cost
from sparkjobs.streaming.scaling.rules import GROW_AT, Rules

# More executors that save less than this part of a batch are not worth having, the less so where what no
# executor does takes too long already, as in the first batches of a run.
_NO_HELP, _NO_HELP_ANYWAY = 0.05, 0.15
# Starts that are dear leave a batch that part of its time.
_LEAST_PART = 0.6


@dataclass(frozen=True)
class Load:
    """What has to be done.

    Attributes:
        rate: rows that arrive a second.
        waiting: rows of each batch that waits already.
    """

    rate: float
    waiting: tuple[float, ...] = ()


def batch_seconds(cost: Cost, load: Load, rules: Rules, executors: int, within_s: float) -> float:
    """Seconds of a batch when nothing is behind.

    It has the rows of a trigger, or those that arrive while the one before it runs. That takes as long, so
    with the rows of a time it takes less than that time if and only if batches settle below it.

    Args:
        cost: of a batch.
        load: what has to be done.
        rules: bounds and objective.
        executors: how many do it.
        within_s: the time that it is held against.
    """
    return cost.seconds(load.rate * max(rules.trigger_s, within_s), executors)


def drain_seconds(cost: Cost, load: Load, executors: int) -> float:
    """Seconds until all is done that waits now."""
    return _drained(*_waiting(cost, load), executors)


def _waiting(cost: Cost, load: Load) -> tuple[float, float]:
    """Of all that waits: seconds that no executor shortens, and seconds of one executor."""
    return cost.fixed * len(load.waiting), sum(map(cost.work, load.waiting))


def _drained(fixed_s: float, work_s: float, executors: int) -> float:
    return fixed_s + work_s / executors


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
    if load.rate <= 0 and not load.waiting:
        return rules.least
    spared_s = max(_LEAST_PART * rules.batch_s, min(rules.batch_s, (rules.batch_s - start_costs_s) / GROW_AT))
    limit_s = part * spared_s

    def used(executors: int) -> float:
        batch = batch_seconds(cost, load, rules, executors, limit_s) / limit_s
        return max(batch, _drained(*waiting, executors) / rules.batch_s)

    waiting = _waiting(cost, load)
    shares = {n: used(n) for n in range(rules.least, rules.most + 1)}
    help_least = _NO_HELP_ANYWAY if cost.fixed >= limit_s else _NO_HELP
    limit = max(1.0, shares[rules.most] * (1 + help_least))
    return next(n for n, share in shares.items() if share <= limit)


def settled_seconds(cost: Cost, load: Load, rules: Rules, executors: int) -> float:
    """Seconds of a batch where batches settle, when nothing is behind; of those that do not, of the longest.

    ``b = fixed + (base + per_row * rate * b) / executors`` where it is longer than a trigger.
    """
    one = batch_seconds(cost, load, rules, executors, rules.trigger_s)
    if one <= rules.trigger_s:
        return one
    most = max(one, batch_seconds(cost, load, rules, executors, rules.batch_s))
    left = 1.0 - cost.per_row * load.rate / executors
    return min(most, max(one, (cost.fixed + cost.base / executors) / left)) if left > 0 else most
