"""The sizes that are worth predicting. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from launcher.advice.tuning.sizing import Sizing

# Sizes beyond what was seen grow at most so much from run to run.
GROWTH = 2
IDLE_S = (5, 15, None)
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512)
# A search replays so many tasks at most: some seconds.
MOST_TASKS, LEAST_REPLAYS = 2_000_000, 8


@dataclass(frozen=True)
class Room:
    """What a search may use.

    Attributes:
        most: executors that cluster and limits allow.
        how: what bounds them, for people.
        dynamic: whether executors may come and go.
        forgets_shuffles: whether an executor that only holds the shuffle data of jobs that are over may go
            after a while: no later job reads them again.
    """

    most: int
    how: str
    dynamic: bool = True
    forgets_shuffles: bool = True


def candidates(seen: int, room: Room, tasks: int) -> tuple[Sizing, ...]:
    """Sizes to predict, fixed ones first.

    Args:
        seen: the most executors of the run that is played again.
        room: what the search may use.
        tasks: of that run; of long ones fewer sizes are played.
    """
    most = max(1, min(room.most, GROWTH * seen))
    counts = sorted({count for count in (*_STEPS, seen, most) if count <= most})
    allowed = max(LEAST_REPLAYS, MOST_TASKS // max(1, tasks))
    fixed = [Sizing(count) for count in _thinned(counts, allowed)]
    if not room.dynamic or allowed - len(fixed) < len(IDLE_S):
        return tuple(fixed)
    ranges = list(_ranges(_thinned(counts, max(1, (allowed - len(fixed)) // (2 * len(IDLE_S)))), room))
    return (*fixed, *ranges)


def _ranges(counts: list[int], room: Room) -> Iterator[Sizing]:
    for most in counts:
        if most == 1:
            continue
        for idle_s in IDLE_S:
            tracking_s = idle_s if room.forgets_shuffles else None
            for initial in (1, most):
                yield Sizing(most, 1, initial, idle_s, tracking_s)


def _thinned(counts: list[int], most: int) -> list[int]:
    """At most so many of them, evenly, the largest among them."""
    if len(counts) <= most:
        return counts
    step = len(counts) / most
    return sorted({counts[len(counts) - 1 - round(place * step)] for place in range(most)})
