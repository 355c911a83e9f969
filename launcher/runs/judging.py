"""Asks the witnesses when nothing of the run is left, explains a failure, decides on another attempt."""

from __future__ import annotations

import json
import os
from typing import Any

from launcher.managers.choose import manager_of
from launcher.runs import events as e
from launcher.runs import record as r
from launcher.runs.attempt import Attempt
from launcher.runs.journal import Journal
from launcher.runs.machine import RunState
from launcher.runs.request import RunRequest
from launcher.runs.verdict import Witnesses, judge


class Judging:
    """What the supervisor knows at the end of an attempt."""

    def __init__(self, request: RunRequest, journal: Journal) -> None:
        self.request, self._journal = request, journal

    def judge(self, run: RunState, attempt: Attempt) -> e.Judged:
        """The verdict on an attempt; the record is told all about it."""
        result = own_result(attempt.tail(), self.request)
        verdict = judge(self._witnesses(run, result))
        done = r.Attempt(run.attempt, run.exit_code, run.application_id)
        self._journal.change(attempts=(*self._journal.record.attempts, done), result=result)
        self._journal.note(outcome=verdict.outcome, driver_exit_code=run.exit_code)
        return e.Judged(verdict)

    def _witnesses(self, run: RunState, result: dict[str, Any] | None) -> Witnesses:
        manager = manager_of(self.request.cluster, os.environ)
        decides = manager.decides(self.request.deploy_mode)
        seen = manager.find(self.request.run_id, run.application_id) if decides else None
        return Witnesses(
            exit_code=run.exit_code,
            driver_started=run.driver_started or seen is not None,
            application=seen.state if seen else "UNKNOWN",
            manager_decides=decides,
            result_outcome=result["outcome"] if result else None,
            result_exit_code=run.exit_code,
            stop=run.stop,
            end_confirmed=run.end_confirmed,
            expects_result=self.request.is_job,
        )


def own_result(stdout: bytes, request: RunRequest) -> dict[str, Any] | None:
    """The result JSON of our own job: the last line of its stdout, when it is of this very run."""
    lines = stdout.decode("utf-8", "replace").splitlines()
    if not request.is_job or not lines:
        return None
    try:
        found = json.loads(lines[-1])
    except json.JSONDecodeError:
        return None
    ours = isinstance(found, dict) and found.get("v") == 1 and found.get("run_id") == request.run_id
    return found if ours else None
