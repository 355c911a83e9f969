"""How a stream moved its executors: on the page, in words, as JSON, and where its progress tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from launcher.cli.make_report import read_report
from launcher.cli.run_page import write_run_page
from launcher.records.history.kept_files import keep
from launcher.records.store import RunFolder
from launcher.report.first_screen import first_screen
from launcher.report.page.decisions import MOST, OPEN
from launcher.report.page.page import page
from launcher.report.report import Report, document
from launcher.report.view.run_view import RunView
from launcher.report.view.stream_changes import changes
from launcher.report.view.target import target_of
from launcher.runs.progress.stream_decisions import decisions_of
from sparkjobs.streaming.progress.batch_progress import BatchProgress, Decided, Seconds, stamp, to_line
from sparkjobs.streaming.progress.progress_file import OLDER
from tests.unit.report.made import ms
from tests.unit.report.pages import HOSTILE, record, usual

BOUNDS = {
    "spark.dynamicAllocation.enabled": "false",
    "spark.dynamicAllocation.maxExecutors": "6",
    "spark.executor.instances": "3",
}


def decided(seconds: float, target: int, reason: str = "a batch takes 18 s of 10 s") -> Decided:
    """A decision so long after the start."""
    moment = datetime.fromtimestamp(ms(seconds) / 1000, timezone.utc)
    return Decided(stamp(moment), target, reason)


def report(*decisions: Decided) -> Report:
    """A stream's."""
    return Report(RunView(replace(usual(), conf=BOUNDS), decisions=decisions), "/logs/app-1")


def test_a_change_tells_what_was_before_it() -> None:
    found = changes(report(decided(8, 5), decided(20, 2)).view)
    assert [(one.seconds, one.before, one.after) for one in found] == [(8.0, 3, 5), (20.0, 5, 2)]
    unbound = RunView(usual(), decisions=(decided(8, 5),))
    assert [(one.before, one.after) for one in changes(unbound)] == [(None, 5)]


def test_the_target_of_a_stream_is_what_it_decided_and_no_fixed_number() -> None:
    target = target_of(report(decided(8, 5), decided(20, 2), decided(99, 6)).view)
    assert target is not None
    spans = [(0, 8), (8, 20), (20, 36)]
    assert [target.mean(ms(begin), ms(end)) for begin, end in spans] == [3.0, 5.0, 2.0]


def test_the_page_lists_them_below_the_picture() -> None:
    text = page(report(decided(8, 5), decided(20, 2, HOSTILE)))
    executors = text.split("</h2>")[2]
    assert "3 → 5" in executors
    assert "5 → 2" in executors
    assert executors.index("<svg") < executors.index("3 → 5")
    assert "target of the stream" in executors
    assert "<img" not in text
    assert "Why" not in page(report())


def test_of_many_the_newest_are_open_and_the_oldest_left_out() -> None:
    many = [decided(n / 100, 1 + n % 2, f"reason {n}") for n in range(MOST + 7)]
    text = page(report(*many))
    folded, opened = text.split("</details>")[-2], text.split("</details>")[-1]
    assert opened.count("reason ") == OPEN
    assert folded.count("reason ") == MOST - OPEN
    assert "7 earlier ones are left out; -o json has them." in text
    assert len(document(report(*many))["decisions"]) == MOST + 7


def test_the_words_have_the_newest() -> None:
    lines = list(first_screen(report(*[decided(n, 1 + n % 2, f"reason {n}") for n in range(8)])))
    begin = lines.index("Executors followed the load")
    assert lines[begin + 1].split() == ["3.0", "s", "1", "->", "2", "reason", "3"]
    assert [line.split()[-1] for line in lines[begin + 1 : begin + 6]] == ["3", "4", "5", "6", "7"]
    assert lines[begin + 6] == "  3 earlier ones with -o json or -o FILE.html"
    assert "Executors followed the load" not in list(first_screen(report()))


def test_the_document_has_them_where_there_are_some() -> None:
    only = decided(8, 5)
    assert document(report(only))["decisions"] == [
        {"ts": only.ts, "target": 5, "reason": "a batch takes 18 s of 10 s"}
    ]
    assert "decisions" not in document(report())


def test_nobody_is_told_to_let_spark_move_what_the_stream_moves() -> None:
    (driver,) = [one for one in report(decided(8, 5)).losses if one.id == "idle-driver"]
    assert "enabled=true" not in driver.fix
    (fixed,) = [one for one in report().losses if one.id == "idle-driver"]
    assert "enabled=true" in fixed.fix


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A stream's run; its progress has gone over into a second file, and ends within a line."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = RunFolder(tmp_path / "sparkjobs" / "runs" / "20260131T000000Z-daily-abc")
    folder.create(record())
    lines = [
        line(0),
        line(1, decided(8, 5, "first"), decided(9, 6, "second")),
        line(2),
        line(3, decided(20, 2)),
    ]
    folder.progress.with_name(OLDER).write_text("".join(lines[:2]))
    folder.progress.write_text("".join(lines[2:]) + '{"decisions": [')
    return folder


def line(number: int, *decisions: Decided) -> str:
    """A batch's line."""
    spent = Seconds(1.0, 0.1, 0.2, 0.4, 0.2, 0.1)
    made = BatchProgress("2026-01-31T12:00:00.000Z", number, 10, 2.5, spent, decisions=decisions)
    return to_line(made) + "\n"


def test_they_are_read_from_both_files_of_progress(run: RunFolder, tmp_path: Path) -> None:
    assert [one.target for one in decisions_of(run)] == [5, 6, 2]
    assert decisions_of(RunFolder(tmp_path / "no_stream")) == ()


def test_the_report_of_a_run_has_them_with_its_page(run: RunFolder, tmp_path: Path) -> None:
    keep(run, usual())
    found = read_report(run.run_id, {"XDG_STATE_HOME": str(tmp_path)})
    assert [one.target for one in found.view.decisions] == [5, 6, 2]
    assert write_run_page(run, run.read()) is not None
    assert "5 → 6" in run.report.read_text()


def test_those_of_an_attempt_before_are_not_of_this_application(run: RunFolder, tmp_path: Path) -> None:
    keep(run, replace(usual(), start_ms=ms(10)))
    found = read_report(run.run_id, {"XDG_STATE_HOME": str(tmp_path)})
    assert [one.target for one in found.view.decisions] == [2]
