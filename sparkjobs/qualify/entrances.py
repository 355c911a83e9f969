"""The session that is there already, in place of every session, context and reader that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkjobs.qualify.guard import Guard
from sparkjobs.qualify.recorder import Recorder

_READS = ("load", "json", "parquet", "text", "csv", "xml", "orc", "jdbc", "table")
_STREAM = "it reads a stream; only batch queries can be explained"


def install(recorder: Recorder, guard: Guard, context: Any) -> None:
    """Put the entrances in place.

    Args:
        recorder: is told what is refused.
        guard: lets through what reads schemas.
        context: the running SparkContext; every other one becomes it.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession
    from pyspark.sql.readwriter import DataFrameReader

    for name in _READS:
        setattr(DataFrameReader, name, _reading(getattr(DataFrameReader, name), recorder, guard))
    session: Any = SparkSession
    session.table = _reading(session.table, recorder, guard)
    for name in ("readStream", "streams"):
        setattr(session, name, property(lambda spark: recorder.halt("refused", _STREAM)))
    session.stop = _nothing
    session.Builder.remote = lambda *_: recorder.halt(
        "refused", "it asks for Spark Connect; plans are explained in a session of its own"
    )
    _share(SparkContext, context)


def _reading(before: Callable[..., Any], recorder: Recorder, guard: Guard) -> Callable[..., Any]:
    from pyspark import RDD
    from pyspark.sql import DataFrame

    made = (RDD, DataFrame)

    def read(reader: Any, *arguments: Any, **named: Any) -> Any:
        recorder.go_on()
        # Of paths and names Spark reads the schema. Of rows it would run what makes them.
        if any(isinstance(argument, made) for argument in (*arguments, *named.values())):
            return before(reader, *arguments, **named)
        with guard.opened():
            return before(reader, *arguments, **named)

    return read


def _share(kind: Any, context: Any) -> None:
    def become(self: Any, *_arguments: Any, **_named: Any) -> None:
        self.__dict__ = context.__dict__

    kind.__init__ = become
    for name in ("stop", "setCheckpointDir", "setJobGroup", "cancelAllJobs", "setJobDescription"):
        setattr(kind, name, _nothing)
    before = kind.setLocalProperty

    def set_property(self: Any, key: str, value: Any) -> None:
        if not key.startswith("spark.job"):
            before(self, key, value)

    kind.setLocalProperty = set_property


def _nothing(*_arguments: Any, **_named: Any) -> None:
    """Stopping, or naming jobs, where nothing runs."""
