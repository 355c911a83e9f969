"""The figures over time that findings and pictures share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.history.facts.make_facts import facts_of
from launcher.records.history.trace import Profile, Trace
from launcher.report.view.elasticity import elasticity
from launcher.report.view.idle import Cause, idle_of
from launcher.report.view.run_view import RunView
from launcher.report.view.steps import steps, together
from launcher.report.view.target import target_of
from tests.unit.report.made import even, executor, job, ms, stage, task, trace

changes = st.lists(st.tuples(st.integers(-50, 150), st.integers(-3, 3)), max_size=30)


def figure(pairs: list[tuple[int, int]], begin: int = 0, end: int = 100):  # type: ignore[no-untyped-def]
    times = np.array([at for at, _ in pairs], dtype=np.int64)
    return steps(times, np.array([by for _, by in pairs], dtype=np.float64), begin, end)


@given(changes)
def test_steps_are_what_adding_up_gives(pairs: list[tuple[int, int]]) -> None:
    found = figure(pairs)
    for second in range(100):
        value = sum(by for at, by in pairs if at <= second)
        assert found.between(second, second + 1) == pytest.approx(value)
    assert list(found.means(np.linspace(0, 100, 101))) == pytest.approx(
        [sum(by for at, by in pairs if at <= second) for second in range(100)]
    )


@given(changes, changes)
def test_two_figures_together(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    added = together(figure(one), figure(other), np.add)
    both = figure([*one, *other])
    assert [added.between(n, n + 1) for n in range(100)] == pytest.approx(
        [both.between(n, n + 1) for n in range(100)]
    )


def test_a_run_that_follows_its_work_has_zeros() -> None:
    assert set(vars(elasticity(RunView(even()))).values()) == {0.0}


def test_elasticity_by_hand() -> None:
    """Ten seconds: four wanted of two for the first half, none of two wanted for the other."""
    rows = [task(n, n % 2, n // 2 * 2.5, n // 2 * 2.5 + 2.5) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(0), executor(1)], 10)
    found = elasticity(RunView(made))
    # Demand 4, 4 -> 2 tasks left from 2.5 on: half of the demand is missing for a quarter of the time.
    assert found.accuracy_under == 12.5
    assert found.timeshare_under == 25.0
    # Two executors beyond none: counted by one that would be asked for.
    assert found.accuracy_over == 100.0
    assert found.timeshare_over == 50.0
    assert 0 < found.instability < 5


def test_demand_counts_by_profile() -> None:
    profiles = {0: Profile(0, 1.0, 0.0, None, 0), 1: Profile(1, 2.0, 0.0, 4, 0)}
    stages = [stage(0, *[task(n, 0, 0, 10) for n in range(3)]),
              stage(1, *[task(n, 1, 0, 10) for n in range(3)], profile=1)]  # fmt: skip
    executors = [executor(0, cores=4), executor(1, cores=4, profile=1)]
    view = RunView(trace(stages, executors, 10, profiles=profiles))
    # Three tasks fill one executor of four slots, and two of two.
    assert view.demand.most == 3.0
    assert view.slots.most == 6.0


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Any stages on executors that come and go."""
    stages = []
    for number in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, 20))
        rows = [
            task(n, draw(st.integers(0, 2)), begin, begin + draw(st.integers(0, 9)))
            for n in range(draw(st.integers(1, 6)))
        ]
        stages.append(stage(number, *rows))
    executors = []
    for number in range(3):
        came = draw(st.integers(0, 10))
        went = draw(st.one_of(st.none(), st.integers(came, 40)))
        executors.append(executor(number, came=came, went=went, cores=draw(st.integers(1, 4))))
    return trace(stages, executors, 30)


