"""The report that a run leaves: written where its trace is kept, and never more than a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.cli.run_page import write_run_page
from launcher.records.history.kept_files import keep
from launcher.records.record import Record
from launcher.records.store import RunFolder
from tests.unit.report.made import even
from tests.unit.report.pages import record, usual


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunFolder, Record]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder, kept = RunFolder(tmp_path / "r1"), record(run_id="r1", target="laptop")
    folder.create(kept)
    return folder, kept


def test_the_page_lies_beside_the_record(run: tuple[RunFolder, Record]) -> None:
    folder, kept = run
    keep(folder, usual())
    written = write_run_page(folder, kept)
    assert written is not None
    assert written.path == str(folder.path / "report.html")
    assert written.cost == "122 executor-seconds"
    assert written.dearest is not None
    assert written.dearest.startswith("11 s: No job ran for 11 s of 36 s")
    text = folder.report.read_text()
    assert "<h1>daily</h1>" in text
    assert "Plans of queries were not looked at" in text  # the trace is kept, the log is not


def test_what_takes_too_long_is_said_to_be_left_out(
    run: tuple[RunFolder, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = run
    keep(folder, usual())
    write_run_page(folder, kept)
    assert "other sizes were" not in folder.report.read_text().lower()
    monkeypatch.setattr("launcher.cli.run_page.MOST_PREDICTED", 7)
    write_run_page(folder, kept)
    assert "Other sizes were not predicted, for it has more than 7 tasks" in folder.report.read_text()


def test_a_run_that_loses_nothing_has_no_dearest_thing(run: tuple[RunFolder, Record]) -> None:
    folder, kept = run
    keep(folder, even())
    written = write_run_page(folder, kept)
    assert written is not None
    assert written.dearest is None


def test_a_run_without_a_log_has_no_report_and_no_warning(run: tuple[RunFolder, Record], capsys) -> None:  # type: ignore[no-untyped-def]
    assert write_run_page(*run) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("trouble", ["damaged", "unwritable"])
def test_trouble_is_a_warning(run: tuple[RunFolder, Record], trouble: str, capsys) -> None:  # type: ignore[no-untyped-def]
    folder, kept = run
    keep(folder, usual())
    if trouble == "damaged":
        folder.trace.write_bytes(b"nothing")
    else:
        folder.report.mkdir()
    assert write_run_page(folder, kept) is None
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("warning: the report of r1 was not written: ")
    assert len(captured.err.splitlines()) == 1
