"""Made-up clusters whose every cause is known: what a prediction from one run says, and what then happens."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.replaying.made import MadeJob, MadeStage, made_model
from bench.replaying.recorder import ElasticRecorder, Recorder, Truth
from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits
from launcher.advice.prediction.basis import basis_of
from launcher.advice.prediction.case import Case, Dynamic, Prediction
from launcher.advice.prediction.contention import USUAL_K, Contention
from launcher.advice.prediction.learn import learn
from launcher.advice.prediction.predict import predict
from launcher.advice.replay.model import Lease, Model
from launcher.records.history.trace import Trace

# Start times of a run, then they begin again; executors of dynamic allocation that are there on average.
_DRAWN, _BUSY_SHARE = 60, 0.6


@dataclass(frozen=True)
class World:
    """A cluster.

    Attributes:
        k: contention by class of slot.
        cold_ms: what a fresh slot and the first task of a stage cost more.
        task_noise: of each task, the spread of its logarithm.
        run_noise: of a whole run, likewise.
        start_ms: when executors come, the first and the last.
    """

    k: tuple[float, float, float]
    cold_ms: tuple[float, float, float]
    task_noise: float
    run_noise: float
    start_ms: tuple[float, float]


def world(draw: random.Random) -> World:
    """A cluster within what was measured on real ones: contention from none to four times the usual."""
    scale = draw.choice((0.0, 0.5, 1.0, 1.0, 2.0, 4.0))
    fresh, first, rest = (k * scale for k in USUAL_K)
    cold = (draw.uniform(200, 2000), draw.uniform(20, 200), 0.0)
    noise = draw.uniform(0.02, 0.15), abs(draw.gauss(0.008, 0.015))
    return World((fresh, first, rest), cold, *noise, (draw.uniform(1000, 8000), draw.uniform(8000, 15_000)))


def application(draw: random.Random) -> Model:
    """Jobs one after the other with gaps of the driver; stages of skewed tasks, small and large ones."""
    jobs = []
    for place in range(draw.randint(3, 10)):
        stages: list[MadeStage] = []
        for number in range(draw.randint(1, 3)):
            tasks = draw.choice((1, 2, 20, 50, 100, 200, 400))
            typical, skew = draw.uniform(300, 4000), draw.uniform(0.05, 0.6)
            durations = [max(20.0, typical * math.exp(draw.gauss(0, skew))) for _ in range(tasks)]
            parents = (number - 1,) if number else ()
            stages.append(MadeStage(durations, parents, submit_ms=2, launch_ms=draw.randint(5, 30)))
        jobs.append(MadeJob(stages, (place - 1,) if place else (), draw.randint(50, 3000)))
    return made_model(jobs, slots={0: 1}, tail_ms=200, start_ms=1_000_000)


def run_of(model: Model, there: World, count: int, draw: random.Random) -> Trace:
    """One run on so many executors of one slot."""
    first, last = there.start_ms
    starts = sorted(model.start_ms + draw.uniform(first, last) for _ in range(count))
    leases = [Lease(0, 1, at, at + 250) for at in starts]
    return Recorder(model, leases, _truth(there, count, draw)).record()


def _truth(there: World, slots: float, draw: random.Random) -> Truth:
    whole = math.exp(draw.gauss(0, there.run_noise))

    def truth(alone: float, found: int, _stage: int, _task: int) -> float:
        slowed = 1 + there.k[found] * slots
        return (alone * math.exp(draw.gauss(0, there.task_noise)) * slowed + there.cold_ms[found]) * whole

    return truth


def elastic_run_of(model: Model, there: World, bounds: Dynamic, draw: random.Random) -> Trace:
    """One run under dynamic allocation, executors of one slot that take 5 to 14 s to come."""
    most = bounds.most or 1
    habits = ClusterHabits(
        first_ms=sorted(draw.uniform(*there.start_ms) for _ in range(max(1, bounds.least))),
        start_ms=[draw.uniform(5000, 14_000) for _ in range(_DRAWN)],
        removal_ms=[draw.uniform(1000, 12_000) for _ in range(_DRAWN)],
        ready_ms=250.0,
    )
    settings = AllocationSettings(least=bounds.least, most=most, initial=bounds.least)
    truth = _truth(there, most * _BUSY_SHARE, draw)
    return ElasticRecorder(model, settings, habits, truth).record(
        {
            "spark.master": "yarn",
            "spark.shuffle.service.enabled": "true",
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.minExecutors": str(bounds.least),
            "spark.dynamicAllocation.maxExecutors": str(most),
        }
    )


@dataclass(frozen=True)
class Pair:
    """A prediction and what happened: the most executors before and after, seconds, what it was made with."""

    before: int
    after: int
    predicted: Prediction
    seconds: float
    learnt: bool
    executor_seconds: float = 0.0
    from_fixed: bool = True

    @property
    def inside(self) -> bool:
        """Whether it lay in the band."""
        low, high = self.predicted.low, self.predicted.high
        return low is not None and high is not None and low <= self.seconds <= high

    @property
    def error(self) -> float:
        """Of the prediction, as a part of the time."""
        return (self.predicted.seconds or 0.0) / self.seconds - 1

    @property
    def held_error(self) -> float:
        """Of the predicted executor-seconds; 0 where they were not measured."""
        if not self.executor_seconds:
            return 0.0
        return (self.predicted.executor_seconds or 0.0) / self.executor_seconds - 1


def pairs(seed: int, worlds: int, counts: Sequence[int] = (2, 4, 8, 16, 32)) -> Iterator[Pair]:
    """Of each world one application at each size: predictions from each to each, without and with k.

    The contention is learnt from another application of that world at two sizes.
    """
    draw = random.Random(seed)
    for _ in range(worlds):
        there, model = world(draw), application(draw)
        known = _learnt(there, draw)
        runs = {count: run_of(model, there, count, draw) for count in counts}
        bases = {count: basis_of(trace) for count, trace in runs.items()}
        for before, after in ((a, b) for a in counts for b in counts):
            seconds = _again(model, there, after, draw) if before == after else _seconds(runs[after])
            for contention in (None, known):
                answer = predict(bases[before], Case(executors=after), contention)
                yield Pair(before, after, answer, seconds, contention is not None)


def _again(model: Model, there: World, count: int, draw: random.Random) -> float:
    """At the same size a second run is what is predicted."""
    return _seconds(run_of(model, there, count, draw))


def _seconds(trace: Trace) -> float:
    return ((trace.end_ms or trace.last_ms) - trace.start_ms) / 1000


def _learnt(there: World, draw: random.Random) -> Contention | None:
    other = application(draw)
    small, large = (basis_of(run_of(other, there, count, draw)) for count in (4, 16))
    return learn(small, large)


def elastic_pairs(seed: int, worlds: int) -> Iterator[Pair]:
    """Of each world one application under three bounds and at a fixed size, each predicted from each.

    The run at the same size is another one. ``before`` and ``after`` are the most executors.
    """
    draw = random.Random(seed)
    for _ in range(worlds):
        there, model = world(draw), application(draw)
        runs = [_of(model, there, case, draw) for case in ELASTIC_CASES]
        again = [_of(model, there, case, draw) for case in ELASTIC_CASES]
        for before, trace in zip(ELASTIC_CASES, runs, strict=True):
            basis = basis_of(trace)
            for place, after in enumerate(ELASTIC_CASES):
                happened = again[place] if after == before else runs[place]
                answer = predict(basis, after)
                yield Pair(
                    before=_most(before),
                    after=_most(after),
                    predicted=answer,
                    seconds=_seconds(happened),
                    learnt=False,
                    executor_seconds=_held(happened),
                    from_fixed=before.dynamic is None,
                )


ELASTIC_CASES = (
    Case(dynamic=Dynamic(0, 8)),
    Case(dynamic=Dynamic(1, 16)),
    Case(dynamic=Dynamic(2, 4)),
    Case(executors=8),
)


def _of(model: Model, there: World, case: Case, draw: random.Random) -> Trace:
    if case.dynamic is None:
        return run_of(model, there, case.executors or 1, draw)
    return elastic_run_of(model, there, case.dynamic, draw)


def _most(case: Case) -> int:
    return (case.executors if case.dynamic is None else case.dynamic.most) or 1


def _held(trace: Trace) -> float:
    end = trace.end_ms or trace.last_ms
    return sum(min(one.removed_ms or end, end) - one.added_ms for one in trace.executors) / 1000