@given(traces())
def test_demand_and_supply_are_those_of_the_kept_facts(made: Trace) -> None:
    """Two ways to the same integral: steps here, steps of the summary there."""
    view, facts = RunView(made), facts_of(made)
    begin, end = made.start_ms, view.end_ms
    assert view.demand.between(begin, end) / 1000 == pytest.approx(facts.curves.demand_s, abs=1e-6)
    lacking = together(view.demand, view.supply, lambda d, s: np.maximum(d - s, 0.0))
    beyond = together(view.demand, view.supply, lambda d, s: np.maximum(s - d, 0.0))
    assert lacking.between(begin, end) / 1000 == pytest.approx(facts.curves.under_s, abs=1e-6)
    assert beyond.between(begin, end) / 1000 == pytest.approx(facts.curves.over_s, abs=1e-6)


@given(traces())
def test_no_executor_idles_longer_than_it_was_there(made: Trace) -> None:
    view = RunView(made)
    there = sum(
        max(0, min(view.end_ms, one.removed_ms or view.end_ms) - one.added_ms) for one in made.executors
    )
    found = idle_of(view).ms
    assert min(found.values()) >= -1e-6
    assert sum(found.values()) <= there + 1e-6


def test_executors_that_wait_while_tasks_wait_have_no_cause() -> None:
    """A task that waits for its data's host leaves an executor idle: neither tail nor driver."""
    rows = [task(0, 0, 0, 5), task(1, 0, 5, 10)]
    view = RunView(trace([stage(0, *rows)], [executor(0), executor(1)], 10))
    # While the first task ran, the second waited; while the second ran, none did.
    assert idle_of(view).ms[Cause.TAIL] == 5000.0


def test_what_a_log_without_an_end_does_not_tell_is_not_idle() -> None:
    """Three of four tasks of the second stage still run when the log breaks off."""
    first = stage(0, *[task(n, n, 0, 10, shuffle_written_bytes=1000) for n in range(4)])
    second = stage(1, task(0, 0, 20, 1000), size=4, completed_ms=None, submitted_ms=ms(20))
    jobs = [job(0, 0, 10), replace(job(1, 20, 1000), end_ms=None)]
    conf = {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.executorIdleTimeout": "5s",
    }
    made = trace([first, second], [executor(n) for n in range(4)], 1000, jobs, conf=conf, end_ms=None)
    found = idle_of(RunView(made)).ms
    assert (found[Cause.DRIVER], found[Cause.HELD], found[Cause.TAIL]) == (20_000, 20_000, 0)
    # One that has all its tasks, or a log that has its end, tells how long they stood.
    whole = replace(made, stages=(first, replace(second, size=1)))
    for known in (replace(made, end_ms=ms(1000)), whole):
        assert idle_of(RunView(known)).ms[Cause.HELD] == 5_000 + 3 * 985_000


def test_an_executor_that_was_never_removed_stays_to_the_end() -> None:
    made = trace([stage(0, task(0, 0, 0, 2))], [executor(0)], 10, [job(0, 0, 2)])
    view = RunView(made)
    assert view.executor_seconds == 10.0
    gone = replace(made, executors=(executor(0, went=4),))
    assert RunView(gone).executor_seconds == 4.0
    assert RunView(replace(made, end_ms=None, last_ms=ms(6))).executor_seconds == 6.0


def test_the_target_is_demand_within_the_bounds() -> None:
    rows = [task(n, 0, 0, 10) for n in range(6)]
    elastic = {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "1",
        "spark.dynamicAllocation.maxExecutors": "4",
    }
    made = trace([stage(0, *rows)], [executor(0)], 20, conf=elastic)
    target = target_of(RunView(made))
    assert target is not None
    assert (target.mean(ms(0), ms(10)), target.mean(ms(10), ms(20))) == (4.0, 1.0)
    fixed = target_of(RunView(replace(made, conf={"spark.executor.instances": "3"})))
    assert fixed is not None
    assert fixed.mean(ms(0), ms(20)) == 3.0
    assert target_of(RunView(replace(made, conf={}))) is None
