"""How sure a prediction is: 80 % bands around it.

Measured on 7,878 pairs of TPC-H runs at 2 to 100 executors, same data and machine type. With r the slots
predicted for over those that were seen, the error grows with L = |ln r|: more slots contend for what they
share, and one run does not tell by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Two runs of the same at the same size differ by that; short ones by more.
SAME, SAME_SHORT, SHORT_S = 0.05, 0.15, 20.0
# Of a whole run, on clusters: .8 % is the median, 4 % the ninth tenth.
NOISE = 0.025
# Slots that differ by less count as the same.
ALIKE = 0.05
# One run of an unknown cluster errs to the slow side by this power of r.
_CONTENTION_POWER = 0.13


@dataclass(frozen=True)
class Band:
    """Factors on the predicted time of tasks: 80 % of the outcomes lie between."""

    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """What drawing the start times of executors does to a time, as parts of it."""

    below: float
    above: float


# Of a cluster that showed too few starts; measured with those of a log that has many.
UNKNOWN_STARTS = Spread(0.03, 0.20)


def band_of(
    seconds: float, driver_s: float, found: Band | None, *, short: bool, starts: Spread | None = None
) -> tuple[float, float]:
    """The least and the most seconds of a prediction.

    Args:
        seconds: the predicted time.
        driver_s: of it what does not depend on executors: it does not contend with tasks.
        found: of the time of tasks; ``None`` for the size that was seen.
        short: whether the application takes seconds only.
        starts: of the start times of executors, where they are drawn.
    """
    if found is None:
        below = above = (SAME_SHORT if short else SAME) * seconds
    else:
        tasks, noise = max(0.0, seconds - driver_s), NOISE * seconds
        below = math.hypot(tasks * (1 - found.low), noise)
        above = math.hypot(tasks * (found.high - 1), noise)
    if starts is not None:
        below, above = math.hypot(below, starts.below * seconds), math.hypot(above, starts.above * seconds)
    return seconds - below, seconds + above


def band(ratio: float, *, learnt: bool) -> Band:
    """The band of the time of tasks at another size.

    Args:
        ratio: slots predicted for over slots seen.
        learnt: whether the cluster's contention is known.
    """
    distance = abs(math.log(ratio))
    if learnt:
        near, far = 0.06 + 0.02 * distance, 0.07 + 0.06 * distance
        return Band(math.exp(-near), math.exp(far)) if ratio > 1 else Band(math.exp(-far), math.exp(near))
    near, far, slower = 0.08 + 0.02 * distance, 0.10 + 0.06 * distance, ratio**_CONTENTION_POWER
    if ratio > 1:
        return Band(math.exp(-near), slower * math.exp(far))
    return Band(slower * math.exp(-far), math.exp(near))
