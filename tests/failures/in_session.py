"""Failures that leave the session alive: one small function each, run one after the other in one session.

What each writes stands under a line ``##failure## NAME``; ``tests.failures.make`` runs a group.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARK = "##failure## "
Failure = Callable[[Any, Path], None]
GROUPS: dict[str, dict[str, Failure]] = {}


def failure(group: str) -> Callable[[Failure], Failure]:
    """Add a function to a group, by its name."""

    def add(function: Failure) -> Failure:
        GROUPS.setdefault(group, {})[function.__name__.replace("_", "-")] = function
        return function

    return add


@failure("delta")
def ansi_overflow(spark: Any, _: Path) -> None:
    spark.range(2).selectExpr("9223372036854775807 + id AS total").collect()


@failure("delta")
def decimal_out_of_range(spark: Any, _: Path) -> None:
    spark.range(1).selectExpr("cast(1234567 + id AS decimal(5, 2))").collect()


@failure("delta")
def bad_cast(spark: Any, _: Path) -> None:
    spark.createDataFrame([("12,5",)], "price string").selectExpr("cast(price AS double)").collect()


@failure("delta")
def bad_date(spark: Any, _: Path) -> None:
    spark.createDataFrame([("31.12.2025",)], "day string").selectExpr(
        "to_timestamp(day, 'yyyy-MM-dd')"
    ).collect()


@failure("delta")
def division_by_zero(spark: Any, _: Path) -> None:
    spark.range(3).selectExpr("10 / id").collect()


@failure("delta")
def unresolved_column(spark: Any, _: Path) -> None:
    spark.range(1).select("prize").collect()


@failure("delta")
def ambiguous_column(spark: Any, _: Path) -> None:
    left, right = spark.range(2).alias("a"), spark.range(2).alias("b")
    left.crossJoin(right).select("id").collect()


@failure("delta")
def wrong_type(spark: Any, _: Path) -> None:
    spark.range(2).selectExpr("array(id) + 1").collect()


@failure("delta")
def sql_syntax(spark: Any, _: Path) -> None:
    spark.sql("SELEKT 1").collect()


@failure("delta")
def table_not_found(spark: Any, _: Path) -> None:
    spark.table("sales.orders").collect()


@failure("delta")
def path_not_found(spark: Any, work: Path) -> None:
    spark.read.parquet(str(work / "orders")).collect()


@failure("delta")
def path_exists(spark: Any, work: Path) -> None:
    for _ in range(2):
        spark.range(1).write.parquet(str(work / "exists"))


@failure("delta")
def not_a_delta_table(spark: Any, work: Path) -> None:
    spark.range(1).write.mode("overwrite").parquet(str(work / "plain"))
    spark.read.format("delta").load(str(work / "plain")).collect()


@failure("delta")
def delta_other_columns(spark: Any, work: Path) -> None:
    table = str(work / "columns")
    spark.range(1).write.format("delta").save(table)
    spark.range(1).selectExpr("id", "1 AS extra").write.format("delta").mode("append").save(table)


@failure("delta")
def delta_other_types(spark: Any, work: Path) -> None:
    table = str(work / "types")
    spark.range(1).write.format("delta").save(table)
    spark.range(1).selectExpr("array(id) AS id").write.format("delta").mode("append").save(table)


@failure("delta")
def delta_conflict(spark: Any, work: Path) -> None:
    from pyspark.sql.functions import udf

    table = str(work / "conflict")
    spark.range(10).coalesce(1).write.format("delta").save(table)

    def slowly(value: int) -> bool:
        time.sleep(0.4)
        return value == 3

    spark.udf.register("slowly", udf(slowly, "boolean"))
    other = threading.Timer(2.0, lambda: spark.sql(f"DELETE FROM delta.`{table}` WHERE id = 5").collect())
    other.start()
    try:
        spark.sql(f"DELETE FROM delta.`{table}` WHERE slowly(id)").collect()
    finally:
        other.join()


@failure("delta")
def corrupt_parquet(spark: Any, work: Path) -> None:
    (work / "corrupt").mkdir()
    (work / "corrupt" / "part.parquet").write_text("no parquet at all, only text")
    spark.read.schema("id long").parquet(str(work / "corrupt")).collect()


@failure("delta")
def input_file_vanished(spark: Any, work: Path) -> None:
    spark.range(3).coalesce(1).write.mode("overwrite").parquet(str(work / "vanishing"))
    frame = spark.read.parquet(str(work / "vanishing"))
    for path in (work / "vanishing").glob("*.parquet"):
        path.unlink()
    frame.collect()


@failure("delta")
def result_too_large(spark: Any, _: Path) -> None:
    spark.range(400_000).selectExpr("id", "uuid() AS name").collect()


@failure("delta")
def broadcast_timeout(spark: Any, _: Path) -> None:
    from pyspark.sql.functions import broadcast, udf

    slow = udf(lambda value: time.sleep(3) or value, "long")
    spark.conf.set("spark.sql.broadcastTimeout", "1")
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    small = spark.range(1).select(slow("id").alias("id"))
    try:
        spark.range(10).join(broadcast(small), "id").collect()
    finally:
        spark.conf.unset("spark.sql.broadcastTimeout")
        spark.conf.unset("spark.sql.adaptive.enabled")


@failure("delta")
def file_not_found(_: Any, work: Path) -> None:
    (work / "mapping.json").read_text()


@failure("delta")
def permission_denied(_: Any, work: Path) -> None:
    target = work / "closed"
    target.mkdir(mode=0o700)
    os.seteuid(65534)
    try:
        (target / "out.csv").write_text("")
    finally:
        os.seteuid(0)


@failure("delta")
def disk_full(spark: Any, _: Path) -> None:
    spark.range(2_000_000).write.mode("overwrite").parquet(os.environ["SMALL_DISK"] + "/table")


@failure("delta")
def checkpoint_half_deleted(spark: Any, work: Path) -> None:
    lines = work / "lines"
    lines.mkdir()
    for number in range(3):
        (lines / f"{number}.txt").write_text("a line\n")
        rows = spark.readStream.text(str(lines)).writeStream.format("noop").trigger(availableNow=True)
        rows.option("checkpointLocation", str(work / "checkpoint")).start().awaitTermination()
        if number == 1:
            (work / "checkpoint" / "commits" / "1").unlink()


@failure("plain")
def missing_delta_jars(spark: Any, work: Path) -> None:
    spark.range(1).write.format("delta").save(str(work / "table"))


@failure("plain")
def missing_s3_jars(spark: Any, _: Path) -> None:
    spark.read.text("s3a://bucket/day.txt").collect()


@failure("plain")
def scheme_unknown(spark: Any, _: Path) -> None:
    spark.read.text("s3://bucket/day.txt").collect()


@failure("plain")
def timed_out(_: Any, __: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        urllib.request.urlopen(f"http://127.0.0.1:{silent.getsockname()[1]}/rates", timeout=1)


@failure("plain")
def missing_driver_class(spark: Any, _: Path) -> None:
    reader = spark.read.format("jdbc").option("url", "jdbc:postgresql://127.0.0.1:5432/shop")
    reader.option("dbtable", "orders").option("driver", "org.postgresql.Driver").load()


@failure("plain")
def kryo_overflow(spark: Any, _: Path) -> None:
    jvm = spark.sparkContext._jvm
    kryo = jvm.org.apache.spark.SparkEnv.get().serializer().newInstance()
    kryo.serialize("x" * 3_000_000, jvm.scala.reflect.ClassTag.Any())


@failure("plain")
def fetch_failed(spark: Any, work: Path) -> None:
    pairs = spark.sparkContext.parallelize(range(1000), 2).map(lambda value: (value % 7, value))
    grouped = pairs.groupByKey(2)
    grouped.count()
    for path in Path(os.environ["SPARK_LOCAL_DIRS"]).rglob("shuffle_*"):
        path.unlink()
    grouped.count()


def main(group: str, work: Path) -> None:
    """Run a group in a session of its own."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("failures").getOrCreate()
    for name, function in GROUPS[group].items():
        _mark(name)
        try:
            function(spark, work)
            print("DID NOT FAIL", flush=True)
        except BaseException:
            traceback.print_exc()
        time.sleep(0.5)  # executors log a little later
    _mark("end")


def _mark(name: str) -> None:
    print(f"{MARK}{name}", file=sys.stderr, flush=True)
