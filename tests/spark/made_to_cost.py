"""An application that loses time in the ways it is told, for the report to find. Run as a program.

``made_to_cost.py FOLDER WAY...``: each way is a function below; ``good_WAY`` does the same work well.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyspark import TaskContext
from pyspark.sql import SparkSession

# Nearly no text has so many of these; to look takes its time.
RARE = ".*7.*7.*7.*7.*7.*7.*7.*7.*7$"


def sleeping(rows_per_s: float) -> Callable[[Iterator[Any]], Iterator[int]]:
    """A partition that takes its time for each row, and no CPU."""

    def run(rows: Iterator[Any]) -> Iterator[int]:
        count = sum(1 for _ in rows)
        time.sleep(count / rows_per_s)
        yield count

    return run


def skew(spark: SparkSession, _folder: str) -> None:
    """One key has nearly all rows."""
    pairs = spark.sparkContext.parallelize(range(2000), 4).map(lambda n: (5 if n % 20 else n % 8, n))
    pairs.partitionBy(8).mapPartitions(sleeping(400)).count()


def good_skew(spark: SparkSession, _folder: str) -> None:
    pairs = spark.sparkContext.parallelize(range(2000), 4).map(lambda n: (n % 8, n))
    pairs.partitionBy(8).mapPartitions(sleeping(400)).count()


def small_tasks(spark: SparkSession, _folder: str) -> None:
    spark.range(0, 1200, 1, 600).selectExpr("max(id)").collect()


def good_small_tasks(spark: SparkSession, _folder: str) -> None:
    spark.range(0, 1200, 1, 2).selectExpr("max(id)").collect()


def huge_task(spark: SparkSession, _folder: str) -> None:
    spark.sparkContext.parallelize(range(1000), 4).coalesce(1, shuffle=True).mapPartitions(
        sleeping(200)
    ).count()


def good_huge_task(spark: SparkSession, _folder: str) -> None:
    spark.sparkContext.parallelize(range(1000), 4).mapPartitions(sleeping(200)).count()


def small_files(spark: SparkSession, folder: str) -> None:
    spark.range(3000).repartition(300).write.parquet(f"{folder}/many")


def good_small_files(spark: SparkSession, folder: str) -> None:
    spark.range(3000).repartition(2).write.parquet(f"{folder}/few")


def full_scan(spark: SparkSession, folder: str) -> None:
    """Rows in no order: the smallest are in every row group. 200 MB of them, for less is soon read."""
    rows = spark.range(500_000).selectExpr("id", "hash(id) AS h", "md5(string(id)) AS text")
    wide = rows.selectExpr("*", "repeat(text, 12) AS beside")
    wide.write.option("compression", "none").parquet(f"{folder}/table")
    spark.read.parquet(f"{folder}/table").where(f"text rlike '{RARE}'").agg({"text": "max"}).collect()


def good_full_scan(spark: SparkSession, folder: str) -> None:
    spark.range(500_000).selectExpr("id", "hash(id) AS h", "md5(string(id)) AS text").write.parquet(
        f"{folder}/good_table"
    )
    spark.read.parquet(f"{folder}/good_table").where("h > -2000000000").agg({"text": "max"}).collect()


def big_broadcast(spark: SparkSession, _folder: str) -> None:
    from pyspark.sql.functions import broadcast

    big = spark.range(4_000_000).selectExpr("id", "id * 2 AS twice", "id * 3 AS thrice")
    spark.range(100).join(broadcast(big), "id").count()


def good_big_broadcast(spark: SparkSession, _folder: str) -> None:
    from pyspark.sql.functions import broadcast

    small = spark.range(3_000).selectExpr("id", "id * 2 AS twice", "id * 3 AS thrice")
    spark.range(100).join(broadcast(small), "id").count()


def driver_bound(spark: SparkSession, _folder: str) -> None:
    spark.range(10).count()
    time.sleep(14)


def failed_tasks(spark: SparkSession, _folder: str) -> None:
    def fail(rows: Iterator[int]) -> Iterator[int]:
        context = TaskContext.get()
        assert context is not None
        if context.attemptNumber() == 0 and context.partitionId() == 1:
            raise ValueError("not at the first try")
        yield from rows

    spark.sparkContext.parallelize(range(4), 4).mapPartitions(fail).count()


def spill(spark: SparkSession, _folder: str) -> None:
    wide = spark.range(0, 1_500_000, 1, 2).selectExpr("uuid() AS u", "repeat('x', 60) AS text")
    wide.sort("u").write.format("noop").mode("overwrite").save()  # before an aggregate no sort is left


def gc(spark: SparkSession, _folder: str) -> None:
    """Objects that stay fill the heap, those that go are collected again and again."""
    rows = spark.range(0, 400_000, 1, 2).selectExpr(
        "id % 1000 AS k", "transform(sequence(1, 60), x -> x + id) AS a"
    )
    rows.groupBy("k").agg({"a": "collect_list"}).selectExpr("sum(size(`collect_list(a)`))").collect()


def bursts(spark: SparkSession, _folder: str) -> None:
    """A burst whose shuffle stays, a driver that works alone, and a stage with one long task."""
    numbers = spark.sparkContext.parallelize(range(900), 12)
    numbers.map(lambda n: (n % 6, n)).mapPartitions(sleeping(70)).repartition(3).count()
    time.sleep(7)
    spark.sparkContext.parallelize(range(3), 3).mapPartitionsWithIndex(
        lambda place, _rows: [time.sleep(5 if place == 1 else 0.5)]
    ).count()


def good_bursts(spark: SparkSession, _folder: str) -> None:
    spark.sparkContext.parallelize(range(4800), 3).mapPartitions(sleeping(40)).count()


def main() -> None:
    """Do what is asked, in one application."""
    spark = SparkSession.builder.appName("made").getOrCreate()
    for way in sys.argv[2:]:
        globals()[way](spark, sys.argv[1])
    spark.stop()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
