"""The end of a run as a board: what there is to tell, within the terminal, also in ASCII."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from launcher.cli.end_board import board
from launcher.cli.run_page import WrittenReport
from launcher.records.record import Process, Record, State, Totals
from launcher.records.store import RunFolder
from launcher.runs.from_plan import final_document

RESULT = {
    "v": 1, "job": "daily", "run_id": "r1", "interval": "2026-01-31", "config_hash": "x",
    "outcome": "COMMITTED", "rows_read": 1234, "rows_accepted": 1230, "rows_quarantined": 4,
    "rows_written": 99, "seconds": 8.4, "error": None, "warnings": ["a column [b] was ignored"],
    "tables": [{"name": "out", "path": "/lake/out", "version": 3, "rows": 99}],
    "quarantine": {"path": "/lake/out_quarantine", "version": 0},
}  # fmt: skip
TIMES = {"PLANNED": "2026-01-31T00:00:00.000Z", "SUCCEEDED": "2026-01-31T00:01:15.000Z"}


def record(state=State.SUCCEEDED, **facts) -> Record:
    known = {"times": TIMES, "exit_code": 0, "child": Process(1, 1.0), "totals": Totals(tasks=7), **facts}
    return Record("r1", "daily", "laptop", "local", state, "h", "l", **known)


def drawn(found: Record, tmp_path, plain=False, width=80, report=None, **changed) -> list[str]:
    result = {**final_document(found, RunFolder(tmp_path)), **changed}
    screen = Console(file=io.StringIO(), width=width, color_system=None)
    screen.print(board(result, found, plain, width, report))
    return screen.file.getvalue().splitlines()


def test_a_run_that_went_well(tmp_path):
    lines = drawn(record(result=RESULT, outcome="COMMITTED"), tmp_path)
    assert [line.strip("│╭╮╰╯─ ") for line in lines] == [
        "✔ daily · SUCCEEDED · COMMITTED",
        "run         r1",
        "interval    2026-01-31",
        "rows        1,234 read = 1,230 accepted + 4 quarantined; 99 written",
        "table       /lake/out, version 3, 99 rows",
        "quarantine  /lake/out_quarantine, version 0",
        "time        1m 15s; 8s of it the job's own work; 7 tasks",
        "warning     a column [b] was ignored",
        "look at     sparkjob table read /lake/out_quarantine",
        "sparkjob table read /lake/out",
        "sparkjob ui r1",
        "",
    ]
    assert {len(line) for line in lines} == {80}


def test_cost_what_cost_most_and_the_report(tmp_path):
    report = WrittenReport("/runs/r1/report.html", "498 executor-seconds", "2 min 11 s: No job ran. Do less.")
    lines = drawn(record(result=RESULT, outcome="COMMITTED"), tmp_path, report=report)
    text = [line.strip("│╭╮╰╯─ ") for line in lines]
    assert "cost        498 executor-seconds" in text
    assert "cost most   2 min 11 s: No job ran. Do less." in text
    assert text[-2] == "report      /runs/r1/report.html"
    calm = drawn(record(result=RESULT), tmp_path, report=WrittenReport("/p", "1", None))
    assert not any("cost most" in line for line in calm)


def test_files_that_were_skipped_and_late_rows_are_told(tmp_path):
    more = {"files_skipped": 2, "rows_late": 3, "batches": 12}
    found = record(result={**RESULT, **more}, outcome="COMMITTED")
    text = "\n".join(drawn(found, tmp_path))
    assert "batches     12" in text
    assert "skipped     2 files" in text
    assert "+ 3 late" in text


def test_a_refused_run_tells_what_to_do_and_has_no_log_to_look_at(tmp_path):
    found = record(State.REFUSED, exit_code=5, because="held by r0", child=None, totals=None)
    text = "\n".join(drawn(found, tmp_path))
    assert "✘ daily · REFUSED " in text
    assert "error      held by r0" in text
    assert "exit code  5" in text
    assert "look at" not in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_terminal_and_80_columns(tmp_path, width):
    long = [{"name": "t", "path": "/" + "lake/" * 40, "version": None, "rows": 1}] * 9
    found = record(result={**RESULT, "tables": long}, outcome="COMMITTED")
    lines = drawn(found, tmp_path, width=width)
    assert {len(line) for line in lines} == {min(width, 80)}
    assert "and 3 more" in "\n".join(lines)
    assert "version ?" in "".join("".join(line.strip("│ ") for line in lines).split("\n"))


def test_plain_means_ascii(tmp_path):
    for found in (
        record(result=RESULT, outcome="COMMITTED"),
        record(State.LOST, exit_code=4, because="gone"),
    ):
        text = "\n".join(drawn(found, tmp_path, plain=True))
        assert text.isascii()
        assert "daily - " in text
