"""What opening a session changes in pyspark, and what it must not change."""

from __future__ import annotations

import os
from typing import Any

import numpy as np


def test_numbers_of_numpy_are_still_arguments(spark: Any) -> None:
    from pyspark.sql import functions as F

    row = spark.range(1).select(F.lit(np.float64(1.5)), F.lit(np.array([1, 2])), F.lit(True)).first()
    assert tuple(row) == (1.5, [1, 2], True)


def test_sql_tasks_take_the_workers_that_were_started_first(spark: Any) -> None:
    slots = spark.sparkContext.defaultParallelism

    def parents(batches: Any) -> Any:
        import pyarrow as pa

        yield pa.record_batch([pa.array([os.getppid()])], names=["parent"])

    rdd = spark.sparkContext.parallelize(range(slots), slots)
    daemons = set(rdd.map(lambda _: os.getppid()).collect())
    assert {
        row.parent for row in spark.range(slots).mapInArrow(parents, "parent bigint").collect()
    } == daemons
