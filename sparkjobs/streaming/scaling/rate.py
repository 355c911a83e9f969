"""How many rows arrive, and whether they become more. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sparkjobs.streaming.scaling.events import Arrived

# The latest rate is that of so many looks: one alone is noise.
_LATEST = 2
# Noise of a third in each look is 6 % in the mean of so many.
_LEVEL = 30
_LEAST_TREND, _SURE = 4, 10


@dataclass(frozen=True)
class Rate:
    """Rows a second.

    Attributes:
        latest: of the last few looks.
        usual: of the time that is looked at.
        level: of many looks, to tell whether the load has changed.
        trend: how much it grows, in rows a second each second, of the time that is looked at.
        drift: the same of many looks: less sure of now, and less noisy.
        sure: whether those were many enough to get ready by.
    """

    latest: float
    usual: float
    level: float
    trend: float
    drift: float = 0.0
    sure: bool = False

    def ahead(self, seconds: float) -> float:
        """The rate to be ready for: that it will fall is not relied on."""
        return max(self.latest, self.latest + self.trend * seconds)

    def ready_for(self, soon_s: float, later_s: float) -> float:
        """The most that is to be expected: soon by the last looks, later by many of them."""
        drift = self.drift if self.sure else 0.0
        return max(self.ahead(soon_s), self.latest + drift * later_s)

    def usual_ahead(self, seconds: float) -> float:
        """What arrives usually, then: that it will fall is not relied on."""
        return max(self.usual, self.usual + self.drift * seconds)


def rate_of(looks: Sequence[Arrived], window_s: float) -> Rate | None:
    """The rate of arrival; ``None`` before the first look.

    Args:
        looks: recent ones, the oldest first.
        window_s: how far to look back, in seconds.
    """
    if not looks:
        return None
    recent = [look for look in looks if look.at > looks[-1].at - window_s]
    many = looks[-_LEVEL:]
    return Rate(
        _mean(looks[-_LATEST:]), _mean(recent), _mean(many), _trend(recent), _trend(many), len(many) >= _SURE
    )


def _mean(looks: Sequence[Arrived]) -> float:
    return sum(look.rows for look in looks) / sum(look.seconds for look in looks)


def _trend(looks: Sequence[Arrived]) -> float:
    if len(looks) < _LEAST_TREND:
        return 0.0
    points = [(look.at, look.rows / look.seconds) for look in looks]
    return statistics.median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))
