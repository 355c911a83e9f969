"""Runs: exactly one commit for a piece of work, whatever goes wrong around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest
from deltalake import DeltaTable

from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.tables import commit as committing
from tests.conftest import ROOT
from tests.spark.conftest import rows_of

KEYS = [
    "v",
    "job",
    "run_id",
    "interval",
    "config_hash",
    "outcome",
    "rows_read",
    "rows_accepted",
    "rows_quarantined",
    "rows_written",
    "rows_late",
    "batches",
    "files_skipped",
    "tables",
    "quarantine",
    "seconds",
    "phases",
    "error",
    "warnings",
]


@pytest.fixture
def day(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("id,value\na,1\na,2\nb,3\n")
    return path


def sums(path):
    return {row["id"]: int(row["sum"]) for row in rows_of(path)}


def versions(path):
    return [commit["version"] for commit in DeltaTable(str(path)).history()]


def test_a_rerun_is_skipped_and_force_computes_again(run_job, day, tmp_path):
    flags = ("--input", day, "--output", tmp_path / "out", "--interval", "2026-01-31")
    first = run_job("sum_by_key", *flags)
    assert (first.code, first.result.outcome, first.result.rows_written) == (0, "COMMITTED", 2)
    again = run_job("sum_by_key", *flags)
    assert (again.code, again.result.outcome, again.result.rows_read) == (0, "SKIPPED", 0)
    assert again.result.tables == first.result.tables
    assert versions(tmp_path / "out") == [0]
    forced = run_job("sum_by_key", *flags, "--force")
    assert forced.result.outcome == "COMMITTED"
    assert versions(tmp_path / "out") == [1, 0]
    assert sums(tmp_path / "out") == {"a": 3, "b": 3}


def test_the_result_has_every_key_and_the_history_names_the_run(run_job, day, tmp_path):
    ran = run_job("sum_by_key", "--input", day, "--output", tmp_path / "out")
    document = json.loads(ran.result.to_json())
    assert list(document) == KEYS
    assert document["quarantine"] is document["error"] is None
    assert document["tables"] == [{"name": "out", "path": str(tmp_path / "out"), "version": 0, "rows": 2}]
    (commit,) = DeltaTable(str(tmp_path / "out")).history()
    written = json.loads(commit["userMetadata"])
    assert written["run_id"] == document["run_id"]
    assert written["config_hash"] == document["config_hash"]


def test_without_an_interval_every_run_is_new_work(run_job, day, tmp_path):
    for _ in range(2):
        assert (
            run_job("sum_by_key", "--input", day, "--output", tmp_path / "out").result.outcome == "COMMITTED"
        )
    assert versions(tmp_path / "out") == [1, 0]


def test_appends(run_job, day, tmp_path):
    def append(interval, *more):
        flags = ("--input", day, "--output", tmp_path / "out", "--mode", "append", "--interval", interval)
        return run_job("sum_by_key", *flags, *more)

    assert append("2026-01-31").result.outcome == "COMMITTED"
    assert append("2026-01-31T00:00:00Z/2026-02-01").result.outcome == "SKIPPED"
    assert append("2026-01-30").result.outcome == "COMMITTED"
    assert len(rows_of(tmp_path / "out")) == 4
    other = append("2026-01-31", "--timezone", "Europe/Paris")
    assert other.code == 1
    assert append("2026-01-31").result.config_hash in other.result.error.message
    assert other.result.config_hash in other.result.error.message
    assert versions(tmp_path / "out") == [1, 0]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--mode", "append"], "--mode append needs --interval"),
        (["--mode", "append", "--interval", "2026-01-31", "--force"], "--force cannot go with"),
        (["--mode", "replace"], "--mode replace needs --interval"),
        (["--keys", "id"], "--keys goes with --mode merge"),
        (["--interval", "soon"], "--interval 'soon'"),
        (["--input", "ftp://x/y"], "the scheme 'ftp' is not known"),
        (["--input", "s3://b/y"], "Spark reads S3 by s3a"),
    ],
)
def test_contradictions_end_with_exit_2(run_job, day, tmp_path, flags, message):
    ran = run_job("sum_by_key", "--input", day, "--output", tmp_path / "out", *flags)
    assert ran.code == 2
    assert message in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_a_lost_counter_does_not_make_a_write_vanish(run_job, day, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARKJOBS_LOCK_TOKEN", "50")
    assert run_job("sum_by_key", "--input", day, "--output", tmp_path / "out").code == 0
    monkeypatch.setenv("SPARKJOBS_LOCK_TOKEN", "1")
    day.write_text("id,value\nc,9\n")
    assert run_job("sum_by_key", "--input", day, "--output", tmp_path / "out").code == 0
    assert sums(tmp_path / "out") == {"c": 9}
    assert DeltaTable(str(tmp_path / "out")).transaction_version("sum_by_key") == 52


def test_a_write_that_delta_passed_over_is_stale(run_job, day, tmp_path, monkeypatch):
    assert run_job("sum_by_key", "--input", day, "--output", tmp_path / "out").code == 0
    # As after a pause: the version was read before another writer took it.
    monkeypatch.setattr(committing, "transaction", lambda *_: ("sum_by_key", 1))
    late = run_job("sum_by_key", "--input", day, "--output", tmp_path / "out")
    assert (late.code, late.result.outcome) == (1, "STALE")
    assert versions(tmp_path / "out") == [0]


def test_a_restored_table_is_computed_again(run_job, spark, day, tmp_path):
    flags = ("--input", day, "--output", tmp_path / "out", "--mode", "append")
    for interval in ("2026-01-30", "2026-01-31"):
        assert run_job("sum_by_key", *flags, "--interval", interval).code == 0
    spark.sql(f"RESTORE TABLE delta.`{tmp_path}/out` TO VERSION AS OF 0")
    again = run_job("sum_by_key", *flags, "--interval", "2026-01-31")
    assert again.result.outcome == "COMMITTED"
    assert len(rows_of(tmp_path / "out")) == 4
    assert run_job("sum_by_key", *flags, "--interval", "2026-01-30").result.outcome == "SKIPPED"


def test_a_skip_tells_when_later_work_replaced_the_rows(run_job, day, tmp_path):
    flags = ("--input", day, "--output", tmp_path / "out", "--interval")
    assert run_job("sum_by_key", *flags, "2026-01-30").code == 0
    assert run_job("sum_by_key", *flags, "2026-01-31").code == 0
    late = run_job("sum_by_key", *flags, "2026-01-30").result
    assert late.outcome == "SKIPPED"
    assert "version 1 has replaced these rows" in late.warnings[0]


@dataclass(frozen=True)
class _TwoParams(BatchParams):
    """Flags of a job with two tables."""


def _two_tables(context, params):
    rows = context.read_rows([Column("id", "string"), Column("value", "bigint")])
    return [OutputTable("one", rows), OutputTable("two", rows)]


TWO = Job("two", "Two tables.", _TwoParams, _two_tables, tables=("one", "two"))


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_a_kill_between_two_tables_is_completed_by_a_rerun(run_job, day, tmp_path, monkeypatch, mode):
    flags = ("--input", day, "--output", tmp_path / "out", "--mode", mode, "--interval", "2026-01-31")
    real = committing.commit

    def killed(spark, rows, write, identity):
        if write.name == "two":
            raise RuntimeError("killed between two tables")
        return real(spark, rows, write, identity)

    monkeypatch.setattr(committing, "commit", killed)
    assert run_job(TWO, *flags).code == 1
    monkeypatch.setattr(committing, "commit", real)
    again = run_job(TWO, *flags)
    assert (again.result.outcome, again.result.rows_written) == ("COMMITTED", 3)
    assert versions(tmp_path / "out/one") == versions(tmp_path / "out/two") == [0]
    assert run_job(TWO, *flags).result.outcome == "SKIPPED"


def test_merge_updates_inserts_and_leaks_nothing(run_job, spark, day, tmp_path):
    flags = ("--input", day, "--output", tmp_path / "out", "--mode", "merge", "--interval")
    assert run_job("sum_by_key", *flags, "2026-01-30").code == 0
    day.write_text("id,value\nb,10\nc,1\n")
    merged = run_job("sum_by_key", *flags, "2026-01-31")
    assert (merged.code, merged.result.rows_written) == (0, 2), merged.result.error
    assert sums(tmp_path / "out") == {"a": 3, "b": 10, "c": 1}
    assert run_job("sum_by_key", *flags, "2026-01-31").result.outcome == "SKIPPED"
    spark.range(1).write.format("delta").save(str(tmp_path / "other"))
    assert "userMetadata" not in DeltaTable(str(tmp_path / "other")).history()[0]


def test_merge_refuses_double_keys(run_job, day, tmp_path):
    flags = ("--output", tmp_path / "out/x", "--mode", "merge", "--keys", "id")
    ran = run_job(TWO, "--input", day, *flags)
    assert ran.code == 1
    assert "2 rows of one have id = 'a'" in ran.result.error.message
    wrong = run_job(TWO, "--input", day, "--output", tmp_path / "y", "--mode", "merge", "--keys", "nothing")
    assert wrong.code == 2
    assert "no column 'nothing'" in wrong.result.error.message


def _timed(context, params):
    return [
        OutputTable("t", context.read_rows([Column("at", "timestamp"), Column("x", "bigint")]), at_root=True)
    ]


TIMED = Job("timed", "Rows with a time.", _TwoParams, _timed)


def test_replace_replaces_its_interval_alone(run_job, tmp_path):
    path = tmp_path / "in.csv"

    def replace(text, interval, *more):
        path.write_text(text)
        flags = ("--mode", "replace", "--interval-column", "at", "--interval", interval)
        return run_job(TIMED, "--input", path, "--output", tmp_path / "out", *flags, *more)

    assert replace("at,x\n2026-01-30 00:00:00,1\n", "2026-01-30").code == 0
    assert replace("at,x\n2026-01-31 00:00:00,2\n2026-01-31 23:59:59,3\n", "2026-01-31").code == 0
    assert replace("at,x\n2026-01-31 12:00:00,4\n", "2026-01-31", "--force").code == 0
    assert sorted(row["x"] for row in rows_of(tmp_path / "out")) == [1, 4]
    outside = replace("at,x\n2026-02-01 00:00:00,5\n", "2026-01-31", "--force")
    assert outside.code == 1
    assert "outside the interval 2026-01-31" in outside.result.error.message
    assert len(versions(tmp_path / "out")) == 3


def test_empty_input(run_job, tmp_path):
    (tmp_path / "in").mkdir()
    flags = ("--input", tmp_path / "in", "--output", tmp_path / "out")
    refused = run_job("sum_by_key", *flags)
    assert (refused.code, refused.result.outcome) == (1, "FAILED")
    assert "no rows" in refused.result.error.message
    assert not (tmp_path / "out").exists()
    appended = run_job("sum_by_key", *flags, "--allow-empty", "--mode", "append", "--interval", "2026-01-31")
    assert (appended.code, appended.result.outcome, appended.result.tables) == (0, "EMPTY", ())
    assert not (tmp_path / "out").exists()
    (tmp_path / "in/h.csv").write_text("id,value\n")
    written = run_job("sum_by_key", *flags, "--allow-empty")
    assert (written.code, written.result.outcome) == (0, "EMPTY")
    assert rows_of(tmp_path / "out") == []
    missing = run_job("sum_by_key", "--input", tmp_path / "no", "--output", tmp_path / "out", "--allow-empty")
    assert (missing.code, missing.result.outcome) == (1, "FAILED")


def test_a_rerun_needs_no_spark_to_see_that_it_is_done(run_job, day, tmp_path):
    flags = ["--input", str(day), "--output", str(tmp_path / "out"), "--interval", "2026-01-31"]
    assert run_job("sum_by_key", *flags).code == 0
    command = [sys.executable, "-m", "sparkjobs", "sum_by_key", *flags]
    without_java = {**os.environ, "JAVA_HOME": str(tmp_path), "SPARK_HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=without_java, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "SKIPPED"


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_of_two_equal_runs_at_the_same_time_one_writes(run_job, day, tmp_path, mode):
    flags = ("--input", day, "--output", tmp_path / "out", "--mode", mode, "--interval", "2026-01-31")
    inner = []

    def slow(context, params):
        tables = _two_tables(context, params)[:1]
        if not inner:
            inner.append(None)
            inner.append(run_job(SLOW, *flags))
        return [replace(tables[0], at_root=True)]

    SLOW = Job("slow", "Lets an equal run overtake it.", _TwoParams, slow)
    late = run_job(SLOW, *flags)
    assert inner[1].result.outcome == "COMMITTED"
    assert (late.code, late.result.outcome, late.result.rows_written) == (0, "SKIPPED", 0)
    assert versions(tmp_path / "out") == [0]


def test_a_forced_write_that_delta_passed_over_is_stale(run_job, day, tmp_path, monkeypatch):
    flags = ("--input", day, "--output", tmp_path / "out", "--interval", "2026-01-31")
    assert run_job("sum_by_key", *flags).code == 0
    monkeypatch.setattr(committing, "transaction", lambda *_: ("sum_by_key", 1))
    assert run_job("sum_by_key", *flags, "--force").result.outcome == "STALE"


def test_a_table_is_not_put_among_foreign_files(run_job, day, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/keep.txt").write_text("mine")
    ran = run_job("sum_by_key", "--input", day, "--output", tmp_path / "out")
    assert ran.code == 1
    assert "is not a Delta table and holds 'keep.txt'" in ran.result.error.message
    (tmp_path / "file").write_text("mine")
    ran = run_job("sum_by_key", "--input", day, "--output", tmp_path / "file")
    assert "is a file, not a table" in ran.result.error.message


def test_too_many_bad_rows_still_tell_the_counts(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("id,value\na,1\nb,x\n")
    ran = run_job("sum_by_key", "--input", tmp_path / "in.csv", "--output", tmp_path / "out")
    result = ran.result
    assert (result.rows_read, result.rows_accepted, result.rows_quarantined) == (2, 1, 1)


def test_any_key_column_can_be_named(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("Order ID,value\na,1\n")
    flags = ("--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--key-column", "Order ID")
    refused = run_job("sum_by_key", *flags)
    assert refused.code == 2
    assert "--key-as" in refused.result.error.hint
    assert run_job("sum_by_key", *flags, "--key-as", "order_id").code == 0
    assert [row["order_id"] for row in rows_of(tmp_path / "out")] == ["a"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--input", "file://[x/y", "--output", "o"], 2, "file://[x/y"),
        (["--input", "gone.csv", "--output", "o"], 1, "gone.csv does not exist"),
        (["--input", "gone.csv", "--output", "o", "--mode", "append"], 2, "--mode append needs --interval"),
    ],
)
def test_the_command_always_ends_with_its_result(capsys, tmp_path, monkeypatch, arguments, code, said):
    from sparkjobs.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["sum_by_key", *arguments, "--result", str(tmp_path / "r.json")]) == code
    last = capsys.readouterr().out.splitlines()[-1]
    assert said in json.loads(last)["error"]["message"]
    assert (tmp_path / "r.json").read_text() == last + "\n"
