"""Sizes of partitions of real tables: from the log, without a Spark job, whatever the table's features."""

from __future__ import annotations

import pytest

from sparkjobs.tables import parts
from sparkjobs.tables.parts import partition_sizes

DV = {"delta.enableDeletionVectors": "true"}
NAMES = {"delta.columnMapping.mode": "name"}


def made(spark, path, **properties):
    options = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
    spark.sql(
        f"CREATE TABLE delta.`{path}` (v BIGINT, p INT) USING delta PARTITIONED BY (p)"
        + (f" TBLPROPERTIES ({options})" if options else "")
    )
    rows = spark.range(100).selectExpr("id AS v", "cast(id % 4 = 0 AS int) AS p")
    rows.repartition(2).write.format("delta").mode("append").save(str(path))
    return path


def rows_of(spark, path):
    return [size.rows for size in partition_sizes(spark, str(path), "p", 3)[1]]


def jobs_of(spark, action):
    spark.sparkContext.setJobGroup("sizes", "sizes")
    try:
        found = action()
        return found, list(spark.sparkContext.statusTracker().getJobIdsForGroup("sizes"))
    finally:
        spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)


def test_sizes_take_no_spark_job(spark, tmp_path):
    path = made(spark, tmp_path / "table")
    (version, sizes), jobs = jobs_of(spark, lambda: partition_sizes(spark, str(path), "p", 3))
    assert (version, [size.rows for size in sizes], jobs) == (1, [75, 25, 0], [])
    stored = {
        number: sum(f.stat().st_size for f in path.glob(f"p={number}/*.parquet")) for number in range(3)
    }
    assert [size.bytes for size in sizes] == [stored[number] for number in range(3)]


def test_spark_finds_the_same(spark, tmp_path, monkeypatch):
    path = made(spark, tmp_path / "table")
    light = partition_sizes(spark, str(path), "p", 3)
    monkeypatch.setattr(parts, "light_table", lambda _: None)
    assert partition_sizes(spark, str(path), "p", 3) == light


def test_deleted_rows_do_not_count(spark, tmp_path):
    path = made(spark, tmp_path / "table", **DV)
    spark.sql(f"DELETE FROM delta.`{path}` WHERE v < 10")
    assert rows_of(spark, path) == [68, 22, 0]


def test_columns_with_other_names_in_the_log(spark, tmp_path):
    assert rows_of(spark, made(spark, tmp_path / "table", **NAMES)) == [75, 25, 0]


@pytest.mark.parametrize("light", [True, False])
def test_rows_are_counted_where_the_log_has_no_statistics(spark, tmp_path, monkeypatch, light):
    spark.conf.set("spark.databricks.delta.stats.collect", "false")
    try:
        path = made(spark, tmp_path / "table")
    finally:
        spark.conf.unset("spark.databricks.delta.stats.collect")
    if not light:
        monkeypatch.setattr(parts, "light_table", lambda _: None)
    assert rows_of(spark, path) == [75, 25, 0]
