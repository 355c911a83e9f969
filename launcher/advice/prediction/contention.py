"""Tasks slow each other down: by how much, learnt from two runs of one job at two sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from launcher.records.history.facts.slots import SlotClass

# Per one-slot executor, of the clusters measured: fresh slots, first of a stage, the rest.
USUAL_K = (0.005, 0.007, 0.004)
MOST_TIMES_USUAL = 16.0
# Two runs that are nearer than that tell more of noise than of contention.
LEAST_RATIO = 1.3
# Of halving: k is told to a few thousandths of the usual one.
_STEPS = 12


@dataclass(frozen=True)
class Contention:
    """A cluster's contention: a task takes ``(1 + k B) / (1 + k A)`` times as long on B slots as on A.

    Attributes:
        k: by class of the slot.
        evidence: one line a pair of runs that it was learnt from.
    """

    k: tuple[float, float, float] = USUAL_K
    evidence: tuple[str, ...] = ()

    def factor(self, found: SlotClass, before: float, after: float) -> float:
        """What a task in a slot of this class takes on ``after`` slots, over what it took on ``before``."""
        k = self.k[found]
        return (1 + k * after) / (1 + k * before)


def by_bisection(seconds_at: Callable[[Contention], float], truth_s: float) -> tuple[float, float, float]:
    """The k, in the usual proportions, with which a prediction meets what was measured.

    Args:
        seconds_at: predicts with a contention; it must not fall as k grows if the size grows, nor rise if it
            shrinks.
        truth_s: what the other run took.

    Returns:
        0 for each class where no contention explains it best, the most allowed where none is enough.
    """
    ends = [abs(seconds_at(_times(scale)) - truth_s) for scale in (0.0, MOST_TIMES_USUAL)]
    low, high = 0.0, MOST_TIMES_USUAL
    rising = seconds_at(_times(high)) > seconds_at(_times(low))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if (seconds_at(_times(middle)) < truth_s) == rising:
            low = middle
        else:
            high = middle
    best = (low + high) / 2
    if abs(seconds_at(_times(best)) - truth_s) > min(ends):
        best = 0.0 if ends[0] <= ends[1] else MOST_TIMES_USUAL
    return _times(best).k


def _times(scale: float) -> Contention:
    fresh, first, rest = USUAL_K
    return Contention((fresh * scale, first * scale, rest * scale))


def merged(found: Sequence[Contention]) -> Contention | None:
    """Of several pairs of runs the middle one's k, with all the evidence; ``None`` of none."""
    if not found:
        return None
    ordered = sorted(found, key=lambda one: one.k)
    evidence = tuple(line for one in found for line in one.evidence)
    return Contention(ordered[len(ordered) // 2].k, evidence)
