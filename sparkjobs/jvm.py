"""The few doors into the JVM behind a classic Spark session, untyped on purpose."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
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


def delta_table_exists(spark: SparkSession, place: str) -> bool:
    """Whether a table lies there."""
    return bool(jvm_of(spark).io.delta.tables.DeltaTable.isDeltaTable(java_session(spark), place))


def java_map(spark: SparkSession, values: Mapping[str, str]) -> Any:
    """A Java map of strings, as Delta's MERGE and UPDATE want their assignments."""
    found = jvm_of(spark).java.util.HashMap()
    for key, value in values.items():
        found.put(key, value)
    return found


def overlapping_columns(table: DataFrame) -> list[str]:
    """Columns that stand in the names of a Parquet table's folders and in its files; it was just loaded."""
    # HadoopFsRelation.overlappedPartCols: of such a column Spark takes the folder's value for the file's
    # (PartitioningUtils.mergeDataAndPartitionSchema).
    plan: Any = table._jdf.queryExecution().analyzed()
    names = plan.relation().overlappedPartCols().keys().iterator()
    found = []
    while names.hasNext():
        found.append(str(names.next()))
    return sorted(found)


def unscaled(value: SparkColumn) -> SparkColumn:
    """The digits of a ``decimal`` of at most 18 of them as a ``bigint``: 123 of 1.23.

    Spark's own sums of short decimals are made with it (``DecimalAggregates``), but SQL has no name for it.
    """
    return _expression("UnscaledValue", value)


def decimal_of(digits: SparkColumn, precision: int, scale: int) -> SparkColumn:
    """The ``decimal`` of these digits, a ``bigint``; the way back from ``unscaled``."""
    return _expression("MakeDecimal", digits, precision, scale, False)


def _expression(name: str, child: SparkColumn, *more: int) -> SparkColumn:
    from pyspark.sql import Column, SparkSession

    column: Any = child
    sql = jvm_of(SparkSession.active()).org.apache.spark.sql
    columns = sql.classic.ExpressionUtils
    make = getattr(sql.catalyst.expressions, name)
    return Column(columns.column(make(columns.expression(column._jc), *more)))


def launch_apart() -> None:
    """Start the driver's JVM, where this process has to, in a session of its own.

    In our process group it would end from the signal that a terminal or ``timeout`` sends to the whole
    group, before we could stop in order. It ends with us all the same: it watches a pipe that we hold.
    Under spark-submit the JVM is there already.
    """
    from pyspark import SparkContext, java_gateway

    # PythonRunner (spark-submit) sets the port: launch_gateway then joins the JVM that is our parent.
    if SparkContext._gateway is None and "PYSPARK_GATEWAY_PORT" not in os.environ:
        # launch_gateway itself keeps only SIGINT from the JVM (its preexec_func), not SIGTERM and SIGHUP.
        launch: Any = java_gateway.launch_gateway
        SparkContext._ensure_initialized(gateway=launch(popen_kwargs={"start_new_session": True}))


def without_pandas() -> None:
    """Let pyspark see that pandas is there without importing it, which takes half a second of each start.

    It asks in ``mapInArrow``, which hands Arrow batches on as they are (``pandas_udf``), and in ``lit`` and
    the arguments of JVM calls, which want to know of numpy and import all of ``pyspark.testing`` for that.
    What does use pandas imports it itself.
    """
    from pyspark.sql.pandas import functions, utils

    places: tuple[Any, ...] = (utils, functions)
    for place in places:
        place.require_minimum_pandas_version = _find_pandas


def _find_pandas() -> None:
    if find_spec("pandas") is None:
        from pyspark.errors import PySparkImportError

        raise PySparkImportError(
            errorClass="PACKAGE_NOT_INSTALLED",
            messageParameters={"package_name": "Pandas", "minimum_version": "2.0.0"},
        )
