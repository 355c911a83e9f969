"""A stream over a Delta table: what lies there, then each commit's inserts, once, whatever happens."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from deltalake import DeltaTable

from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming import batch as batch_module
from sparkjobs.streaming.event_time.replay import plan_replay
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.delta.position import NAME
from sparkjobs.streaming.sources.delta.source import DeltaSource
from tests.spark.conftest import rows_of

TABLE = "timestamp string, value double, key string"


@pytest.fixture
def source(spark, tmp_path):
    """Append rows of a value each to ``tmp_path/source``."""

    def append(*values, **options):
        rows = [(f"2026-01-31T00:{int(v) % 60:02}:00Z", float(v), "k") for v in values]
        frame = spark.createDataFrame(rows, TABLE).coalesce(1)
        frame.write.format("delta").options(**options).mode("append").save(str(tmp_path / "source"))

    return append


@pytest.fixture
def stream(run_job, tmp_path):
    def run(*flags):
        flow = f"delta://{tmp_path}/source"
        return run_job(
            "analytics_stream", "--input", flow, "--output", tmp_path / "out", "--key-columns", "key", *flags
        )

    return run


def values(tmp_path):
    return sorted(row["value"] for row in rows_of(tmp_path / "out" / "rows"))


def sql(spark, tmp_path, text):
    spark.sql(text.format(table=f"delta.`{tmp_path}/source`"))


def test_what_lies_there_then_what_each_commit_inserts(source, stream, tmp_path):
    source(1, 2)
    source(3)
    ran = stream()
    assert ran.code == 0, ran.result.error
    assert (ran.result.outcome, ran.result.rows_read) == ("COMMITTED", 3)
    assert (stream().result.outcome, values(tmp_path)) == ("EMPTY", [1, 2, 3])
    source(4)
    source(5)
    ran = stream()
    assert ran.result.rows_read == 2, ran.result.error
    assert values(tmp_path) == [1, 2, 3, 4, 5]


def test_files_are_cut_into_batches_in_the_order_of_the_commits(source, stream, tmp_path):
    for value in range(5):
        source(value)
    ran = stream("--max-files-per-batch", "2")
    assert (ran.result.batches, values(tmp_path)) == (3, [0, 1, 2, 3, 4])
    lines = [
        json.loads(line)
        for file in sorted((tmp_path / "out_checkpoint" / "arrivals").glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    times = [line["add"]["modificationTime"] for line in lines]
    assert times == sorted(times)


@pytest.mark.parametrize("start", ["latest", "earliest"])
def test_the_start_is_kept_though_nothing_is_there_to_read(source, stream, tmp_path, start):
    source(1)
    assert stream("--start", start).result.rows_read == (1 if start == "earliest" else 0)
    source(2)
    # Another start means nothing to a stream that has begun.
    assert stream("--start", "earliest").result.rows_read == 1
    assert values(tmp_path) == ([1, 2] if start == "earliest" else [2])


def test_a_compaction_brings_nothing_again(source, stream, spark, tmp_path):
    source(1)
    source(2)
    stream()
    sql(spark, tmp_path, "OPTIMIZE {table}")
    assert stream().result.outcome == "EMPTY"
    source(3)
    assert stream().result.rows_read == 1
    assert values(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize(
    ("change", "vectors"),
    [
        ("DELETE FROM {table} WHERE value = 1", True),
        ("UPDATE {table} SET value = 9 WHERE value = 1", False),
    ],
)
def test_commits_that_change_rows_end_the_stream_or_are_passed_over(
    source, stream, spark, tmp_path, change, vectors
):
    source(1, 2)
    if vectors:
        sql(spark, tmp_path, "ALTER TABLE {table} SET TBLPROPERTIES (delta.enableDeletionVectors = true)")
    assert stream().result.rows_read == 2
    source(3)
    sql(spark, tmp_path, change)
    source(4)
    refused = stream()
    assert refused.code == 1
    assert f"({change.split()[0]})" in refused.result.error.message
    assert "--changes skip" in refused.result.error.hint
    # What came before the commit is not lost by the refusal, and not read twice.
    skipped = stream("--changes", "skip")
    assert skipped.code == 0, skipped.result.error
    assert any("1 commits" in text and "passed over" in text for text in skipped.result.warnings)
    assert values(tmp_path) == [1, 2, 3, 4]


def test_rows_that_were_deleted_before_the_start_are_not_read(source, stream, spark, tmp_path):
    source(1, 2, 3)
    sql(spark, tmp_path, "ALTER TABLE {table} SET TBLPROPERTIES (delta.enableDeletionVectors = true)")
    sql(spark, tmp_path, "DELETE FROM {table} WHERE value = 2")
    ran = stream()
    assert (ran.code, values(tmp_path)) == (0, [1, 3])


def test_an_added_column_that_nobody_asks_for_is_passed_over_by_name(source, stream, spark, tmp_path):
    source(1)
    stream()
    sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMNS (note string)")
    source(2)
    ran = stream()
    assert ran.code == 0, ran.result.error
    assert [text for text in ran.result.warnings if "note" in text] == [
        f"{tmp_path}/source has got columns since the stream began: note",
        "ignored columns: note",
    ]
    source(3)
    # The next run knows it, and says again what it passes over.
    assert [text for text in stream().result.warnings if "note" in text] == ["ignored columns: note"]
    assert values(tmp_path) == [1, 2, 3]


def test_a_column_that_comes_while_the_stream_runs_is_one_restart_inside_the_run(
    source, stream, spark, tmp_path, monkeypatch, caplog
):
    source(1)
    real, looks = DeltaSource.look, []

    def look(self):
        looks.append(len(looks))
        if len(looks) == 2:
            sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMNS (note string)")
            source(2)
        return real(self)

    monkeypatch.setattr(DeltaSource, "look", look)
    ran = stream("--trigger", "1 second", "--max-batches", "2")
    assert (ran.code, ran.result.batches, ran.result.rows_read) == (0, 2, 2), ran.result.error
    restarts = [record for record in caplog.records if "is started again" in record.getMessage()]
    assert len(restarts) == 1
    assert values(tmp_path) == [1, 2]
    # One run, one query, one number after the other.
    commits = [
        json.loads(row["userMetadata"])
        for row in spark.sql(f"DESCRIBE HISTORY delta.`{tmp_path}/out/rows`").collect()
    ]
    assert {commit["run_id"] for commit in commits} == {ran.result.run_id}
    assert sorted(commit["batch"] for commit in commits) == [0, 1]


def test_a_column_that_the_job_asks_for_may_come_after_the_stream_began(source, run_job, spark, tmp_path):
    source(1)
    flags = ("--input", f"delta://{tmp_path}/source", "--output", tmp_path / "out", "--key-columns", "note")
    flags += ("--start", "latest", "--extra-columns", "ignore")
    assert run_job("analytics_stream", *flags).result.outcome == "EMPTY"
    sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMNS (note string)")
    sql(spark, tmp_path, "INSERT INTO {table} VALUES ('2026-01-31T00:02:00Z', 2, 'k', 'n')")
    ran = run_job("analytics_stream", *flags)
    assert (ran.code, ran.result.rows_read) == (0, 1), ran.result.error
    assert [row["note"] for row in rows_of(tmp_path / "out" / "rows")] == ["n"]


def test_a_batch_that_lacked_a_column_is_read_when_the_table_has_got_it(source, run_job, spark, tmp_path):
    source(1)
    flags = ("--input", f"delta://{tmp_path}/source", "--output", tmp_path / "out", "--key-columns", "note")
    flags += ("--extra-columns", "ignore")
    lacks = run_job("analytics_stream", *flags)
    assert (lacks.code, "no column 'note'" in lacks.result.error.message) == (1, True)
    sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMNS (note string)")
    ran = run_job("analytics_stream", *flags)
    assert (ran.code, ran.result.rows_read) == (0, 1), ran.result.error
    assert [row["note"] for row in rows_of(tmp_path / "out" / "rows")] == [None]


def test_a_list_is_read_though_the_log_of_its_version_was_cleaned_up(source, stream, tmp_path, monkeypatch):
    for value in range(10):
        source(value)

    def fail(batch, table, path):
        raise RuntimeError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(batch_module, "write", fail)
        assert stream().code == 1
    source(10)
    log = tmp_path / "source" / "_delta_log"
    assert list(log.glob("*10.checkpoint*.parquet"))
    for version in range(10):
        for name in (f"{version:020}.json", f".{version:020}.json.crc", f"{version:020}.crc"):
            (log / name).unlink(missing_ok=True)
    ran = stream()
    assert ran.code == 0, ran.result.error
    assert values(tmp_path) == list(range(11))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["RENAME COLUMN key TO name"], "has no column key any more"),
        (["DROP COLUMN key"], "has no column key any more"),
        (["DROP COLUMN note"], "has no column note any more"),
        (["DROP COLUMN key", "ADD COLUMNS (key string)"], "the columns key of .* are others"),
        (
            ["RENAME COLUMN key TO k", "RENAME COLUMN note TO key", "RENAME COLUMN k TO note"],
            "the columns key, note of .* are others",
        ),
    ],
)
def test_a_lost_column_is_refused_under_whatever_name(source, stream, spark, tmp_path, changes, message):
    source(1)
    stream()
    sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMNS (note string)")
    assert stream().code == 0
    sql(spark, tmp_path, "ALTER TABLE {table} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    assert stream().code == 0
    for change in changes:
        sql(spark, tmp_path, f"ALTER TABLE {{table}} {change}")
    lost = stream()
    assert lost.code == 1
    assert re.search(message, lost.result.error.message)


def test_a_table_made_anew_under_its_path_is_another_one(source, stream, tmp_path):
    source(1)
    stream()
    shutil.rmtree(tmp_path / "source")
    source(2)
    source(3)
    refused = stream()
    assert refused.code == 1
    assert "another table" in refused.result.error.message


def test_a_batch_cut_off_between_two_tables_reads_the_same_rows_again(source, stream, tmp_path, monkeypatch):
    source(1)
    stream()
    source(2)
    real, written = batch_module.write, []

    def fail(batch, table, path):
        if written:
            raise RuntimeError("cut off")
        written.append(path)
        return real(batch, table, path)

    monkeypatch.setattr(batch_module, "write", fail)
    assert stream().code == 1
    monkeypatch.setattr(batch_module, "write", real)
    source(3)
    ran = stream()
    assert ran.code == 0, ran.result.error
    assert values(tmp_path) == [1, 2, 3]
    groups = rows_of(tmp_path / "out" / "groups")
    assert [row["count"] for row in groups] == [3]


def test_a_look_that_was_cut_off_writes_no_file_on_two_lists(source, stream, tmp_path):
    for value in range(4):
        source(value)
    stream("--max-files-per-batch", "1")
    # As if it had been cut off before it said how far it was.
    place = tmp_path / "out_checkpoint" / NAME
    kept = json.loads(place.read_text())
    place.write_text(json.dumps({**kept, "looked": kept["start"] - 1, "lists": 0}))
    source(9)
    assert stream().result.rows_read == 1
    assert values(tmp_path) == [0, 1, 2, 3, 9]


def test_it_goes_on_behind_late_rows_that_are_taken_in(source, stream, tmp_path):
    flags = ("--watermark", "10 minutes", "--window", "1 hour")
    source(30)
    stream(*flags)
    source(1, 31)
    assert stream(*flags).result.rows_late == 1
    assert plan_replay(Folder(f"{tmp_path}/out_checkpoint", S3Settings()), f"{tmp_path}/out_late") is not None
    source(32)
    ran = stream(*flags)
    assert (ran.code, ran.result.rows_accepted) == (0, 2), ran.result.error
    source(33)
    assert stream(*flags).result.rows_accepted == 1
    assert values(tmp_path) == [1, 30, 31, 32, 33]


def test_files_on_lists_are_read_though_the_log_was_cleaned_up_since(source, stream, spark, tmp_path):
    for value in range(3):
        source(value)
    assert stream("--max-files-per-batch", "1", "--max-batches", "1").result.rows_read == 1
    sql(spark, tmp_path, "ALTER TABLE {table} ADD COLUMN more string")
    table = DeltaTable(tmp_path / "source")
    table.create_checkpoint()
    for file in (tmp_path / "source" / "_delta_log").iterdir():
        if file.name.lstrip(".").startswith(tuple(f"{version:020}" for version in range(table.version()))):
            file.unlink()
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    ran = stream()
    assert (ran.code, ran.result.rows_read) == (0, 2), ran.result.error
    assert values(tmp_path) == [0, 1, 2]


def test_a_batch_job_is_told_how_to_read_the_table(run_job, source, tmp_path):
    source(1)
    ran = run_job("analytics", "--input", f"delta://{tmp_path}/source", "--output", tmp_path / "out")
    assert ran.code == 2
    assert f"--input {tmp_path}/source" in ran.result.error.hint


def test_no_table_is_told_by_name(stream, tmp_path):
    ran = stream()
    assert ran.code == 1
    assert f"no Delta table at {tmp_path}/source" in ran.result.error.message
