"""Waiting between attempts: longer each time, bounded, and never in step with others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator


def delays_s(
    first_s: float, longest_s: float, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Endless delays that double up to ``longest_s``, each cut by up to a half at random.

    Args:
        first_s: the first, before the cut, seconds.
        longest_s: the most, seconds.
        jitter: numbers from 0 to 1.
    """
    delay_s = first_s
    while True:
        yield delay_s * (1 - jitter() / 2)
        delay_s = min(2 * delay_s, longest_s)
