"""A run whose supervisor was killed: what is true of it now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from launcher.managers.manager import ApplicationReport
from launcher.records.record import State
from launcher.runs.verdict import GOOD_OUTCOMES


@dataclass(frozen=True)
class Traces:
    """What can be found of the run.

    Attributes:
        supervised: its supervisor lives, or whoever is about to start that one.
        processes: how many of its processes live on this machine.
        here: it was started on this machine, so that its processes can be looked for.
        report: what the cluster manager says; ``None`` when it says nothing.
        decides: the manager's word counts for the outcome.
        result: the job's own result, when it came as far as writing it.
        begun: spark-submit was started.
    """

    supervised: bool
    processes: int
    here: bool
    report: ApplicationReport | None = None
    decides: bool = False
    result: dict[str, Any] | None = None
    begun: bool = True


@dataclass(frozen=True)
class RunStatus:
    """Where the run is, why we think so, and what it came to where that is known."""

    state: State
    because: str
    outcome: str | None = None


def status_of(recorded: State, found: Traces) -> RunStatus:
    """What is true of a run that its record calls ``recorded``."""
    if recorded.final or found.supervised:
        return RunStatus(recorded, "the record" if recorded.final else "its supervisor lives")
    if not found.here and not _known_elsewhere(found):
        return RunStatus(
            recorded, "it was started on another machine, and its manager does not know how it stands"
        )
    if found.processes:
        return RunStatus(recorded, f"its supervisor is gone, {found.processes} of its processes run on")
    if found.report is not None and found.report.state == "RUNNING":
        return RunStatus(State.RUNNING, f"its supervisor is gone, the cluster runs it: {found.report.detail}")
    if found.report is not None and not found.report.answered and found.decides:
        return RunStatus(recorded, f"its supervisor is gone, and {found.report.detail}")
    return _ended(found)


def _known_elsewhere(found: Traces) -> bool:
    # A driver on the other machine may go on when its application has ended.
    seen = found.report
    return seen is not None and seen.answered and (found.decides or seen.state == "RUNNING")


def _ended(found: Traces) -> RunStatus:
    if found.result is not None:
        outcome = str(found.result["outcome"])
        state = State.SUCCEEDED if outcome in GOOD_OUTCOMES else State.FAILED
        return RunStatus(state, "its supervisor was killed; the job's own result is in the log", outcome)
    if found.decides and found.report is not None and found.report.state != "UNKNOWN":
        good = found.report.state == "SUCCEEDED"
        state = State.SUCCEEDED if good else State.FAILED
        why = f"its supervisor was killed; the cluster manager says {found.report.state}"
        return RunStatus(state, why, "SUCCEEDED" if good else "FAILED")
    if not found.begun:
        return RunStatus(State.FAILED, "its supervisor was killed before anything was started", "FAILED")
    return RunStatus(
        State.LOST, "its supervisor was killed and nobody saw the end; nothing of it runs", "FAILED"
    )
