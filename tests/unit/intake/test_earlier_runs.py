"""Which runs of the past are a job's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.intake.earlier_runs import EARLIER_RUNS, newest_of
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Where the runs lie."""
    return {"XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}


def ran(environ: dict[str, str], job: str, second: int) -> str:
    """A run that went well."""
    run_id = f"20260131T0000{second:02}Z-{job}-1a2b3c4d"
    record = Record(
        run_id=run_id, job=job, target="mine", manager="standalone", state=State.SUCCEEDED, host="here",
        log="log.txt",
    )  # fmt: skip
    Store(runs_root(environ)).folder(run_id).create(record)
    return run_id


def test_many_runs_of_a_longer_name_hide_none_of_a_job(environ: dict[str, str]) -> None:
    own = [ran(environ, "daily", 2), ran(environ, "daily", 1)]
    for second in range(3, 3 + EARLIER_RUNS):
        ran(environ, "daily-eu" if second % 2 else "eu-daily", second)
    assert [record.run_id for record in newest_of("daily", environ)] == own
    assert [record.job for record in newest_of("daily-eu", environ)] == ["daily-eu"] * (EARLIER_RUNS // 2)
