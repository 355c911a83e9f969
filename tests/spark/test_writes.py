"""A write changes no value and loses no column, and what it refuses it refuses before it begins."""

from __future__ import annotations

from datetime import datetime

import pyarrow.parquet as pq
import pytest
from chispa import assert_df_equality

from sparkjobs import tables
from sparkjobs.errors import DataError, WriteError
from sparkjobs.tables import edit
from tests.spark.conftest import rows_of

DAY = "2026-01-31"
MODES = {
    "append": {"interval": "2026-02-01"},
    "merge": {"keys": ["k"]},
    "replace": {"interval": DAY, "interval_column": "t"},
}


@pytest.fixture
def table(spark, tmp_path):
    """A table with one row: key, time, a decimal of scale 2, a struct."""
    path = str(tmp_path / "t")
    edit.write(spark, rows(spark), path)
    return path


def rows(spark, *columns, key="a"):
    base = spark.createDataFrame([(key, datetime(2026, 1, 31, 5))], "k string, t timestamp")
    return base.selectExpr("k", "t", *(columns or ("1.25BD d", "named_struct('x', 1) s")))


def versions(path):
    return tables.read(path).version + 1


@pytest.mark.parametrize("mode", MODES)
def test_types_that_would_lose_are_refused_by_name(spark, table, mode):
    for column, said in (("1.123456789BD", "d is decimal"), ("1.5D", "d is double"), ("'1'", "d is string")):
        with pytest.raises(WriteError, match=said):
            edit.write(
                spark, rows(spark, f"{column} d", "named_struct('x', 1) s"), table, mode=mode, **MODES[mode]
            )
    with pytest.raises(WriteError, match=r"s\.x is bigint, the table's int"):
        edit.write(spark, rows(spark, "1.25BD d", "named_struct('x', 1L) s"), table, mode=mode, **MODES[mode])
    assert versions(table) == 1


@pytest.mark.parametrize("mode", MODES)
def test_types_that_fit_are_widened(spark, table, mode):
    narrow = rows(spark, "0.5BD d", "named_struct('x', cast(7 as tinyint)) s", key="b")
    edit.write(spark, narrow, table, mode=mode, **MODES[mode])
    found = {row["k"]: (str(row["d"]), row["s"]) for row in rows_of(table)}
    assert found["b"] == ("0.50", {"x": 7})


@pytest.mark.parametrize("mode", MODES)
def test_new_and_missing_columns_are_refused_or_taken_in(spark, table, mode):
    new = rows(spark, "1.25BD d", "named_struct('x', 1, 'y', 'deep') s", "2 twice")
    with pytest.raises(WriteError, match=r"lacks columns of the rows: s\.y, twice"):
        edit.write(spark, new, table, mode=mode, **MODES[mode])
    fewer = rows(spark, "named_struct('x', 3) s")
    with pytest.raises(WriteError, match=r"rows lack columns of the table .*: d"):
        edit.write(spark, fewer, table, mode=mode, **MODES[mode])
    assert versions(table) == 1
    edit.write(spark, new, table, mode=mode, schema="evolve", **MODES[mode])
    expected = spark.createDataFrame([("a", "deep", 2)], "k string, y string, twice int")
    found = spark.read.format("delta").load(table).where("twice is not null").selectExpr("k", "s.y", "twice")
    assert_df_equality(found, expected, ignore_nullable=True)
    # The row is replaced as a whole: what the rows lack becomes null and is not left as it was.
    again = {**MODES[mode], **({"interval": "2026-02-02"} if mode == "append" else {}), "job": "second"}
    edit.write(spark, fewer, table, mode=mode, schema="evolve", **again)
    assert [(r["d"], r["twice"]) for r in rows_of(table) if r["s"]["x"] == 3] == [(None, None)]


def test_a_job_keeps_new_columns_of_a_merge(run_job, tmp_path):
    (tmp_path / "in.csv").write_text(f"timestamp,value,k\n{DAY}T05:00:00,1,a\n{DAY}T06:00:00,2,a\n")

    def run(derive, *more):
        where = ("--input", tmp_path / "in.csv", "--output", tmp_path / "out")
        return run_job("analytics", *where, "--key-columns", "k", "--derive", derive, *more)

    merge = ("--mode", "merge", "--keys", "timestamp")
    assert run("none").code == 0
    refused = run("twice=value*2", *merge)
    assert (refused.code, "twice" in refused.result.error.message) == (1, True)
    assert not (tmp_path / "out_quarantine").exists()
    evolved = run("twice=value*2", *merge, "--schema", "evolve")
    assert evolved.code == 0, evolved.result.error
    assert evolved.result.config_hash == refused.result.config_hash
    assert sorted(row["twice"] for row in rows_of(tmp_path / "out" / "rows")) == [2.0, 4.0]


def test_partition_columns_hold_no_empty_text(spark, tmp_path):
    path = str(tmp_path / "t")
    for empty in ("", "__HIVE_DEFAULT_PARTITION__"):
        with pytest.raises(DataError, match="town = ''"):
            edit.write(spark, towns(spark, empty), path, partition_by=["town"])
    assert not (tmp_path / "t").exists()
    odd = ["x y", "a/b", "%20", "a=b", "NaN", "null", " ", "\u00e9\n", None]
    edit.write(spark, towns(spark, *odd), path, partition_by=["town"])
    assert {row["town"] for row in tables.read(path).to_arrow().to_pylist()} == set(odd)
    for _ in range(2):
        edit.merge(spark, towns(spark, *odd), path, ["town"])
    assert len(tables.read(path).to_pandas()) == len(odd)
    before = versions(path)
    for call in (
        lambda: edit.merge(spark, towns(spark, "Lyon", ""), path, ["town"]),
        lambda: edit.update_where(spark, path, {"town": "''"}, "town = 'a/b'"),
    ):
        with pytest.raises(DataError, match="cannot hold"):
            call()
    assert versions(path) == before
    edit.update_where(spark, path, {"town": "'Lille'"}, "town = 'a/b'")


