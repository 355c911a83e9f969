"""``compare --fail-if-slower`` for CI: what passes, what fails, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from launcher.cli.compare import command
from launcher.records.history.trace import Trace
from launcher.records.record import Record, State
from launcher.report.report import Report
from launcher.report.view.run_view import RunView
from tests.unit.report.pages import record
from tests.unit.report.test_compare import run


@pytest.fixture
def against(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Compares a run of 14 s with another one."""

    def compare(b: Trace, own: Record | None = None, *options: str) -> Result:
        sides = {"a": Report(RunView(run(each=14.0)), "a"), "b": Report(RunView(b), "b", own)}
        monkeypatch.setattr("launcher.cli.make_report.read_report", lambda name, *_, **__: sides[name])
        given = options or ("--fail-if-slower", "10%")
        return CliRunner().invoke(command, ["a", "b", *given], standalone_mode=False)

    return compare


@pytest.mark.parametrize(("seconds", "code"), [(15.4, 0), (15.401, 1), (11.0, 0)])
def test_exactly_as_much_slower_as_allowed_is_allowed(against, seconds: float, code: int) -> None:  # type: ignore[no-untyped-def]
    """As floats 15.4 is more than 10 % above 14."""
    assert against(run(each=seconds)).return_value == code


@pytest.mark.parametrize(
    ("b", "own", "why"),
    [
        (run(each=3.0), record(state=State.FAILED, outcome="FAILED"), "it ended as FAILED"),
        (run(each=3.0), record(state=State.LOST, outcome=None), "it ended as LOST"),
        (replace(run(each=3.0), exit_code=1), None, "its application failed"),
        (replace(run(each=3.0), end_ms=None), None, "its log has no end"),
    ],
)
def test_a_run_that_broke_off_is_not_as_fast(against, b: Trace, own: Record | None, why: str) -> None:  # type: ignore[no-untyped-def]
    done = against(b, own)
    assert done.return_value == 1
    assert f"b cannot be said to be as fast as a: {why}" in done.stderr
    # Without the option nothing is asked.
    assert against(b, own, "-o", "json").return_value == 0


def test_one_that_failed_and_is_slower_is_told_to_be_slower(against) -> None:  # type: ignore[no-untyped-def]
    done = against(replace(run(each=20.0), exit_code=1))
    assert done.return_value == 1
    assert "b is 42.9% slower than a; --fail-if-slower allows 10%" in done.stderr


def test_a_run_that_went_well_passes(against) -> None:  # type: ignore[no-untyped-def]
    assert against(run(each=14.0), record()).return_value == 0


def test_a_run_that_succeeded_by_its_record_passes_though_its_log_has_no_end(against) -> None:  # type: ignore[no-untyped-def]
    assert against(replace(run(each=14.0), end_ms=None), record()).return_value == 0
