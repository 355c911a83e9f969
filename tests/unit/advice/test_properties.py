"""What holds for every application: bounds, monotony, nothing lost and nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.replay.model import Model
from launcher.advice.replay.player import Player
from launcher.advice.replay.take_apart import model_of

DURATIONS = st.lists(st.integers(1, 1000), min_size=1, max_size=12)
COUNTS = st.integers(1, 8)


@st.composite
def chains_of_stages(draw: st.DrawFn) -> Model:
    """Jobs one after the other, each a chain of stages."""
    jobs = draw(st.lists(st.lists(DURATIONS, min_size=1, max_size=3), min_size=1, max_size=3))
    return made_model(
        [
            MadeJob(
                [MadeStage(tasks, parents=(at - 1,) if at else ()) for at, tasks in enumerate(stages)],
                after=(place - 1,) if place else (),
            )
            for place, stages in enumerate(jobs)
        ]
    )


@st.composite
def graphs(draw: st.DrawFn) -> Model:
    """One job, any graph of stages."""
    stages: list[MadeStage] = []
    for place in range(draw(st.integers(1, 6))):
        parents = draw(st.sets(st.integers(0, place - 1))) if place else set()
        stages.append(MadeStage(draw(DURATIONS), tuple(sorted(parents))))
    return made_model([MadeJob(stages)])


def work_ms(model: Model) -> float:
    return sum(sum(stage.durations) for stage in model.stages)


def longest_ms(model: Model) -> float:
    """The critical path: a chain of stages, of each its longest task."""
    ends: list[float] = []
    for stage in model.stages:
        begin = max((ends[parent] for parent in stage.parents), default=0)
        ends.append(begin + max(stage.durations))
    return max(ends)


@given(graphs(), COUNTS)
def test_between_the_lower_bound_and_graham_s(model: Model, count: int) -> None:
    end = Player(model, executors(count)).play().end_ms
    work, path = work_ms(model), longest_ms(model)
    assert max(work / count, path) <= end <= work / count + (1 - 1 / count) * path


@given(graphs())
def test_with_slots_for_all_it_takes_the_critical_path(model: Model) -> None:
    assert Player(model, executors(model.tasks)).play().end_ms == longest_ms(model)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 30), COUNTS)
def test_more_executors_are_never_slower_with_equal_tasks_in_a_chain(
    sizes: list[int], ms: int, n: int
) -> None:
    stages = [MadeStage([ms] * size, parents=(at - 1,) if at else ()) for at, size in enumerate(sizes)]
    model = made_model([MadeJob(stages)])
    assert Player(model, executors(n + 1)).play().end_ms <= Player(model, executors(n)).play().end_ms


@given(graphs(), COUNTS)
def test_every_task_runs_once_and_slots_are_busy_for_the_work(model: Model, count: int) -> None:
    outcome = Player(model, executors(count)).play()
    assert outcome.launches == model.tasks
    assert outcome.busy_ms == work_ms(model)
    assert outcome.executor_seconds * 1000 == pytest.approx(count * outcome.end_ms)


@settings(deadline=None)
@given(chains_of_stages(), COUNTS, COUNTS)
def test_what_is_recorded_at_one_size_is_right_at_another(model: Model, recorded: int, other: int) -> None:
    """A run's own trace, taken apart and played: at its size and at any other the truth comes out."""
    trace = Recorder(model, executors(recorded)).record()
    again = model_of(trace)
    assert Player(again, again.leases).play().end_ms == trace.end_ms
    truth = Recorder(model, executors(other)).record().end_ms
    found = Player(again, executors(other)).play().end_ms
    assert truth is not None
    # Tasks that were launched in the same millisecond may be told in another order: Graham's bound holds.
    assert abs(found - truth) <= max(max(stage.durations) for stage in model.stages) * len(model.stages)
