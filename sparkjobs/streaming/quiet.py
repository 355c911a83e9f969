"""No stack traces for what we tell in our own words.

Spark and py4j log the whole stack of whatever ends a batch. When it is an error of ours, or a request
to stop, a user gains nothing from it: the error is told at the end, by message and hint.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sparkjobs.jvm import jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Quiet:
    """Silence from ``begin`` to ``end``, for the moment in which Spark ends a query."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        self._level: str | None = None
        self._py4j = logging.getLogger("py4j")
        self._py4j_level = self._py4j.level

    def begin(self) -> None:
        """Log nothing below a crash of the JVM."""
        if self._level is None:
            # SparkContext has a setter of the level and no getter.
            self._level = str(self._root().getLevel())
            self._py4j.setLevel(logging.CRITICAL)
            # StreamExecution logs the end of a query at ERROR, with its stack.
            self._spark.sparkContext.setLogLevel("OFF")

    def end(self) -> None:
        """Log as before."""
        if self._level is not None:
            self._spark.sparkContext.setLogLevel(self._level)
            self._py4j.setLevel(self._py4j_level)
            self._level = None

    def _root(self) -> Any:
        return jvm_of(self._spark).org.apache.logging.log4j.LogManager.getRootLogger()
