"""A run that slept past its lock must not write over the work of the run that took the lock after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from deltalake import DeltaTable

from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.tables import commit as committing
from tests.spark.conftest import rows_of

OLD, NEW = "7", "8"


@dataclass(frozen=True)
class _Params(BatchParams):
    """No flags of its own."""


@dataclass
class Sleeper:
    """A job during whose work something else may happen, as while its processes are stopped."""

    name: str = "sleeper"
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    @property
    def job(self) -> Job:
        return Job(self.name, "Rows of a file.", _Params, self._run)

    def _run(self, context, params):
        rows = context.read_rows([Column("id", "string"), Column("value", "bigint")])
        while self.meanwhile:
            self.meanwhile.pop()()
        return [OutputTable("t", rows, at_root=True)]


@pytest.fixture
def sleeper():
    return Sleeper()


@pytest.fixture
def attempt(run_job, monkeypatch, tmp_path):
    """Run a job on the one table, with the token of a lock."""

    def run(job, token, value, *flags):
        source = tmp_path / f"in-{value}"
        source.write_text(f"id,value\na,{value}\n")
        monkeypatch.setenv("SPARKJOBS_LOCK_TOKEN", token)
        return run_job(job, "--input", source, "--output", tmp_path / "out", *flags)

    return run


def values(tmp_path):
    return sorted(row["value"] for row in rows_of(tmp_path / "out"))


MODES = {
    "overwrite": (),
    "append": ("--mode", "append", "--interval", "2026-01-31"),
    "merge": ("--mode", "merge", "--keys", "id"),
}


@pytest.mark.parametrize("flags", MODES.values(), ids=MODES.keys())
@pytest.mark.parametrize("rival", ["sleeper", "other"])
@pytest.mark.parametrize("table_is_there", [True, False])
def test_a_holder_that_slept_ends_stale_and_changes_nothing(
    attempt, sleeper, tmp_path, flags, rival, table_is_there
):
    if table_is_there:
        assert attempt(sleeper.job, OLD, 1).code == 0
    newer = replace(sleeper.job, name=rival)
    sleeper.meanwhile.append(lambda: attempt(newer, NEW, 3))
    late = attempt(sleeper.job, OLD, 2, *flags)
    assert (late.code, late.result.outcome) == (1, "STALE"), late.result.error
    assert values(tmp_path) == [3]


def test_the_error_names_the_run_that_took_over(attempt, sleeper, tmp_path):
    sleeper.meanwhile.append(lambda: attempt(sleeper.job, NEW, 3))
    error = attempt(sleeper.job, OLD, 2).result.error
    (commit,) = DeltaTable(str(tmp_path / "out")).history()
    assert json.loads(commit["userMetadata"])["run_id"] in error.message
    assert "token 8, ours is 7" in error.message


def test_a_sleep_between_looking_and_writing_is_fenced_by_delta_itself(
    attempt, sleeper, tmp_path, monkeypatch
):
    assert attempt(sleeper.job, OLD, 1).code == 0
    real = committing.transaction

    def slept(*asked):
        found = real(*asked)
        monkeypatch.setattr(committing, "transaction", real)
        attempt(sleeper.job, NEW, 3)
        return found

    monkeypatch.setattr(committing, "transaction", slept)
    late = attempt(sleeper.job, OLD, 2)
    assert (late.code, late.result.outcome) == (1, "STALE")
    assert values(tmp_path) == [3]


def test_the_newer_holder_is_not_kept_out_by_an_older_one_that_was_quicker(attempt, sleeper, tmp_path):
    sleeper.meanwhile.append(lambda: attempt(sleeper.job, OLD, 3))
    assert attempt(sleeper.job, NEW, 2).result.outcome == "COMMITTED"
    assert values(tmp_path) == [2]


def test_high_tokens_of_a_lost_counter_do_not_keep_anybody_out(attempt, sleeper, tmp_path):
    assert attempt(sleeper.job, "50", 1).code == 0
    sleeper.meanwhile.append(lambda: attempt(replace(sleeper.job, name="other"), "1", 2))
    again = attempt(sleeper.job, "2", 3)
    assert again.result.outcome == "COMMITTED", again.result.error
    assert values(tmp_path) == [3]
