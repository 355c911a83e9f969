"""Failures of Python workers and of what is sent to them, in the session of ``in_session``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from tests.failures.in_session import failure


@failure("delta")
def session_in_task(spark: Any, _: Path) -> None:
    context = spark.sparkContext
    context.parallelize([1]).map(lambda value: context.parallelize([value]).count()).collect()


@failure("delta")
def cannot_pickle(spark: Any, _: Path) -> None:
    lock = threading.Lock()
    spark.sparkContext.parallelize([1]).map(lambda value: (lock, value)).count()


@failure("delta")
def module_missing_on_workers(spark: Any, _: Path) -> None:
    def parse(value: int) -> int:
        import usaddress  # type: ignore[import-not-found]

        return len(usaddress.parse(str(value)))

    spark.sparkContext.parallelize([1], 1).map(parse).collect()


@failure("delta")
def package_too_old(spark: Any, _: Path) -> None:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        spark.range(1).toPandas()
    finally:
        del sys.modules["pandas"]


@failure("delta")
def worker_exception(spark: Any, _: Path) -> None:
    from pyspark.sql.functions import udf

    def price(value: int) -> float:
        raise ValueError(f"no price for article {value}")

    spark.range(1).select(udf(price, "double")("id")).collect()


@failure("delta")
def worker_crash(spark: Any, _: Path) -> None:
    spark.sparkContext.parallelize([1], 1).map(lambda value: os.kill(os.getpid(), 9)).count()


@failure("delta")
def worker_out_of_memory(spark: Any, _: Path) -> None:
    def hoard(value: int) -> int:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))  # as spark.executor.pyspark.memory does
        return len(bytearray(4 << 30))

    spark.sparkContext.parallelize([1], 1).map(hoard).count()


@failure("delta")
def python_not_found(spark: Any, _: Path) -> None:
    _with_python(spark, "python3.99")


@failure("delta")
def python_versions_differ(spark: Any, _: Path) -> None:
    _with_python(spark, os.environ["OTHER_PYTHON"])


def _with_python(spark: Any, executable: str) -> None:
    context = spark.sparkContext
    before, context.pythonExec = context.pythonExec, executable
    try:
        context.parallelize([1], 1).map(lambda value: value + 1).collect()
    finally:
        context.pythonExec = before
