"""Time and cost of a run at other numbers of executors, as far as one run tells. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.advice.prediction.basis import basis_of
from launcher.advice.prediction.case import Case, Prediction
from launcher.advice.prediction.contention import Contention
from launcher.advice.prediction.predict import default_cases, predict
from launcher.records.history.trace import Trace
from launcher.spec.cluster import Price
from sparkjobs.errors import DataError

# More are left to ``sparkjob simulate``, which may take its time.
MOST_TASKS = 100_000


@dataclass(frozen=True)
class Curve:
    """What other sizes would have brought.

    Attributes:
        points: what can be predicted, by executors.
        unknown: what cannot, with the reason.
        chosen: executors of the run itself, the most at a time.
        floor_s: what no executor can buy.
        driver_s: of it the driver's own time.
        critical_s: of it the longest chain of tasks.
        fixed: whether the run had so many throughout; else they came and went.
    """

    points: tuple[Prediction, ...]
    unknown: tuple[Prediction, ...]
    chosen: int
    floor_s: float
    driver_s: float
    critical_s: float
    fixed: bool = True


def time_cost_curve(
    trace: Trace, price: Price | None, contention: Contention | None = None, most_tasks: int = MOST_TASKS
) -> Curve | None:
    """The curve; ``None`` where nothing ran, there is too much of it, or its settings cannot be read."""
    tasks = sum(len(stage.tasks) for stage in trace.stages)
    if not tasks or tasks > most_tasks:
        return None
    try:
        basis = basis_of(trace)
    except DataError:
        return None
    sizes = {case.executors for case in default_cases(basis) if case.executors} | {basis.executors}
    answers = [predict(basis, Case(executors=size), contention, price) for size in sorted(sizes)]
    floor = basis.floor
    return Curve(
        points=tuple(one for one in answers if one.predictable),
        unknown=tuple(one for one in answers if not one.predictable),
        chosen=basis.executors,
        floor_s=floor.seconds,
        driver_s=floor.driver_s,
        critical_s=floor.critical_path_s,
        fixed=basis.fixed,
    )
