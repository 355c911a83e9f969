"""What a run came to, decided from several witnesses, none of which is believed alone.

Known liars: YARN calls a failed client-mode application SUCCEEDED; spark-submit exits 0 when a driver pod
fails or is deleted; a job's own result is not there when the driver was killed after its commit.
"""

from __future__ import annotations

from dataclasses import dataclass

from launcher.managers.manager import ApplicationState
from launcher.records.record import State
from sparkjobs.exits import (
    EXIT_FAILED,
    EXIT_LOCKED,
    EXIT_LOST,
    EXIT_NOT_STARTED,
    EXIT_OK,
    EXIT_USAGE,
)

GOOD_OUTCOMES = frozenset({"COMMITTED", "SKIPPED", "EMPTY", "SUCCEEDED"})


@dataclass(frozen=True)
class EndFacts:
    """What is known when nothing of the run is left on this machine.

    Attributes:
        exit_code: of spark-submit; ``None`` when nobody saw it.
        driver_started: the driver's Python ran, or the cluster accepted the application.
        application: what the manager says, for the modes in which it tells the truth, else ``UNKNOWN``.
        manager_decides: the exit code says nothing (Kubernetes, cluster mode).
        result_outcome: outcome in the job's own result JSON; ``None`` without one.
        result_exit_code: the exit code that goes with that result.
        committed: the table's history holds a commit of this run id; ``None`` when nobody looked.
        stop: why the run was stopped and what the launcher then ends with; ``None`` when nobody stopped it.
        forced: how the run had to be ended, when asking did not do.
        end_confirmed: the cluster no longer runs the application.
        expects_result: the job is one of the catalogue and owes a result.
    """

    exit_code: int | None
    driver_started: bool
    application: ApplicationState = "UNKNOWN"
    manager_decides: bool = False
    result_outcome: str | None = None
    result_exit_code: int | None = None
    committed: bool | None = None
    stop: tuple[str, int] | None = None
    forced: str = ""
    end_confirmed: bool = True
    expects_result: bool = False


# Of a job that says itself why it failed.
_OWN_CODES = (EXIT_FAILED, EXIT_USAGE, EXIT_LOCKED)


@dataclass(frozen=True)
class Verdict:
    """The end of a run.

    Attributes:
        state: its final state.
        outcome: COMMITTED, SKIPPED, EMPTY, STALE, FAILED, or SUCCEEDED for a foreign script.
        exit_code: of the launcher.
        because: which witness decided, for people.
    """

    state: State
    outcome: str
    exit_code: int
    because: str


def judge(seen: EndFacts) -> Verdict:
    """The table of truth: the first row that fits decides."""
    rows = (_still_there, _stopped, _never_began, _own_result, _history, _manager, _unseen, _exit_code)
    return next(verdict for row in rows if (verdict := row(seen)) is not None)


def _still_there(seen: EndFacts) -> Verdict | None:
    if seen.end_confirmed:
        return None
    return Verdict(State.LOST, "FAILED", EXIT_LOST, "the cluster manager does not confirm that it ended")


def _stopped(seen: EndFacts) -> Verdict | None:
    if seen.stop is None:
        return None
    why, code = seen.stop
    # A stream that stopped in time, or work that was through before the signal came.
    if seen.exit_code == 0 and seen.result_outcome in GOOD_OUTCOMES:
        return Verdict(State.SUCCEEDED, seen.result_outcome or "", EXIT_OK, f"it ended in time after {why}")
    outcome = "COMMITTED" if seen.committed else "FAILED"
    state = State.FAILED if code == EXIT_FAILED else State.CANCELLED  # a timeout, a lease that ran out
    how = f"; it {seen.forced}" if seen.forced else ""
    return Verdict(state, outcome, code, f"stopped: {why}{how}")


def _never_began(seen: EndFacts) -> Verdict | None:
    if seen.driver_started or seen.exit_code == 0:
        return None
    return Verdict(
        State.FAILED, "FAILED", EXIT_NOT_STARTED, f"spark-submit ended with {seen.exit_code} before a driver"
    )


def _own_result(seen: EndFacts) -> Verdict | None:
    if seen.result_outcome is None:
        return None
    if seen.result_outcome in GOOD_OUTCOMES:
        return Verdict(State.SUCCEEDED, seen.result_outcome, EXIT_OK, "the job's own result")
    code = seen.result_exit_code if seen.result_exit_code in _OWN_CODES else EXIT_FAILED
    return Verdict(State.FAILED, seen.result_outcome, code or EXIT_FAILED, "the job's own result")


def _history(seen: EndFacts) -> Verdict | None:
    # Killed after its commit: one table may be there and the next one not, so that is no success.
    if not seen.expects_result:
        return None
    if seen.committed:
        because = "no result came; the table's history holds a commit of this run, a rerun completes it"
        return Verdict(State.FAILED, "FAILED", EXIT_FAILED, because)
    code = f"exit code {seen.exit_code}" if seen.exit_code is not None else "no exit code"
    return Verdict(State.FAILED, "FAILED", EXIT_FAILED, f"no result came, {code}")


def _manager(seen: EndFacts) -> Verdict | None:
    if not seen.manager_decides or seen.application in ("UNKNOWN", "RUNNING"):
        return None
    if seen.application == "SUCCEEDED":
        return Verdict(State.SUCCEEDED, "SUCCEEDED", EXIT_OK, "the cluster manager")
    return Verdict(State.FAILED, "FAILED", EXIT_FAILED, f"the cluster manager: {seen.application}")


def _unseen(seen: EndFacts) -> Verdict | None:
    if seen.exit_code is not None and not seen.manager_decides:
        return None
    return Verdict(State.LOST, "FAILED", EXIT_LOST, "nobody saw how it ended")


def _exit_code(seen: EndFacts) -> Verdict | None:
    if seen.exit_code == 0:
        return Verdict(State.SUCCEEDED, "SUCCEEDED", EXIT_OK, "exit code 0")
    return Verdict(State.FAILED, "FAILED", EXIT_FAILED, f"exit code {seen.exit_code}")
