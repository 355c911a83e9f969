"""What Spark and the readers without a JVM see of one table is the same, before and after every verb."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from chispa import assert_df_equality
from deltalake import DeltaTable

from launcher.cli.root import main
from sparkjobs import tables
from sparkjobs.errors import DataError
from sparkjobs.tables import edit

EDGES = """
    select {n} id, timestamp'{t}' t, array(timestamp'{t}') ts, date'{d}' d, timestamp_ntz'{t}' z,
        double('NaN') f, float('-0.0') g, cast(-1.5 as decimal(38, 9)) big, 'x ' s, cast(null as boolean) b,
        map('k', timestamp'{t}') m, named_struct('f', double('Infinity')) st
"""

DAYS = [
    ("9999-12-31 23:59:59.999999", "9999-12-31"),
    ("0001-01-01", "0001-01-01"),
    ("1582-10-10 00:00:00.000001", "1582-10-10"),
    ("2026-01-31", "1900-01-01"),
]


@pytest.fixture
def verb():
    """``sparkjob table ...``; its exit code."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["table", *map(str, arguments)])
        return exit_.value.code

    return run


@pytest.mark.parametrize("kind", ["INT96", "TIMESTAMP_MICROS"])
def test_optimize_changes_nothing_that_spark_sees(spark, verb, tmp_path, kind):
    path = str(tmp_path / "t")
    spark.conf.set("spark.sql.parquet.outputTimestampType", kind)
    try:
        for n, (t, d) in enumerate(DAYS):
            spark.sql(EDGES.format(n=n, t=t, d=d)).write.format("delta").mode("append").save(path)
    finally:
        spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    by_arrow = tables.read(path).to_arrow().sort_by("id").to_pylist()
    assert str(by_arrow[0]["t"]).startswith("9999-12-31 23:59:59.999999")
    # As text and counts of microseconds: Python's own times stop at the edges.
    columns = [
        "id",
        "unix_micros(t) t",
        "string(ts) ts",
        "string(d) d",
        "string(z) z",
        "f",
        "g",
        "big",
        "s",
        "b",
    ]
    columns += ["to_json(m) m", "st.f stf"]
    before = spark.read.format("delta").option("versionAsOf", 3).load(path).selectExpr(*columns)
    assert verb("optimize", path) == 0
    assert len(DeltaTable(path).file_uris()) == 1
    after = spark.read.format("delta").load(path).selectExpr(*columns)
    assert_df_equality(after, before, ignore_row_order=True, ignore_nullable=True, allow_nan_equality=True)
    assert str(tables.read(path).to_arrow().sort_by("id").to_pylist()) == str(by_arrow)
    # Greater than every number is NaN to Spark; statistics that leave it out would hide the file.
    assert spark.read.format("delta").load(path).where("f > 1e300").count() == 4
    assert spark.read.format("delta").load(path).where("t > timestamp'2300-01-01'").count() == 1
    assert spark.read.format("delta").load(path).where("d < date'1000-01-01'").count() == 1


def columns_of(path):
    return json.loads(DeltaTable(path).schema().to_json())


def test_metadata_of_columns_survives_the_verbs(spark, verb, tmp_path):
    from delta.tables import DeltaTable as Delta

    path = str(tmp_path / "t")
    builder = Delta.create(spark).location(path).addColumn("t", "timestamp").partitionedBy("day")
    builder = builder.addColumn("day", "date", generatedAlwaysAs="CAST(t AS DATE)")
    builder.addColumn("c", "char(5)").addColumn("v", "varchar(3)", comment="short").execute()
    for hour in range(3):
        rows = spark.createDataFrame(
            [(datetime(2026, 1, 31, hour), f"k{hour}", "x")], "t timestamp, c string, v string"
        )
        edit.write(spark, rows, path, mode="append", interval=f"2026-01-31T{hour:02}")
    before = columns_of(path)
    assert "CHAR_VARCHAR" in str(before)
    assert "generationExpression" in str(before)
    for arguments in (
        ("optimize", path),
        ("tag", path, "now"),
        ("restore", path, "--tag", "now"),
        ("vacuum", path),
    ):
        assert verb(*arguments) == 0
        assert columns_of(path) == before
    assert len(DeltaTable(path).file_uris()) == 1
    found = tables.read(path).to_arrow().sort_by("t")
    assert found["c"].to_pylist() == [
        row.c for row in spark.read.format("delta").load(path).orderBy("t").collect()
    ]
    # A merge by a padded column finds its row again.
    for _ in range(2):
        rows = spark.sql("select timestamp'2026-01-31 00:00:00' t, date'2026-01-31' day, 'k0' c, 'y' v")
        edit.merge(spark, rows, path, ["c"])
    assert sorted(tables.read(path).to_arrow()["v"].to_pylist()) == ["x", "x", "y"]


def test_int96_beside_deletion_vectors_is_refused_and_not_misread(spark, verb, tmp_path):
    path = str(tmp_path / "t")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    try:
        rows = spark.sql("select id, timestamp'9999-12-31' t from range(0, 5, 1, 1)")
        rows.write.format("delta").option("delta.enableDeletionVectors", "true").save(path)
    finally:
        spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    edit.delete_where(spark, path, "id < 2")
    with pytest.raises(DataError, match="deletionVectors: it cannot be read without Spark"):
        tables.read(path).to_arrow()
    assert verb("read", path) == 1
    edit.write(spark, rows.limit(0), path)
    assert tables.read(path).to_arrow().num_rows == 0
