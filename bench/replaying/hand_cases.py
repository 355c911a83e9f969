"""What-if cases whose right answer is worked out by hand: recorded at one size, asked for another.

Every stage is submitted 2 ms after what it waits for and launched 10 ms later, as is usual, so each stage on
the longest path adds 12 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.player import Player
from launcher.advice.replay.take_apart import model_of
from launcher.records.history.trace import Profile


@dataclass(frozen=True)
class HandCase:
    """One case.

    Attributes:
        name: for the table.
        model: the truth.
        recorded: executors of the run that is known.
        asked: executors of the run that is asked for.
        answer_ms: what it takes, by hand.
        profiles: resource profiles beside the default one.
    """

    name: str
    model: Model
    recorded: Sequence[Lease]
    asked: Sequence[Lease]
    answer_ms: int
    profiles: tuple[Profile, ...] = ()

    def found_ms(self) -> float:
        """What the replay says."""
        trace = Recorder(self.model, self.recorded).record(profiles=self.profiles)
        return Player(model_of(trace), self.asked).play().end_ms


def _stage(*durations: float, parents: tuple[int, ...] = (), profile: int = 0) -> MadeStage:
    return MadeStage(durations, parents, profile, submit_ms=2, launch_ms=10)


def _one(*durations: float) -> Model:
    return made_model([MadeJob([_stage(*durations)])])


_QUEUE = made_model(
    [MadeJob([_stage(*[10_000] * 4)], gap_ms=1000), MadeJob([_stage(*[10_000] * 4)], gap_ms=1100)]
)
_GAPS = made_model(
    [
        MadeJob([_stage(*[1000] * 8)], gap_ms=3000),
        MadeJob([_stage(*[1000] * 8)], after=(0,), gap_ms=5000),
        MadeJob([_stage(*[1000] * 8)], after=(1,), gap_ms=2000),
    ],
    tail_ms=700,
)
_TWO_JOBS = made_model(
    [MadeJob([_stage(*[2000] * 6)], gap_ms=500), MadeJob([_stage(*[2000] * 6)], gap_ms=600)]
)
_PROFILES = made_model(
    [MadeJob([_stage(*[1000] * 8), _stage(*[1000] * 8, parents=(0,), profile=1)], gap_ms=500)],
    slots={0: 2, 1: 1},
)
_GPU = Profile(1, 2, 1, 2, 1)
_SHARED_GPU = Profile(1, 1, 0.25, 16, 1)
_ON_GPU = made_model([MadeJob([_stage(*[1000] * 16, profile=1)], gap_ms=500)], slots={0: 1, 1: 4})
_LATE = [*executors(2), Lease(0, 1, 2500, 3012), Lease(0, 1, 2500, 3012)]
_LOST = [Lease(0, 1, 0, 0), Lease(0, 1, 0, 0, closed_ms=1600, removed_ms=4000, lost=True)]

CASES = (
    HandCase("two stages that queue, 4 -> 8 slots", _QUEUE, executors(4), executors(8), 11_112),
    HandCase("the same, 8 -> 4 slots", _QUEUE, executors(8), executors(4), 21_012),
    HandCase("one slow task, 1 -> 4 slots", _one(9000, *[1000] * 12), executors(1), executors(4), 9012),
    HandCase(
        "a slow task at the end, 4 -> 2",
        _one(*[1000] * 12, 9000),
        executors(4),
        executors(2),
        15_012,
    ),
    HandCase("driver gaps, 2 -> 8 slots", _GAPS, executors(2), executors(8), 13_736),
    HandCase("driver gaps, 8 -> 1 slots", _GAPS, executors(8), executors(1), 34_736),
    # Until 3012 two slots run 6 of the 16 tasks; then four slots take 10 more in 3 waves.
    HandCase("two of four executors come late", _one(*[1000] * 16), executors(4), _LATE, 6012),
    HandCase("executors that were late are not, 4 slots", _one(*[1000] * 16), _LATE, executors(4), 4012),
    # One task ends there at 1012; the next is lost with its executor: noticed at 4000, it runs again at once.
    HandCase("a failed executor", _one(*[1000] * 4), executors(2), _LOST, 5000),
    HandCase("the same without the failure", _one(*[1000] * 4), _LOST, executors(2), 2012),
    HandCase("two jobs at once, 12 -> 4 slots", _TWO_JOBS, executors(12), executors(4), 6512),
    HandCase("two jobs at once, 4 -> 12 slots", _TWO_JOBS, executors(4), executors(12), 2612),
    HandCase(
        "two resource profiles, 1 + 1 -> 2 + 4 executors",
        _PROFILES,
        [*executors(1, 2), *executors(1, 1, profile=1)],
        [*executors(2, 2), *executors(4, 1, profile=1)],
        500 + 12 + 2000 + 12 + 2000,
        (_GPU,),
    ),
    HandCase(
        "four tasks share a GPU, 1 -> 2 executors of 16 cores",
        _ON_GPU,
        executors(1, 4, profile=1),
        executors(2, 4, profile=1),
        500 + 12 + 2000,
        (_SHARED_GPU,),
    ),
    HandCase(
        "two jobs that share the slots fairly, 2 -> 4",
        replace(_TWO_JOBS, fair=True),
        executors(2),
        executors(4),
        6512,
    ),
)
