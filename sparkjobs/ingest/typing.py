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
from sparkjobs.ingest.conversions import DECIMAL, EXACT_IN_DOUBLE
from sparkjobs.ingest.times import TimeReading, from_count, from_text
from sparkjobs.tables.partitions import UNHOLDABLE

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

# \z and not $, which in Java also stands before a last line end.
_NUMBER = r"\A[+-]?\d+(\.\d+)?\z"
_INTEGER = r"\A[+-]?\d+\z"
_TIMESTAMP = r"\A\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?\z"
TIMESTAMP = re.compile(_TIMESTAMP[2:-2])
BEYOND = "is beyond 2^53, where a double passes over whole numbers"
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
        narrow: a table's own type may stay where it holds the same numbers in fewer digits: adding them up
            is quicker, and the job casts what it has computed.
    """

    name: str
    kind: str
    required: bool = True
    source: str | None = None
    partition: bool = False
    narrow: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS[:-1] and not DECIMAL.fullmatch(self.kind):
            raise UsageError(f"column {self.name}: unknown type {self.kind!r}", f"Known: {', '.join(KINDS)}.")

    @property
    def input_name(self) -> str:
        """The column's name in the input."""
        return self.source or self.name


@dataclass(frozen=True)
class Parsed:
    """The typed value of a column, and what makes its row a bad one.

    Attributes:
        value: the expression; null where a fault holds.
        faults: each a condition and the reason to give; the first that holds counts.
    """

    value: SparkColumn
    faults: tuple[tuple[SparkColumn, SparkColumn], ...]

    @property
    def reason(self) -> SparkColumn:
        """The reason, null when the value is good."""
        from pyspark.sql import functions as F

        nothing = F.lit(None).cast("string")
        return reduce(lambda rest, fault: F.when(*fault).otherwise(rest), reversed(self.faults), nothing)

    @property
    def fails(self) -> SparkColumn | None:
        """Whether a fault holds, never null; ``None`` where the types prove that none can."""
        from pyspark.sql import functions as F

        if not self.faults:
            return None
        return reduce(lambda one, other: one | other, [F.coalesce(c, F.lit(False)) for c, _ in self.faults])


def parse(column: Column, text: SparkColumn, null: str | None, reading: TimeReading) -> Parsed:
    """Type a column of text.

    Args:
        column: what it should be.
        text: the expression that holds the text.
        null: the text that stands for null; ``None`` when only null itself does.
        reading: how times are written.
    """
    from pyspark.sql import functions as F

    present = text if null is None else F.nullif(text, F.lit(null))
    form = _form(column, present, reading)
    # ANSI casts raise: the value is computed only where the form fits.
    safe = F.when(form.fits, form.value)
    quoted = F.concat(F.lit(f"{column.name}: '"), F.substring(present, 1, 80), F.lit("' "))
    given = present.isNotNull()
    faults = [missing(column, present)] if column.required else []
    faults.append((given & ~form.fits, F.concat(quoted, F.lit(form.fault))))
    if form.lost is not None:
        faults.append((given & form.lost, F.concat(quoted, F.lit(form.lost_fault))))
    faults.append((given & safe.isNull(), F.concat(quoted, F.lit("is out of range"))))
    return holdable(column, Parsed(safe, tuple(faults)))


def missing(column: Column, value: SparkColumn) -> tuple[SparkColumn, SparkColumn]:
    """The fault of a value that is not there."""
    from pyspark.sql import functions as F

    return value.isNull(), F.lit(f"{column.name}: missing")


def holdable(column: Column, parsed: Parsed) -> Parsed:
    """A partition column holds no empty text: Delta writes it as null (its protocol, Partition Value
    Serialization)."""
    from pyspark.sql import functions as F

    if not column.partition or column.kind != "string":
        return parsed
    null = F.lit("' would be null in a partition column")
    fault = parsed.value.isin(*UNHOLDABLE), F.concat(F.lit(f"{column.name}: '"), parsed.value, null)
    return Parsed(parsed.value, (fault, *parsed.faults))


def first_reason(parsed: Sequence[Parsed]) -> SparkColumn:
    """The first column's reason that is not null."""
    from pyspark.sql import functions as F

    return reduce(lambda a, b: F.coalesce(a, b), [item.reason for item in parsed])


def too_large_for_double(value: SparkColumn, exact: SparkColumn) -> SparkColumn:
    """Whether a number lies beyond 2^53, where a double passes over whole numbers.

    Args:
        value: the number as a double.
        exact: the same as a decimal or as text; asked only where the double cannot tell.
    """
    from pyspark.sql import functions as F

    whole = F.abs(exact.try_cast("decimal(38,0)"))
    at_or_beyond = F.abs(value) >= float(EXACT_IN_DOUBLE)
    return F.when(at_or_beyond, F.coalesce(whole > EXACT_IN_DOUBLE, F.lit(True))).otherwise(F.lit(False))


@dataclass(frozen=True)
class _Form:
    """The typed value of a text, whether the text has the form, and what a value loses.

    Attributes:
        value: the value; null where it is out of range.
        fits: whether the text has the form; a text without it gets ``fault``.
        fault: what to say then.
        lost: whether the value is not what the text says, or ``None`` where it always is.
        lost_fault: what to say then.
    """

    value: SparkColumn
    fits: SparkColumn
    fault: str
    lost: SparkColumn | None = None
    lost_fault: str = ""


def _form(column: Column, text: SparkColumn, reading: TimeReading) -> _Form:
    from pyspark.sql import functions as F

    decimal = DECIMAL.fullmatch(column.kind)
    if column.kind == "string":
        return _Form(text, F.lit(True), "")
    if decimal:
        scale = int(decimal.group(2))
        form = rf"\A[+-]?\d+(\.\d{{1,{scale}}})?\z" if scale else _INTEGER
        fault = f"is not a number with at most {scale} decimals"
        return _Form(text.try_cast(column.kind), text.rlike(form), fault)
    if column.kind == "double":
        number = text.try_cast("double")
        # Java's parser of doubles, which the cast uses, takes a number of 400 digits for Infinity.
        finite = F.when(F.abs(number) != float("inf"), number)
        lost = too_large_for_double(finite, text)
        return _Form(finite, text.rlike(_NUMBER), "is not a number", lost, BEYOND)
    if column.kind == "bigint":
        return _Form(text.try_cast("bigint"), text.rlike(_INTEGER), "is not a whole number")
    if column.kind == "boolean":
        # No cast: Spark's takes t, y, yes and 1 for true as well (StringUtils.isTrueString).
        return _Form(text == "true", text.rlike(r"\A(true|false)\z"), "is not true or false")
    return _moment_form(text, reading)


def _moment_form(text: SparkColumn, reading: TimeReading) -> _Form:
    if reading.unit is not None:
        fits = text.rlike(_INTEGER)
        counted = from_count(text, reading.unit)
        fault = f"is not a whole number, which --timestamp-unit {reading.unit} asks for"
        return _Form(counted.value, fits, fault, counted.lost, counted.fault)
    found = from_text(text, reading, text.rlike(_TIMESTAMP))
    return _Form(found.value, found.value.isNotNull(), "is not a timestamp", found.lost, found.fault)
