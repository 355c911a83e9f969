"""What the slot's past does to a task: fresh JVMs are slow, and so is the first task of a stage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from launcher.advice.prediction.contention import Contention
from launcher.advice.replay.model import SlotClass, StagePart

# So many tasks of a class a median needs at least.
LEAST_TASKS = 5
# A ratio counts where it is so many standard errors away from 1: skew and noise are no warmth.
_SIGNIFICANT = 2.0
_MOST = math.log(8)
# The standard error of a median over that of a mean, and the spread that a median of distances stands for.
_MEDIAN_ERROR, _SPREAD = 1.2533, 1.4826


@dataclass(frozen=True)
class ClassRatios:
    """Of each stage, the time of a task in a slot of each class over that in a warm slot (``REST``)."""

    by_stage: Sequence[tuple[float, float, float]]

    def factors(self, contention: Contention | None, before: float, after: float) -> list[list[float]]:
        """For ``Player``: entry ``3 * recorded + found`` of each stage.

        Args:
            contention: ``None`` where the cluster's is not known: then none is reckoned with.
            before: slots of the recorded run.
            after: slots of the predicted one.
        """
        slowed = [1.0 if contention is None else contention.factor(c, before, after) for c in SlotClass]
        return [
            [
                ratios[found] / ratios[recorded] * slowed[found]
                for recorded in SlotClass
                for found in SlotClass
            ]
            for ratios in self.by_stage
        ]


def class_ratios(stages: Sequence[StagePart]) -> ClassRatios:
    """Measure them; a stage that does not show them has those of the application, and that one has 1."""
    own = [[_ratio(_of(stage, kind), _of(stage, SlotClass.REST)) for kind in _COLD] for stage in stages]
    usual = [_usual((ratios[kind], len(stage.durations)) for ratios, stage in zip(own, stages, strict=True))
             for kind in range(len(_COLD))]  # fmt: skip
    found = []
    for ratios in own:
        fresh, first = (usual[kind] if ratio is None else ratio for kind, ratio in enumerate(ratios))
        found.append((math.exp(fresh), math.exp(first), 1.0))
    return ClassRatios(found)


_COLD = (SlotClass.FRESH, SlotClass.FIRST_OF_STAGE)


def _of(stage: StagePart, kind: SlotClass) -> list[float]:
    """Logarithms of the durations in one class."""
    pairs = zip(stage.durations, stage.classes, strict=True)
    return [math.log(max(1.0, duration)) for duration, found in pairs if found == kind]


def _ratio(cold: Sequence[float], warm: Sequence[float]) -> float | None:
    """Logarithm of the ratio of the medians; 0 where it may be chance, ``None`` where too few tell."""
    if len(cold) < LEAST_TASKS or len(warm) < LEAST_TASKS:
        return None
    ratio = median(cold) - median(warm)
    error = math.hypot(_error(cold), _error(warm))
    return max(-_MOST, min(_MOST, ratio)) if abs(ratio) > _SIGNIFICANT * error else 0.0


def _error(values: Sequence[float]) -> float:
    middle = median(values)
    spread = _SPREAD * median(abs(value - middle) for value in values)
    return _MEDIAN_ERROR * spread / math.sqrt(len(values))


def _usual(ratios: Iterable[tuple[float | None, int]]) -> float:
    """The median over the stages that show one, of the application."""
    known = [ratio for ratio, _ in ratios if ratio is not None]
    return median(known) if known else 0.0