def towns(spark, *names):
    return spark.createDataFrame([(name, 1) for name in names], "town string, n int")


def test_a_job_quarantines_what_a_partition_cannot_hold(spark, run_job, tmp_path):
    out = str(tmp_path / "out")
    sums = spark.createDataFrame([("a", 1)], "id string, n int").selectExpr(
        "id", "cast(n as decimal(38,9)) sum", "1L count"
    )
    edit.write(spark, sums, out, partition_by=["id"])
    (tmp_path / "in.csv").write_text('id,value\n"",1\nb,2\n')
    flags = (
        "--input",
        tmp_path / "in.csv",
        "--output",
        out,
        "--mode",
        "merge",
        "--null",
        "NA",
        "--max-bad-rows",
        1,
    )
    ran = run_job("sum_by_key", *flags)
    assert (ran.code, ran.result.rows_read, ran.result.rows_quarantined) == (0, 2, 1), ran.result.error
    (bad,) = rows_of(out + "_quarantine")
    assert "partition column" in bad["reason"]
    assert sorted(row["id"] for row in rows_of(out)) == ["a", "b"]


def test_no_table_lies_in_another(spark, run_job, tmp_path):
    (tmp_path / "in.csv").write_text("id,value\na,1\n")

    def run(output, *more):
        return run_job("sum_by_key", "--input", tmp_path / "in.csv", "--output", output, *more)

    assert run(tmp_path / "v").code == 0
    for inner in ("v/north", "v/region=north", "v/a/b/c"):
        refused = run(tmp_path / inner)
        assert (refused.code, f"lies in the table {tmp_path}/v" in refused.result.error.message) == (1, True)
        assert not (tmp_path / inner).exists()
    assert run(tmp_path / "w", "--quarantine", tmp_path / "v" / "bad").code == 1
    assert run(tmp_path / "u" / "north").code == 0
    outer = run(tmp_path / "u")
    assert (outer.code, "u/north lies below" in outer.result.error.message) == (1, True)
    with pytest.raises(WriteError, match="lies in the table"):
        edit.write(spark, towns(spark, "a"), str(tmp_path / "v" / "x"))
    assert run(tmp_path / "u" / "south").code == 0
    assert run(tmp_path / "v").code == 0


def test_names_with_dots_and_quotes(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("shop.id,value,a`b\n" + "x,1,1\n" * 9 + "y,2,2\n")
    flags = ("--input", tmp_path / "in.csv", "--extra-columns", "ignore", "--key-column", "shop.id")
    for _ in range(2):
        ran = run_job("sum_by_key", *flags, "--output", tmp_path / "sums", "--mode", "merge")
        assert ran.code == 0, ran.result.error
    assert {row["shop.id"]: row["count"] for row in rows_of(tmp_path / "sums")} == {"x": 9, "y": 1}
    for by in ("hash", "range"):
        ran = run_job(
            "partition", "--input", tmp_path / "in.csv", "--output", tmp_path / by,
            "--by", by, "--columns", "shop.id,a`b", "--partitions", 2,
        )  # fmt: skip
        assert ran.code == 0, ran.result.error


def test_keys_that_cannot_be_keys_are_refused_before_the_first_write(spark, run_job, tmp_path):
    source = spark.sql("select map('a', 1) m, array(map(1, 2)) deep, named_struct('map', 1) s, 1 n")
    source.write.parquet(str(tmp_path / "in"))
    for by, column in (("hash", "m"), ("range", "m"), ("hash", "deep")):
        ran = run_job(
            "partition", "--input", tmp_path / "in", "--format", "parquet", "--output", tmp_path / "out",
            "--by", by, "--columns", column, "--partitions", 2,
        )  # fmt: skip
        assert (ran.code, "a map cannot be a key" in ran.result.error.message) == (2, True), ran.result
        assert not (tmp_path / "out").exists()
    done = run_job(
        "partition", "--input", tmp_path / "in", "--format", "parquet", "--output", tmp_path / "out",
        "--columns", "s", "--partitions", 2,
    )  # fmt: skip
    assert done.code == 0, done.result.error


def test_a_message_is_one_line(run_job, tmp_path):
    (tmp_path / "in.csv").write_text(f"timestamp,value\n{DAY}T05:00:00,1\n")
    ran = run_job(
        "analytics", "--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--derive", "x=nope+1"
    )
    assert ran.code != 0
    assert "\n" not in ran.result.error.message


def test_timestamps_are_stored_as_microseconds_whatever_the_session_says(spark, table):
    spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    try:
        edit.merge(spark, rows(spark, key="z"), table, ["k"])
        edit.update_where(spark, table, {"d": "d + 1"}, "k = 'a'")
        assert spark.conf.get("spark.sql.parquet.outputTimestampType") == "INT96"
    finally:
        spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    for uri in tables.read(table).table.file_uris():
        kinds = {pq.read_metadata(uri).schema.column(i).physical_type for i in range(4)}
        assert "INT96" not in kinds
