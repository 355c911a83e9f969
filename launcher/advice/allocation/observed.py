"""What a recorded run shows of its cluster: how long executors took to come and go, and what it withheld.

The settings are not enough: clusters start executors that no key asked for, and stop below the request.
Spark's loop is played beside the recorded events, and its requests are held against the executors that came.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.allocation.elastic_player import RECALL_MS, ClusterHabits
from launcher.advice.allocation.requests import Answered, answered
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.timeline import USUAL_REMOVAL_MS, holders, removal_lags
from launcher.records.history.trace import Trace

# Where a log shows none, ms.
USUAL_START_MS = 7000.0
# A request is unmet when it is older than twice the longest start and this, ms.
_PATIENCE_MS = 5000.0


@dataclass(frozen=True)
class Observed:
    """What a run shows of dynamic allocation.

    Attributes:
        settings: its settings, with what came beyond the initial number.
        habits: of its cluster.
    """

    settings: AllocationSettings
    habits: ClusterHabits


def observe(trace: Trace, model: Model, settings: AllocationSettings) -> Observed:
    """Hold a run's executors against what its settings ask for."""
    first = answered(trace, model, settings)
    found = replace(settings, unasked=first.unasked)
    second = answered(trace, model, found) if first.unasked else first
    habits = ClusterHabits(
        first_ms=second.first_ms or _usual_first(model, second.lags_ms),
        start_ms=second.lags_ms or second.first_ms[-1:] or (USUAL_START_MS,),
        removal_ms=_removals(trace, model.leases, settings) or (USUAL_REMOVAL_MS,),
        ready_ms=float(model.ready_lag_ms),
        ceiling=_ceiling(model.leases, second),
        recall_ms=RECALL_MS if second.recall_ms is None else second.recall_ms,
    )
    return Observed(found, habits)


def habits_of(trace: Trace, model: Model) -> ClusterHabits:
    """The habits of a cluster whose executors were all asked for at the start.

    One that came for another that had gone was not.
    """
    firsts = tuple(max(0.0, added - trace.start_ms) for added in _asked_at_the_start(model.leases))
    usual = min(firsts, default=USUAL_START_MS)
    return ClusterHabits(firsts or (usual,), (usual,), (USUAL_REMOVAL_MS,), float(model.ready_lag_ms))


def _asked_at_the_start(leases: Sequence[Lease]) -> list[float]:
    gone = sorted(lease.removed_ms for lease in leases if lease.removed_ms is not None)
    found: list[float] = []
    replaced = 0
    for added in sorted(lease.added_ms for lease in leases):
        if replaced < len(gone) and gone[replaced] <= added:
            replaced += 1
        else:
            found.append(added)
    return found


def _usual_first(model: Model, lags_ms: Sequence[float]) -> tuple[float, ...]:
    """Of a run that asked for none at its start, so that its first one came late."""
    came = [max(0.0, lease.added_ms - model.start_ms) for lease in model.leases]
    return (min(min(came, default=USUAL_START_MS), max(lags_ms, default=math.inf)),)


def _removals(trace: Trace, leases: Sequence[Lease], settings: AllocationSettings) -> tuple[float, ...]:
    """From the order to go to the removal, of executors that idled for the plain timeout."""
    held = holders(trace, settings)
    return removal_lags(trace, {place: one for place, one in enumerate(leases) if place not in held})


def _ceiling(leases: Sequence[Lease], answers: Answered) -> float:
    """The most executors that the cluster gives, where it left requests unmet; else ``inf``."""
    longest = max(answers.lags_ms, default=USUAL_START_MS)
    if answers.oldest_ms <= 2 * longest + _PATIENCE_MS:
        return NEVER
    changes = [(lease.added_ms, 1) for lease in leases]
    changes += [(lease.removed_ms, -1) for lease in leases if lease.removed_ms is not None]
    alive = most = 0
    for _, change in sorted(changes):
        alive += change
        most = max(most, alive)
    return most
