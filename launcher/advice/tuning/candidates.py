"""The sizes that are worth predicting. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from launcher.advice.prediction.predict import DRAWS
from launcher.advice.tuning.sizing import Sizing

# Sizes beyond what was seen grow at most so much from run to run.
GROWTH = 2
IDLE_S = (5, 15, None)
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512)
# The least, and how many at the start (None: the most): Spark's own default, which holds none while the
# driver makes ready; one that is always there; all from the start.
_BOUNDS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 1), (1, None))
# A search plays so many tasks at most, some seconds; dynamic allocation is played with several draws.
MOST_TASKS, LEAST_PLAYS = 2_000_000, 8


@dataclass(frozen=True)
class Room:
    """What a search may use.

    Attributes:
        most: executors that cluster and limits allow.
        how: what bounds them, for people.
        dynamic: whether executors may come and go.
        forgets_shuffles: whether an executor that only holds the shuffle data of jobs that are over may go
            after a while: no later job reads them again.
        bound: whether ``most`` is what there is; else nobody knows, and it is as far as a size may grow.
    """

    most: int
    how: str
    dynamic: bool = True
    forgets_shuffles: bool = True
    bound: bool = True


def candidates(seen: int, room: Room, tasks: int, most_tasks: int = MOST_TASKS) -> tuple[Sizing, ...]:
    """Sizes to predict, fixed ones first.

    Args:
        seen: the most executors of the run that is played again.
        room: what the search may use.
        tasks: of that run.
        most_tasks: how many may be played in all; of long runs fewer sizes are.
    """
    most = max(1, min(room.most, GROWTH * seen))
    counts = sorted({count for count in (*_STEPS, seen, most) if count <= most})
    plays = max(LEAST_PLAYS, most_tasks // max(1, tasks))
    fixed = [Sizing(count) for count in _thinned(counts, plays)]
    left = (plays - len(fixed)) // (DRAWS * len(IDLE_S) * len(_BOUNDS))
    if not room.dynamic or left < 1:
        return tuple(fixed)
    return (*fixed, *_ranges(_thinned([count for count in counts if count > 1], left), room))


def _ranges(counts: Sequence[int], room: Room) -> Iterator[Sizing]:
    for most, idle_s, (least, start) in itertools.product(counts, IDLE_S, _BOUNDS):
        tracking_s = idle_s if room.forgets_shuffles else None
        yield Sizing(most, least, most if start is None else start, idle_s, tracking_s)


def _thinned(counts: list[int], most: int) -> list[int]:
    """At most so many of them, evenly, the largest among them."""
    if len(counts) <= most:
        return counts
    step = len(counts) / most
    return sorted({counts[len(counts) - 1 - round(place * step)] for place in range(most)})
