"""The state machine of a run: events in, instructions out. Pure.

::

    PLANNED -> LOCKED -> SUBMITTED -> RUNNING -> SUCCEEDED | FAILED | CANCELLED | LOST
        \\-> REFUSED (the lock is held)

The lock is given back last: after the end of every process of the run and of the application on the cluster.
A failure that another attempt can mend goes back to SUBMITTED, with the lock still held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from launcher.records.record import Explanation, State
from launcher.runs import run_events as e
from launcher.runs.verdict import Verdict
from sparkjobs.exits import EXIT_FAILED, EXIT_LOCKED, EXIT_NOT_STARTED

Step = tuple["RunState", tuple[e.Instruction, ...]]


@dataclass(frozen=True)
class RunState:
    """All that the machine remembers.

    Attributes:
        state: where the run is.
        attempt: which start of spark-submit this is; 0 before the first.
        child_alive: spark-submit runs.
        driver_started: the driver's Python ran.
        application_id: Spark's id, once it is known.
        exit_code: of spark-submit, once it ended.
        stop: why the run is to end, and the launcher's exit code then.
        killing: no more patience.
        forced: how it had to be ended, when asking did not do; for people.
        end_confirmed: the cluster confirmed the application's end.
        locked: the lock is ours.
        pausing: it waits before its next attempt.
    """

    state: State = State.PLANNED
    attempt: int = 0
    child_alive: bool = False
    driver_started: bool = False
    application_id: str | None = None
    exit_code: int | None = None
    stop: tuple[str, int] | None = None
    killing: bool = False
    forced: str = ""
    end_confirmed: bool = True
    locked: bool = False
    pausing: bool = False


def step(run: RunState, event: e.Event) -> Step:
    """What ``event`` changes and what is to be done; an event that comes too late changes nothing."""
    if run.state.final:
        return run, ()
    return _HANDLERS[type(event)](run, event)


def _begun(run: RunState, _: e.Begun) -> Step:
    return run, (e.TakeLock(),)


def _lock_taken(run: RunState, _: e.LockTaken) -> Step:
    locked = replace(run, state=State.LOCKED, locked=True)
    if run.stop is not None:  # asked to stop while it waited for the lock
        return _end(locked, State.CANCELLED, run.stop[0], run.stop[1])
    return _start(locked, (e.Note(State.LOCKED),))


def _lock_refused(run: RunState, event: e.LockRefused) -> Step:
    if run.stop is not None:
        return _end(run, State.CANCELLED, run.stop[0], run.stop[1])
    explanation = Explanation("Locked", event.message, event.hint)
    return _end(run, State.REFUSED, event.message, EXIT_LOCKED, explanation)


def _lock_failed(run: RunState, event: e.LockFailed) -> Step:
    explanation = Explanation("LockProblem", event.message, event.hint)
    return _end(run, State.FAILED, event.message, EXIT_NOT_STARTED, explanation)


def _start(run: RunState, before: tuple[e.Instruction, ...]) -> Step:
    fresh = replace(
        run, attempt=run.attempt + 1, driver_started=False, application_id=None, exit_code=None,
        end_confirmed=True,
    )  # fmt: skip
    return fresh, (*before, e.Start(fresh.attempt))


def _started(run: RunState, _: e.Started) -> Step:
    begun = replace(run, state=State.SUBMITTED, child_alive=True)
    noted = e.Note(State.SUBMITTED)
    # Asked while it was being started: there was nothing yet that could be ended.
    if run.killing:
        return begun, (noted, e.Kill())
    return begun, (noted, e.EndInPeace()) if run.stop is not None else (noted,)


def _not_started(run: RunState, event: e.NotStarted) -> Step:
    return _end(run, State.FAILED, event.message, EXIT_NOT_STARTED)


def _driver_started(run: RunState, _: e.DriverStarted) -> Step:
    return replace(run, driver_started=True), ()


def _application_found(run: RunState, event: e.ApplicationFound) -> Step:
    if run.application_id == event.application_id:
        return run, ()
    # A script may end one session and begin another: the last application is the run's.
    found = replace(run, application_id=event.application_id, driver_started=True, state=State.RUNNING)
    return found, (e.Note(State.RUNNING, event.application_id),)


def _exited(run: RunState, event: e.Exited) -> Step:
    return replace(run, child_alive=False, exit_code=event.code), (e.ClearTree(),)


def _tree_gone(run: RunState, event: e.TreeGone) -> Step:
    return replace(run, end_confirmed=event.confirmed), (e.Judge(),)


def _stop_requested(run: RunState, event: e.StopRequested) -> Step:
    if run.stop is not None:
        return run, ()
    requested = replace(run, stop=(event.why, event.exit_code))
    if run.pausing:
        return _stopped_in_pause(requested)
    if not run.child_alive:
        # The start that goes on, or the clearing up, sees it; waiting for the lock ends.
        return requested, () if run.locked else (e.StopWaiting(),)
    return requested, (e.EndInPeace(),)


def _kill_requested(run: RunState, event: e.KillRequested) -> Step:
    if run.killing:
        return run, ()
    stop = run.stop or (event.why, EXIT_FAILED)
    if run.pausing:
        return _stopped_in_pause(replace(run, stop=stop, killing=True))
    forced = f"was killed by {event.why}" if run.stop is not None else ""
    return replace(run, stop=stop, killing=True, forced=forced), (e.Kill(),) if run.child_alive else ()


def _grace_over(run: RunState, event: e.GraceOver) -> Step:
    if run.killing or not run.child_alive:
        return run, ()
    return replace(run, killing=True, forced=f"had to be killed after {event.after_s:g} s"), (e.Kill(),)


def _judged(run: RunState, event: e.Judged) -> Step:
    verdict: Verdict = event.verdict
    if event.again is not None and verdict.state is State.FAILED and run.stop is None:
        again = replace(run, state=State.LOCKED)
        noted = e.Note(State.LOCKED, f"{verdict.because}; again with {event.again}")
        if event.pause_s:
            return replace(again, pausing=True), (noted, e.Pause(event.pause_s))
        return _start(again, (noted,))
    return _end(run, verdict.state, verdict.because, verdict.exit_code)


def _pause_over(run: RunState, _: e.PauseOver) -> Step:
    return _start(replace(run, pausing=False), ())


def _stopped_in_pause(run: RunState) -> Step:
    """Nothing of the run is there that could be ended."""
    assert run.stop is not None
    why, exit_code = run.stop
    state = State.FAILED if exit_code == EXIT_FAILED else State.CANCELLED  # a timeout, a lease that ran out
    return _end(run, state, f"stopped between two attempts: {why}", exit_code)


def _end(
    run: RunState, state: State, detail: str, exit_code: int, explanation: Explanation | None = None
) -> Step:
    release = (e.Release(),) if run.locked else ()
    ended = replace(run, state=state, locked=False)
    # The exit code stands in the same line as the end: a kill between two would leave an end without one.
    return ended, (e.Note(state, detail, exit_code, explanation), *release, e.Finish(exit_code))


_HANDLERS: dict[type, Callable[[RunState, Any], Step]] = {
    e.Begun: _begun,
    e.LockTaken: _lock_taken,
    e.LockRefused: _lock_refused,
    e.LockFailed: _lock_failed,
    e.Started: _started,
    e.NotStarted: _not_started,
    e.DriverStarted: _driver_started,
    e.ApplicationFound: _application_found,
    e.Exited: _exited,
    e.TreeGone: _tree_gone,
    e.StopRequested: _stop_requested,
    e.KillRequested: _kill_requested,
    e.GraceOver: _grace_over,
    e.Judged: _judged,
    e.PauseOver: _pause_over,
}
