"""sparkjob table on tables that Spark and the jobs wrote: the same facts, and changes that jobs live with."""

from __future__ import annotations

import json

import pytest

from launcher.cli.root import main
from sparkjobs import tables
from sparkjobs.tables import edit
from tests.spark.conftest import rows_of
from tests.spark.object_store import bucket_of


@pytest.fixture
def facts(capsys):
    """The JSON answer of ``sparkjob table VERB`` and its exit code."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["table", *map(str, arguments), "-o", "json"])
        out, err = capsys.readouterr()
        return json.loads(out) if exit_.value.code == 0 else (exit_.value.code, err)

    return run


@pytest.fixture
def csv(tmp_path):
    def write(*lines):
        (tmp_path / "in.csv").write_text("id,value\n" + "".join(f"{line}\n" for line in lines))
        return tmp_path / "in.csv"

    return write


def test_the_facts_are_those_of_spark(run_job, spark, facts, csv, tmp_path):
    out = tmp_path / "out"
    for interval, lines in (("2026-01-30", ["a,1", "b,2"]), ("2026-01-31", ["a,3"])):
        ran = run_job(
            "sum_by_key",
            "--input",
            csv(*lines),
            "--output",
            out,
            "--interval",
            interval,
            "--mode",
            "merge",
            "--keys",
            "id",
        )
        assert ran.code == 0, ran.result.error
    message = spark.sql(f"DESCRIBE DETAIL delta.`{out}`").first()
    shown = facts("show", out)
    assert (shown["files"], shown["bytes"]) == (message.numFiles, message.sizeInBytes)
    assert shown["rows"] == spark.read.format("delta").load(str(out)).count() == 2
    assert [c["type"] for c in shown["columns"]] == ["string", "decimal(38,9)", "long"]
    assert shown["last_commit"]["run_id"] == ran.result.run_id
    history = facts("history", out)
    assert [(c["operation"], c["job"], c["interval"], c["rows"]) for c in history] == [
        ("MERGE", "sum_by_key", "2026-01-31", 1),
        ("WRITE", "sum_by_key", "2026-01-30", 2),
    ]
    rows = facts("read", out, "--version", 0)["rows"]
    assert {row["id"]: row["sum"] for row in rows} == {"a": "1.000000000", "b": "2.000000000"}


def test_a_restored_table_is_the_old_one_also_to_spark_and_its_undone_runs_can_run_again(
    run_job, spark, facts, csv, tmp_path
):
    out = tmp_path / "out"

    def append(interval, line):
        return run_job(
            "sum_by_key", "--input", csv(line), "--output", out, "--mode", "append", "--interval", interval
        )

    append("2026-01-29", "a,1")
    facts("tag", out, "good")
    append("2026-01-30", "b,2")
    assert append("2026-01-30", "b,2").result.outcome == "SKIPPED"
    facts("restore", out, "--tag", "good")
    assert [row.id for row in spark.read.format("delta").load(str(out)).collect()] == ["a"]
    assert append("2026-01-29", "a,1").result.outcome == "SKIPPED"
    again = append("2026-01-30", "b,2")
    assert again.result.outcome == "COMMITTED", again.result.error
    assert sorted(row["id"] for row in rows_of(out)) == ["a", "b"]
    properties = spark.sql(f"SHOW TBLPROPERTIES delta.`{out}`").collect()
    assert {row.key: row.value for row in properties}["sparkjobs.tag.good"] == "0"
    assert facts("optimize", out)["files_removed"] == 2
    assert sorted(row.id for row in spark.read.format("delta").load(str(out)).collect()) == ["a", "b"]
    assert append("2026-01-30", "b,2").result.outcome == "SKIPPED"


def test_deletion_vectors_are_counted_and_not_written(spark, facts, tmp_path):
    out = str(tmp_path / "t")
    spark.range(0, 10, 1, 1).write.format("delta").option("delta.enableDeletionVectors", "true").save(out)
    edit.delete_where(spark, out, "id < 3")
    shown = facts("show", out)
    assert "deletionVectors" in shown["features"]
    assert shown["rows"] == 7
    assert sorted(row["id"] for row in facts("read", out)["rows"]) == list(range(3, 10))
    for verb in (("tag", "x"), ("restore", "--version", "0"), ("vacuum", "--yes"), ("optimize",)):
        code, err = facts(verb[0], out, *verb[1:])
        assert (code, "deletionVectors" in err) == (1, True)


def test_column_mapping_is_refused_by_name(spark, facts, tmp_path):
    out = str(tmp_path / "t")
    spark.range(3).write.format("delta").option("delta.columnMapping.mode", "name").save(out)
    assert facts("show", out)["rows"] == 3
    code, err = facts("optimize", out)
    assert code == 1
    assert "columnMapping" in err or "writer version 5" in err


@pytest.fixture(scope="module")
def bucket(spark):
    with bucket_of(spark, "tables") as client:
        yield client


def test_a_stream_and_the_verbs_on_s3(run_job, facts, bucket):
    where = ("--input", "s3a://tables/in", "--output", "s3a://tables/out", "--max-bad-rows", "1")
    for number, body in enumerate([b"a b a\n", b"b\n\xff\n"]):
        bucket.put_object(Bucket="tables", Key=f"in/_{number} [x]%20.txt", Body=body)
        ran = run_job("wordcount_stream", *where)
        assert ran.code == 0, ran.result.error
    assert ran.result.rows_quarantined == 1
    bucket.delete_object(Bucket="tables", Key="out_checkpoint/commits/1")
    assert run_job("wordcount_stream", *where).result.outcome == "EMPTY"
    out = "s3a://tables/out"
    assert {row["word"]: row["count"] for row in facts("read", out)["rows"]} == {"a": 2, "b": 2}
    assert facts("show", out)["rows"] == facts("show", out + "/")["rows"] == 2
    facts("tag", out, "first", "--version", 0)
    assert facts("restore", out, "--tag", "first")["restored_version"] == 0
    assert {row["word"]: row["count"] for row in facts("read", out)["rows"]} == {"a": 2, "b": 1}
    assert facts("vacuum", out)["files"] == []
    assert facts("files", out)["files"]
    (gone,) = {f["name"] for f in facts("files", out, "--version", 1)["files"]} - {
        f["name"] for f in facts("files", out)["files"]
    }
    bucket.delete_object(Bucket="tables", Key=f"out/{gone}")
    code, err = facts("restore", out, "--version", 1)
    assert (code, gone in err) == (1, True)


def test_places_reading_and_compaction_on_s3(run_job, facts, bucket, tmp_path):
    bucket.put_object(Bucket="tables", Key="sums.csv", Body=b"id,value\na,1\nb,2\n")

    def run(output, *more):
        return run_job(
            "sum_by_key", "--input", "s3a://tables/sums.csv", "--output", f"s3a://tables/{output}", *more
        )

    for interval in ("2026-01-30", "2026-01-31"):
        assert run("v", "--mode", "append", "--interval", interval).code == 0
    for inner in ("v/north", "v/p=1/x"):
        refused = run(inner)
        assert (refused.code, "lies in the table s3a://tables/v" in refused.result.error.message) == (1, True)
    assert run("w/north").code == 0
    assert "lies below" in run("w").result.error.message
    assert facts("optimize", "s3a://tables/v")["files_removed"] == 2
    found = tables.read("s3a://tables/v").to_pandas()
    assert sorted(found["id"]) == ["a", "a", "b", "b"]
    assert facts("vacuum", "s3a://tables/v", "--yes")["files"] == []
