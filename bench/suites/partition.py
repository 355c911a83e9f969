"""``partition``: rows in numbered partitions by hash, and the report of their sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.engines.reading import Read
from bench.engines.spark import write
from bench.inputs import tables
from bench.model import Query
from bench.suites.beside_spark import Beside

_FLAGS = ("--by", "hash", "--columns", "user", "--partitions", "8")
TYPES = {
    "user": "string",
    "time": "timestamp",
    "kind": "string",
    "item": "string",
    "amount": "decimal(12,2)",
}
_DECLARED = ",".join(f"{name}:{kind}" for name, kind in TYPES.items() if kind != "string")
_AIM = 1 / 1.1


def plain(read: Read) -> Query:
    """The same partitions by plain Spark; the report counts the rows of the written table."""

    def query(spark: Any, source: Path, output: Path) -> None:
        from pyspark.sql import functions as F

        number = F.pmod(F.xxhash64("user"), F.lit(8)).cast("int")
        rows = read(spark, source).withColumn("partition_id", number)
        together = rows.hint("rebalance", F.col("partition_id"))
        writer = together.write.format("delta").mode("overwrite").partitionBy("partition_id")
        writer.save(str(output / "rows"))
        written = spark.read.format("delta").load(str(output / "rows"))
        write(written.groupBy("partition_id").agg(F.count(F.lit(1)).alias("rows")), output, "report")

    return query


_TABLES: dict[str, tuple[str, ...]] = {"rows": (), "report": ("partition_id", "rows")}
_NOTE = "Spark's report has the rows of each partition only; ours also bytes, files, skew and advice."

SUITES = Beside(
    job="partition",
    flags=_FLAGS,
    csv_flags=("--types", _DECLARED),
    plain=plain,
    types=TYPES,
    content=tables.events,
    rows=lambda sizes: sizes.events_rows,
    text_rows=lambda sizes: sizes.events_text_rows,
    compared=_TABLES,
    aim=_AIM,
    note=_NOTE,
).suites()
