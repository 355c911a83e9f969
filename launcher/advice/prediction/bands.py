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
# Slots that differ by less count as the same.
ALIKE = 0.05
# What unknown start times of executors add to the time under dynamic allocation.
LAGS_BELOW, LAGS_ABOVE = 0.03, 0.20
# ... and to its executor-seconds.
LAGS_SECONDS_BELOW, LAGS_SECONDS_ABOVE = 0.13, 0.30
# One run of an unknown cluster errs to the slow side by this power of r.
_CONTENTION_POWER = 0.13


@dataclass(frozen=True)
class Band:
    """Factors on a predicted time: 80 % of the outcomes lie between."""

    low: float
    high: float

    def wider(self, below: float, above: float) -> Band:
        """With another source of error, independent of this one: parts below and above."""
        low = math.exp(-math.hypot(math.log(self.low), math.log1p(-below)))
        high = math.exp(math.hypot(math.log(self.high), math.log1p(above)))
        return Band(min(low, self.low), max(high, self.high))


def band(ratio: float, seconds: float, *, learnt: bool) -> Band:
    """The band of a prediction.

    Args:
        ratio: slots predicted for over slots seen.
        seconds: what the recorded run took.
        learnt: whether the cluster's contention is known.
    """
    distance = abs(math.log(ratio))
    if distance < ALIKE:
        part = SAME_SHORT if seconds < SHORT_S else SAME
        return Band(1 - part, 1 + part)
    if learnt:
        near, far = 0.06 + 0.02 * distance, 0.07 + 0.06 * distance
        return Band(math.exp(-near), math.exp(far)) if ratio > 1 else Band(math.exp(-far), math.exp(near))
    near, far, slower = 0.08 + 0.02 * distance, 0.10 + 0.06 * distance, ratio**_CONTENTION_POWER
    if ratio > 1:
        return Band(math.exp(-near), slower * math.exp(far))
    return Band(slower * math.exp(-far), math.exp(near))
