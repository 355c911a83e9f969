"""What the slot's past does to a task: a fresh JVM is slow, and so is the first task of a stage.

Loading classes and compiling code takes its time whatever the task does, so it is added, not multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from launcher.advice.prediction.contention import Contention
from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.model import StagePart
from launcher.records.history.facts.slots import SlotClass

# So many tasks of a class a median needs at least.
LEAST_TASKS = 5
# A difference counts where it is so many standard errors away from 0: skew and noise are no warmth.
_SIGNIFICANT = 2.0
# The standard error of a median over that of a mean, and the spread that a median of distances stands for.
_MEDIAN_ERROR, _SPREAD = 1.2533, 1.4826
_COLD = (SlotClass.FRESH, SlotClass.FIRST)


@dataclass(frozen=True)
class Warmth:
    """Of each stage, by class of slot, what a task takes more than in a warm slot (``REST``), ms."""

    by_stage: Sequence[tuple[float, float, float]]

    def conversions(self, contention: Contention | None, before: float, after: float) -> list[Conversion]:
        """For ``Player``, one for each stage.

        Args:
            contention: ``None`` where the cluster's is not known: then none is reckoned with.
            before: slots of the recorded run.
            after: slots of the predicted one.
        """
        slowed = [1.0 if contention is None else contention.factor(c, before, after) for c in SlotClass]
        return [
            Conversion(
                tuple(more[found] - more[recorded] for recorded in SlotClass for found in SlotClass),
                tuple(slowed),
            )
            for more in self.by_stage
        ]


def warmth_of(stages: Sequence[StagePart]) -> Warmth:
    """Measure it; a stage that does not show it has that of the application, and that one has none."""
    own = [[_more(_of(stage, kind), _of(stage, SlotClass.REST)) for kind in _COLD] for stage in stages]
    usual = [_usual([more[kind] for more in own]) for kind in range(len(_COLD))]
    found = []
    for more in own:
        fresh, first = (usual[kind] if ms is None else ms for kind, ms in enumerate(more))
        found.append((fresh, first, 0.0))
    return Warmth(found)


def _of(stage: StagePart, kind: SlotClass) -> list[float]:
    return [ms for ms, found in zip(stage.durations, stage.classes, strict=True) if found == kind]


def _more(cold: Sequence[float], warm: Sequence[float]) -> float | None:
    """Difference of the medians; 0 where it may be chance, ``None`` where too few tell."""
    if len(cold) < LEAST_TASKS or len(warm) < LEAST_TASKS:
        return None
    more = median(cold) - median(warm)
    return more if more > _SIGNIFICANT * math.hypot(_error(cold), _error(warm)) else 0.0


def _error(values: Sequence[float]) -> float:
    middle = median(values)
    spread = _SPREAD * median(abs(value - middle) for value in values)
    return _MEDIAN_ERROR * spread / math.sqrt(len(values))


def _usual(known: Sequence[float | None]) -> float:
    """The median over the stages that show it."""
    values = [more for more in known if more is not None]
    return median(values) if values else 0.0
