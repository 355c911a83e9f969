"""Which tables a run locks: all that it writes, so that no two runs write one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from launcher.runs.begin import tables, with_outputs
from launcher.tables.locks.holder import this_process
from launcher.tables.locks.lock import Locked
from launcher.tables.locks.table_locks import LockRules, hold, locks_of
from tests.unit.intake.asking import Project
from tests.unit.runs.test_request import request

STREAM = ("analytics_stream", "--watermark", "10 minutes")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The tables of a command whose relative paths begin at the project."""
    project = Project(tmp_path)
    monkeypatch.chdir(project.folder)

    def found(job: str, *arguments: str) -> tuple[str, ...]:
        return tables(project.intake(job, "--input", "in", *arguments))

    return found


@contextmanager
def running(run_id: str, written: tuple[str, ...]) -> Iterator[None]:
    """A run that holds its tables."""
    locks = locks_of(written, LockRules(), os.environ)
    held = hold(locks, this_process(run_id, "analytics_stream"), lambda died: False, print)
    try:
        yield
    finally:
        held.release()


def test_the_output_comes_first_and_what_lies_elsewhere_follows(written) -> None:
    here = str(Path.cwd())
    assert written("wordcount", "--output", "out") == (f"{here}/out",)
    assert written("wordcount", "--output", "out", "--quarantine", "bad") == (f"{here}/out", f"{here}/bad")
    assert written(*STREAM, "--output", "s3a://b/out", "--late", "late", "--quarantine", "s3a://b/bad") == (
        "s3a://b/out",
        "s3a://b/bad",
        f"{here}/late",
    )


@pytest.mark.parametrize("flag", ["--late", "--quarantine"])
def test_two_runs_with_one_table_for_late_or_bad_rows_are_refused(written, flag: str) -> None:
    one = written(*STREAM, "--output", "one", flag, "shared")
    other = written(*STREAM, "--output", "other", flag, f"file://{Path.cwd()}/./shared")
    with running("r1", one):
        with pytest.raises(Locked, match="shared is locked by run r1"), running("r2", other):
            raise AssertionError
        with running("r3", written(*STREAM, "--output", "other", flag, "its_own")):
            pass
    with running("r2", other):
        pass


def test_what_a_run_did_is_seen_in_its_output_alone(written, tmp_path: Path) -> None:
    """Bad and late rows are committed first: of a run that was killed after them nothing is done."""
    intake = Project(tmp_path / "p").intake(*STREAM, "--input", "in", "--output", "/o", "--late", "/l")
    made = with_outputs(request(tables=tables(intake)), intake)
    assert made.tables == ("/o", "/l")
    assert made.outputs == ("/o/rows", "/o/groups")
