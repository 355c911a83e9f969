"""The sizes to look at when nobody names any."""

from __future__ import annotations

import math

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.refusals import MOST_RATIO

_STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)


def default_cases(basis: Basis) -> list[Case]:
    """A quarter to four times the executors that the tasks saw, and the run's own dynamic allocation."""
    seen = basis.executors if basis.fixed else max(1, round(basis.seen_slots / basis.slots))
    counts = {max(1, round(seen * step)) for step in _STEPS}
    if not basis.fixed:
        counts.add(basis.executors)
    near = sorted(count for count in counts if _near(count * basis.slots / basis.seen_slots))
    cases = [Case(executors=count) for count in near]
    if basis.settings is not None:
        most = basis.settings.most
        cases.append(Case(dynamic=Dynamic(basis.settings.least, None if math.isinf(most) else int(most))))
    return cases


def _near(ratio: float) -> bool:
    return abs(math.log(ratio)) <= math.log(MOST_RATIO) + 1e-9
