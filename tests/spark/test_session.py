"""What opening a session changes in pyspark, and what it must not change."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import pytest
from pyspark.errors import PySparkImportError


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


def test_no_run_imports_pandas_only_to_learn_that_it_is_there(spark: Any) -> None:
    from pyspark.sql import functions as F

    asking = ("pandas", "pyspark.testing")
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(asking)}
    try:
        same = spark.range(1).mapInArrow(lambda batches: batches, "id bigint")
        assert same.where(F.col("id") == F.lit(0)).count() == 1
        assert "pyspark.testing.utils" in sys.modules
        assert "pandas" not in sys.modules
    finally:
        sys.modules.update(held)


def test_what_needs_pandas_still_says_that_it_is_missing(spark: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("sparkjobs.jvm.find_spec", lambda name: None)
    with pytest.raises(PySparkImportError, match="Pandas"):
        spark.range(1).mapInPandas(lambda frames: frames, "id bigint")
