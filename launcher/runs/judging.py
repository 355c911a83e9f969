"""Asks the witnesses when nothing of the run is left, explains a failure, decides on another attempt."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import msgspec

from launcher.machine import MIB, memory
from launcher.managers.manager import ApplicationReport
from launcher.managers.manager_choice import manager_of
from launcher.records import record as r
from launcher.records.record import State
from launcher.runs import run_events as e
from launcher.runs.attempt import Attempt
from launcher.runs.bounds import bounds
from launcher.runs.evidence import committed, failures_in, own_result, result_at
from launcher.runs.explain.explanation import explain
from launcher.runs.explain.reading import bounded_text
from launcher.runs.hidden_values import explained_without, result_without
from launcher.runs.journal import Journal
from launcher.runs.output import append_log, say
from launcher.runs.retry import Decision, RetryContext, decide, with_decision
from launcher.runs.run_request import RunRequest
from launcher.runs.state_machine import RunState
from launcher.runs.verdict import EndFacts, judge

Result = dict[str, Any]


class Judging:
    """What the supervisor knows at the end of an attempt.

    Attributes:
        request: what the next attempt is asked for; a retry may have changed one setting of it.
    """

    def __init__(self, request: RunRequest, journal: Journal) -> None:
        self.request, self._journal = request, journal

    def judge(self, run: RunState, attempt: Attempt) -> e.Judged:
        """The verdict on an attempt; the record is told all about it.

        A fault in here must not lose the end of the run: then the exit code alone decides.
        """
        try:
            return self._judge(run, attempt)
        except Exception as error:
            verdict = judge(self._least(run))
            self._journal.note(outcome=verdict.outcome, driver_exit_code=run.exit_code)
            because = f"{verdict.because}; looking closer failed: {type(error).__name__}: {error}"
            return e.Judged(replace(verdict, because=because))

    def _least(self, run: RunState) -> EndFacts:
        """What is known without asking anybody."""
        return EndFacts(
            run.exit_code,
            run.driver_started,
            stop=run.stop,
            forced=run.forced,
            end_confirmed=run.end_confirmed,
            expects_result=self.request.is_job,
        )

    def _judge(self, run: RunState, attempt: Attempt) -> e.Judged:
        seen = self._report(run)
        result = self._result(attempt)
        facts = self._end_facts(run, result, seen)
        verdict = judge(facts)
        # What was stopped, by its timeout for one, is explained by why it was.
        failed = verdict.state is State.FAILED and run.stop is None
        driver = self._driver_log(run, seen) if failed else ""
        if failed and seen is not None:
            verdict = replace(verdict, because=f"{verdict.because}; {seen.detail}")
        text = self._explained(run, attempt, result, seen, driver) if failed else None
        if text is not None and facts.committed:
            text = msgspec.structs.replace(text, message=f"{text.message}; {verdict.because}")
        decision = self._decided(run, text, attempt) if text else None
        if text is not None and decision is not None:
            text = with_decision(text, decision)
        hidden = self.request.variables
        text = explained_without(text, hidden) if text else None
        result = result_without(result, hidden) if result else None
        self._write(run, attempt, result, text, decision)
        self._journal.note(outcome=verdict.outcome, driver_exit_code=run.exit_code)
        again = decision.because if decision and decision.again else None
        return e.Judged(verdict, again, decision.pause_s if decision else 0.0)

    def _report(self, run: RunState) -> ApplicationReport | None:
        manager = manager_of(self.request.cluster, os.environ)
        if not manager.decides(self.request.deploy_mode):
            return None
        return manager.find(self.request.run_id, run.application_id)

    def _driver_log(self, run: RunState, seen: ApplicationReport | None) -> str:
        """The end of the log of a driver on the cluster, added to ours; people are told where it lies."""
        if seen is None:
            return ""
        manager = manager_of(self.request.cluster, os.environ)
        log = manager.driver_log(self.request.run_id, run.application_id)
        say(f"{manager.name} says of {seen.application_id}: {seen.detail}")
        if log is None:
            return ""
        say(f"the driver's log: {log.where}")
        if log.end:
            title = f"[the end of the driver's log: {log.where}]"
            append_log(self._journal.folder, f"{title}\n{log.end.rstrip()}\n")
        return log.end

    def _result(self, attempt: Attempt) -> Result | None:
        if not self.request.is_job:
            return None
        written = own_result(attempt.tail().decode("utf-8", "replace"), self.request.run_id)
        if written is None and self.request.result is not None:
            return result_at(self.request.result, self.request.run_id)
        return written

    def _end_facts(self, run: RunState, result: Result | None, seen: ApplicationReport | None) -> EndFacts:
        request = self.request
        look = request.is_job and result is None
        return EndFacts(
            exit_code=run.exit_code,
            driver_started=run.driver_started or seen is not None,
            application=seen.state if seen else "UNKNOWN",
            manager_decides=manager_of(request.cluster, os.environ).decides(request.deploy_mode),
            result_outcome=result["outcome"] if result else None,
            result_exit_code=run.exit_code,
            committed=committed(request.outputs, request.run_id) if look else None,
            stop=run.stop,
            forced=run.forced,
            end_confirmed=run.end_confirmed,
            expects_result=request.is_job,
        )

    def _explained(
        self,
        run: RunState,
        attempt: Attempt,
        result: Result | None,
        seen: ApplicationReport | None,
        driver: str,
    ) -> r.Explanation:
        # stdout first: its last lines would else stand somewhere inside what went wrong.
        errors = bounded_text(self._journal.folder.errors, start=attempt.errors_start)
        # The driver's own last: it knows what spark-submit was only told.
        log = attempt.tail().decode("utf-8", "replace") + "\n" + errors + "\n" + driver
        error = result["error"] if result else None
        failures = failures_in(self._journal.folder.event_log)
        return explain(log, error, run.exit_code, seen.detail if seen else "", failures)

    def _decided(self, run: RunState, explanation: r.Explanation, attempt: Attempt) -> Decision:
        request = self.request
        room = bounds(request.cluster, request.deploy_mode, memory().limit_bytes // MIB, request.settings)
        mode, manager = request.deploy_mode, request.cluster.manager
        context = RetryContext(
            manager, mode, request.settings, request.pinned, room, request.retries, request.restarts
        )
        last = r.Attempt(run.attempt, run.exit_code, cause=explanation.cause, seconds=attempt.seconds())
        attempts = (*self._journal.record.attempts, last)
        return decide(attempts, explanation, context)

    def _write(
        self,
        run: RunState,
        attempt: Attempt,
        result: Result | None,
        explanation: r.Explanation | None,
        decision: Decision | None,
    ) -> None:
        change = decision.change if decision else None
        changed = (change.key, change.before, change.after) if change else None
        if change is not None:
            settings = {**self.request.settings, change.key: change.after}
            self.request = msgspec.structs.replace(self.request, settings=settings)
        cause = explanation.cause if explanation else None
        done = r.Attempt(run.attempt, run.exit_code, run.application_id, cause, changed, attempt.seconds())
        attempts = (*self._journal.record.attempts, done)
        # The readers of event logs take their time to load, and a run needs them at its end.
        from launcher.records.history.access import access_of
        from launcher.runs.kept_history import keep_history

        record = self._journal.record
        access = access_of(self.request.cluster, os.environ)
        history = keep_history(
            self._journal.folder, record, run.application_id or record.application_id, access
        )
        self._journal.change(
            attempts=attempts, result=result, explanation=explanation, totals=history.totals,
            warnings=tuple(dict.fromkeys((*record.warnings, *history.warnings))),
        )  # fmt: skip
