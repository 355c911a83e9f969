"""The few doors into the JVM behind a classic Spark session, untyped on purpose."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def jvm_of(spark: SparkSession) -> Any:
    """The py4j view of the driver's classes."""
    return spark.sparkContext._jvm


def java_session(spark: SparkSession) -> Any:
    """The Java SparkSession."""
    return spark._jsparkSession


def hadoop_configuration(spark: SparkSession) -> Any:
    """The Hadoop configuration of the running context; it travels to the executors."""
    return spark.sparkContext._jsc.hadoopConfiguration()


def delta_table(spark: SparkSession, place: str) -> Any:
    """Delta's own table object (Java), so that a bare zip needs no Python package beside pyspark."""
    return jvm_of(spark).io.delta.tables.DeltaTable.forPath(java_session(spark), place)


def java_map(spark: SparkSession, values: Mapping[str, str]) -> Any:
    """A Java map of strings, as Delta's MERGE and UPDATE want their assignments."""
    found = jvm_of(spark).java.util.HashMap()
    for key, value in values.items():
        found.put(key, value)
    return found


def overlapping_columns(table: DataFrame) -> list[str]:
    """Columns that stand in the names of a Parquet table's folders and in its files; it was just loaded."""
    plan: Any = table._jdf.queryExecution().analyzed()
    names = plan.relation().overlappedPartCols().keys().iterator()
    found = []
    while names.hasNext():
        found.append(str(names.next()))
    return sorted(found)


def launch_apart() -> None:
    """Start the driver's JVM, where this process has to, in a session of its own.

    In our process group it would end from the signal that a terminal or ``timeout`` sends to the whole
    group, before we could stop in order. It ends with us all the same: it watches a pipe that we hold.
    Under spark-submit the JVM is there already.
    """
    from pyspark import SparkContext, java_gateway

    if SparkContext._gateway is None and "PYSPARK_GATEWAY_PORT" not in os.environ:
        launch: Any = java_gateway.launch_gateway
        SparkContext._ensure_initialized(gateway=launch(popen_kwargs={"start_new_session": True}))


def arguments_without_pandas() -> None:
    """Tell numpy's numbers among the arguments of JVM calls without pyspark's test tools.

    Its own converters import ``pyspark.testing`` to learn whether numpy is there, and with it pandas: a
    second of each start. Where numpy was not imported, no argument can be its.
    """
    from pyspark.sql import types

    scalars: Any = types.NumpyScalarConverter
    arrays: Any = types.NumpyArrayConverter
    scalars.can_convert, arrays.can_convert = _is_scalar, _is_array


def _is_scalar(_: object, value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic)


def _is_array(_: object, value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray) and value.ndim == 1
