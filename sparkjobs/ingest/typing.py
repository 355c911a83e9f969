"""Strict types: text becomes a value or a reason, never a silent null or a rounded number.

Spark's casts accept ``' 5 '`` and ``1e3`` and round decimals without a word, so each type first
asks for its exact form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError
from sparkjobs.tables.partitions import UNHOLDABLE

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

_NUMBER = r"\A[+-]?\d+(\.\d+)?\z"
_INTEGER = r"\A[+-]?\d+\z"
_TIMESTAMP = r"\A\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?\z"
TIMESTAMP = re.compile(_TIMESTAMP[2:-2])
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
KINDS = ("string", "bigint", "double", "timestamp", "boolean", "decimal(P,S)")


@dataclass(frozen=True)
class Column:
    """A column that a job asks of its input.

    Attributes:
        name: its name in the job.
        kind: ``string``, ``bigint``, ``double``, ``timestamp``, ``boolean`` or ``decimal(P,S)``.
        required: whether a row without a value is a bad row.
        source: its name in the input, where that differs.
        partition: whether a table is partitioned by it: Delta keeps the empty text as null there, so a row
            with it is a bad row.
    """

    name: str
    kind: str
    required: bool = True
    source: str | None = None
    partition: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS[:-1] and not _DECIMAL.fullmatch(self.kind):
            raise UsageError(f"column {self.name}: unknown type {self.kind!r}", f"Known: {', '.join(KINDS)}.")

    @property
    def input_name(self) -> str:
        """The column's name in the input."""
        return self.source or self.name


@dataclass(frozen=True)
class Parsed:
    """Two expressions: the typed value (null when bad) and the reason (null when good)."""

    value: SparkColumn
    reason: SparkColumn


def parse(column: Column, text: SparkColumn, null: str | None, timestamp_format: str | None) -> Parsed:
    """Type a column of text.

    Args:
        column: what it should be.
        text: the expression that holds the text.
        null: the text that stands for null; ``None`` when only null itself does.
        timestamp_format: a pattern in Spark's notation, or ``None`` for ISO 8601.
    """
    from pyspark.sql import functions as F

    present = text if null is None else F.nullif(text, F.lit(null))
    value, form_ok, fault = _form(column, present, timestamp_format)
    # ANSI casts raise: the value is computed only where the form fits.
    safe = F.when(form_ok, value)
    quoted = F.concat(F.lit(f"{column.name}: '"), F.substring(present, 1, 80), F.lit(f"' {fault}"))
    too_large = F.concat(F.lit(f"{column.name}: '"), F.substring(present, 1, 80), F.lit("' is out of range"))
    missing = F.lit(f"{column.name}: missing") if column.required else F.lit(None).cast("string")
    reason = F.when(present.isNull(), missing).when(~form_ok, quoted).when(safe.isNull(), too_large)
    return _holdable(column, Parsed(safe, reason))


def convert(column: Column, source: SparkColumn, source_type: str, timestamp_format: str | None) -> Parsed:
    """Type a column that has a type already (Parquet, Delta); text is parsed as in CSV."""
    from pyspark.sql import functions as F

    if source_type == "string" and column.kind != "string":
        return parse(column, source, None, timestamp_format)
    value = source.try_cast(column.kind)
    missing = F.lit(f"{column.name}: missing") if column.required else F.lit(None).cast("string")
    lost, fault = _lost(column, source, source_type, value)
    told = F.concat(F.lit(f"{column.name}: '"), source.cast("string"), F.lit(f"' {fault}"))
    reason = F.when(source.isNull(), missing).when(value.isNull() | lost, told)
    return _holdable(column, Parsed(value, reason))


def _holdable(column: Column, parsed: Parsed) -> Parsed:
    """A partition column holds no empty text."""
    from pyspark.sql import functions as F

    if not column.partition or column.kind != "string":
        return parsed
    told = F.concat(F.lit(f"{column.name}: '"), parsed.value, F.lit("' would be null in a partition column"))
    return Parsed(parsed.value, F.when(parsed.value.isin(*UNHOLDABLE), told).otherwise(parsed.reason))


def _lost(
    column: Column, source: SparkColumn, source_type: str, value: SparkColumn
) -> tuple[SparkColumn, str]:
    """Whether a cast that gave a value changed it, and what to say then."""
    from pyspark.sql import functions as F

    decimal = _DECIMAL.fullmatch(column.kind)
    if decimal and source_type.startswith("decimal"):
        # Comparing two decimals rounds both to what 38 digits hold; the digits themselves do not lie.
        fits = rf"\A-?\d+(\.\d{{0,{decimal.group(2)}}}0*)?\z"
        return ~source.cast("string").rlike(fits), f"is not a number with at most {decimal.group(2)} decimals"
    if decimal and source_type in ("double", "float"):
        fault = f"is not a number with at most {decimal.group(2)} decimals"
        return value.cast("double") != source.cast("double"), fault
    if source_type in ("double", "float") and column.kind == "double":
        return F.isnan(source) | (F.abs(source) == float("inf")), "is not a finite number"
    if source_type.partition("(")[0] in ("double", "float", "decimal") and column.kind == "bigint":
        return value.cast("double") != source.cast("double"), "is not a whole number"
    return F.lit(False), f"is not a {column.kind}"


def first_reason(parsed: Sequence[Parsed]) -> SparkColumn:
    """The first column's reason that is not null."""
    from pyspark.sql import functions as F

    return reduce(lambda a, b: F.coalesce(a, b), [item.reason for item in parsed])


def check_timestamp_format(rows: DataFrame, pattern: str | None) -> None:
    """Refuse a pattern that Spark does not know, before any data is read.

    Raises:
        UsageError: names the pattern.
    """
    if pattern is None:
        return
    try:
        rows.sparkSession.sql("SELECT try_to_timestamp('2026-01-31', :p)", args={"p": pattern}).collect()
    except Exception as error:
        raise UsageError(
            f"--timestamp-format {pattern!r} is not a pattern that Spark knows",
            "Write it like dd/MM/yyyy HH:mm:ss.",
        ) from error


def _form(
    column: Column, text: SparkColumn, timestamp_format: str | None
) -> tuple[SparkColumn, SparkColumn, str]:
    """The typed value, whether the text has the form, and what to say when it has not."""
    from pyspark.sql import functions as F

    decimal = _DECIMAL.fullmatch(column.kind)
    if column.kind == "string":
        return text, F.lit(True), ""
    if decimal:
        scale = int(decimal.group(2))
        form = rf"\A[+-]?\d+(\.\d{{1,{scale}}})?\z" if scale else _INTEGER
        return text.try_cast(column.kind), text.rlike(form), f"is not a number with at most {scale} decimals"
    if column.kind == "double":
        number = text.try_cast("double")
        return F.when(F.abs(number) != float("inf"), number), text.rlike(_NUMBER), "is not a number"
    if column.kind == "bigint":
        return text.try_cast("bigint"), text.rlike(_INTEGER), "is not a whole number"
    if column.kind == "boolean":
        return text == "true", text.rlike(r"\A(true|false)\z"), "is not true or false"
    if timestamp_format is None:
        form_ok = text.rlike(_TIMESTAMP)
        moment = F.when(form_ok, text.try_cast("timestamp"))
    else:
        moment = F.try_to_timestamp(text, F.lit(timestamp_format))
    return moment, moment.isNotNull(), "is not a timestamp"
