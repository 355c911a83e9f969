"""Plain Spark's ways to read typed rows: tables, and text by two ways that refuse bad rows.

``failfast`` gives the reader the types and ``FAILFAST``. ``strict`` reads strings, holds each against the
form of its type and casts; a value that does not fit ends the query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Read = Callable[[Any, Path], Any]
_FORMS = {
    "decimal": r"^[+-]?\d+(\.\d+)?$",
    "double": r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$",
}


def table(kind: str) -> Read:
    """A Parquet or Delta table as it is."""
    return lambda spark, path: spark.read.format(kind).load(str(path))


def failfast(kind: str, types: Mapping[str, str]) -> Read:
    """CSV or JSON lines by Spark's own typing reader."""

    def read(spark: Any, path: Path) -> Any:
        schema = ", ".join(f"{name} {of}" for name, of in types.items())
        return _reader(spark, kind).option("mode", "FAILFAST").schema(schema).load(str(path))

    return read


def strict(kind: str, types: Mapping[str, str]) -> Read:
    """CSV or JSON lines as strings, each checked and cast."""

    def read(spark: Any, path: Path) -> Any:
        schema = ", ".join(f"{name} string" for name in types)
        text = _reader(spark, kind).option("mode", "FAILFAST").schema(schema).load(str(path))
        return text.select(*[_checked(name, of) for name, of in types.items()])

    return read


def _reader(spark: Any, kind: str) -> Any:
    return spark.read.format(kind).option("header", "true").option("escape", '"')


def _checked(name: str, kind: str) -> Any:
    from pyspark.sql import functions as F

    form = _FORMS.get(kind.partition("(")[0])
    if form is None:
        return F.col(name)
    fits = F.col(name).rlike(form)
    return F.when(fits, F.col(name).cast(kind)).otherwise(F.raise_error(F.lit(f"bad {name}"))).alias(name)
