"""The state machine of a run, driven by plain events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.record import Explanation, State
from launcher.runs import run_events as e
from launcher.runs.state_machine import RunState, step
from launcher.runs.verdict import Verdict

GOOD = Verdict(State.SUCCEEDED, "COMMITTED", 0, "the job's own result")
BAD = Verdict(State.FAILED, "FAILED", 1, "exit code 1")
LOCKED = Explanation("Locked", "held by run x", "Wait for it.")
BEGUN = (e.Begun(), e.LockTaken(1), e.Started(41, 1.0))
CANCELLED = Verdict(State.CANCELLED, "FAILED", 143, "stopped: SIGTERM")


def drive(*happenings):
    """The state after all events, and every instruction on the way."""
    run, done = RunState(), []
    for event in happenings:
        run, instructions = step(run, event)
        done += instructions
    return run, done


def test_a_run_that_goes_well():
    run, done = drive(
        e.Begun(),
        e.LockTaken(7),
        e.Started(41, 1.0),
        e.DriverStarted(),
        e.ApplicationFound("local-1"),
        e.Exited(0),
        e.TreeGone(),
        e.Judged(GOOD),
    )
    assert run.state is State.SUCCEEDED
    assert done == [
        e.TakeLock(),
        e.Note(State.LOCKED),
        e.Start(1),
        e.Note(State.SUBMITTED),
        e.Note(State.RUNNING, "local-1"),
        e.ClearTree(),
        e.Judge(),
        e.Note(State.SUCCEEDED, "the job's own result", 0),
        e.Release(),
        e.Finish(0),
    ]


def test_a_held_lock_starts_nothing():
    run, done = drive(e.Begun(), e.LockRefused("held by run x", "Wait for it."))
    assert run.state is State.REFUSED
    assert done == [e.TakeLock(), e.Note(State.REFUSED, "held by run x", 5, LOCKED), e.Finish(5)]


def test_a_stop_while_waiting_for_the_lock_starts_nothing():
    run, done = drive(e.Begun(), e.StopRequested("SIGTERM", 143), e.LockTaken(1))
    assert run.state is State.CANCELLED
    message = e.Note(State.CANCELLED, "SIGTERM", 143)
    assert done == [e.TakeLock(), e.StopWaiting(), message, e.Release(), e.Finish(143)]


def test_a_stop_ends_the_wait_for_a_lock_that_is_held():
    run, done = drive(e.Begun(), e.StopRequested("SIGTERM", 143), e.LockRefused("held by run x"))
    assert run.state is State.CANCELLED
    assert done[-1] == e.Finish(143)


def test_a_stop_ends_in_peace_then_kills_when_the_grace_is_over():
    run, done = drive(
        *BEGUN, e.StopRequested("SIGTERM", 143), e.StopRequested("SIGTERM", 143), e.GraceOver(20.0)
    )
    assert done[-2:] == [e.EndInPeace(), e.Kill()]
    assert run.forced == "had to be killed after 20 s"


def test_a_second_interrupt_kills_at_once():
    run, done = drive(
        *BEGUN, e.StopRequested("SIGINT", 130), e.KillRequested("second SIGINT"), e.GraceOver(20.0)
    )
    assert done.count(e.Kill()) == 1
    assert run.stop == ("SIGINT", 130)


def test_another_attempt_keeps_the_lock():
    run, done = drive(
        e.Begun(),
        e.LockTaken(1),
        e.Started(41, 1.0),
        e.ApplicationFound("app-1"),
        e.Exited(52),
        e.TreeGone(),
        e.Judged(BAD, again="spark.executor.memory 6g instead of 4g"),
    )
    assert (run.state, run.attempt, run.locked) == (State.LOCKED, 2, True)
    assert run.application_id is None
    assert e.Start(2) in done
    assert e.Release() not in done


def test_a_run_that_was_stopped_is_not_tried_again():
    run, done = drive(
        e.Begun(),
        e.LockTaken(1),
        e.Started(41, 1.0),
        e.StopRequested("SIGTERM", 143),
        e.Exited(143),
        e.TreeGone(),
        e.Judged(CANCELLED, again="anything"),
    )
    assert run.state is State.CANCELLED
    assert done[-2:] == [e.Release(), e.Finish(143)]


@pytest.mark.parametrize("event", [e.NotStarted("no such file"), e.LockFailed("disk full")])
def test_what_never_began_ends_with_3(event):
    run, done = drive(e.Begun(), e.LockTaken(1), event)
    assert run.state is State.FAILED
    assert done[-1] == e.Finish(3)


def test_what_to_do_about_a_lock_that_cannot_be_asked_for_is_not_lost():
    _, done = drive(e.Begun(), e.LockFailed("disk full", "Make room."))
    explanation = Explanation("LockProblem", "disk full", "Make room.")
    assert e.Note(State.FAILED, "disk full", 3, explanation) in done


ANY = st.one_of(
    st.builds(e.LockTaken, st.integers(1, 9)),
    st.just(e.LockRefused("held")),
    st.just(e.LockFailed("disk full")),
    st.just(e.Started(1, 1.0)),
    st.just(e.NotStarted("gone")),
    st.just(e.DriverStarted()),
    st.builds(e.ApplicationFound, st.sampled_from(["a", "b"])),
    st.builds(e.Exited, st.integers(0, 255)),
    st.builds(e.TreeGone, st.booleans()),
    st.just(e.StopRequested("SIGTERM", 143)),
    st.just(e.KillRequested("second SIGINT")),
    st.just(e.GraceOver(20.0)),
    st.builds(e.Judged, st.sampled_from([GOOD, BAD, CANCELLED]), st.sampled_from([None, "more memory"])),
)


@given(st.lists(ANY, max_size=25))
def test_whatever_happens_it_ends_once_and_the_lock_is_given_back_last(happenings):
    run, done = drive(e.Begun(), *happenings)
    ends = [index for index, instruction in enumerate(done) if isinstance(instruction, e.Finish)]
    assert len(ends) == int(run.state.final)
    if ends:
        assert ends == [len(done) - 1]
        assert not run.locked
    releases = [index for index, instruction in enumerate(done) if isinstance(instruction, e.Release)]
    assert all(index == len(done) - 2 for index in releases)


def test_a_stop_while_spark_submit_is_being_started_ends_it():
    run, done = drive(e.Begun(), e.LockTaken(1), e.StopRequested("SIGTERM", 143), e.Started(41, 1.0))
    assert run.child_alive
    assert done[-1] == e.EndInPeace()


def test_a_kill_while_spark_submit_is_being_started_kills_it():
    _, done = drive(e.Begun(), e.LockTaken(1), e.KillRequested("a lease runs out"), e.Started(41, 1.0))
    assert done[-1] == e.Kill()


def test_an_end_is_noted_together_with_its_exit_code():
    _, done = drive(*BEGUN, e.Exited(1), e.TreeGone(), e.Judged(BAD))
    assert e.Note(State.FAILED, "exit code 1", 1) in done


FAILED_ONCE = (*BEGUN, e.DriverStarted(), e.Exited(137), e.TreeGone())


def test_a_pause_lies_between_two_attempts_and_the_lock_is_kept():
    run, done = drive(*FAILED_ONCE, e.Judged(BAD, "restart 1 of 5", 5.0))
    assert (run.state, run.pausing, done[-1]) == (State.LOCKED, True, e.Pause(5.0))
    assert e.Release() not in done
    run, done = drive(*FAILED_ONCE, e.Judged(BAD, "restart 1 of 5", 5.0), e.PauseOver())
    assert (run.pausing, run.attempt, done[-1]) == (False, 2, e.Start(2))


@pytest.mark.parametrize(
    ("event", "state", "code"),
    [
        (e.StopRequested("SIGTERM", 143), State.CANCELLED, 143),
        (e.StopRequested("longer than its timeout of 1 s", 1), State.FAILED, 1),
        (e.KillRequested("a lease about to run out"), State.FAILED, 1),
    ],
)
def test_who_is_stopped_in_a_pause_ends_at_once_and_nothing_starts_after_it(event, state, code):
    run, done = drive(*FAILED_ONCE, e.Judged(BAD, "restart 1 of 5", 5.0), event, e.PauseOver())
    assert run.state is state
    assert done[-2:] == [e.Release(), e.Finish(code)]
    assert e.Start(2) not in done
