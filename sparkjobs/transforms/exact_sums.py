"""Exact sums of whole numbers and decimals, added up in 64 bits where their type has few digits.

Spark adds decimals of more than 18 digits up as byte arrays, which its fast hash map does not take
(``HashAggregateExec.checkIfFastHashMapSupported``). Two sums of bigints, of the upper and of the lower half
of each number, and one multiplication a group give the same. A GPU adds decimals of 38 digits as they are,
and RAPIDS makes none of more than 18 from a bigint (``GpuOverrides``, ``MakeDecimal``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sparkjobs.ingest.conversions import DECIMAL, INTEGERS, LONG_DIGITS
from sparkjobs.jvm import decimal_of, unscaled
from sparkjobs.session import strategy_settings
from sparkjobs.strategies import on_gpu

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# So many halves add up in 64 bits whatever they are.
MOST_ROWS = 1 << 31
_HALF = 32
# Names with a space, which no column of a user can have.
_UPPER, _LOWER, _ALL = "the upper half", "the lower half", "the sum"


@dataclass(frozen=True)
class ExactSum:
    """A sum in two steps.

    Attributes:
        parts: what the aggregate computes; their names are none of a user.
        total: the sum, from the parts.
    """

    parts: tuple[Column, ...]
    total: Column


def exact_sum(rows: DataFrame, value: str, kind: str, most_rows: int | None) -> ExactSum:
    """How to add a column up.

    Args:
        rows: the table.
        value: a column of ``decimal`` or ``bigint``; the sum of nulls is null.
        kind: the type of the sum, ``decimal(38,S)`` with no fewer decimals than the value has; a sum beyond
            it ends the job.
        most_rows: how many rows there are at most; ``None``: nobody knows.
    """
    from pyspark.sql import functions as F

    of = dict(rows.dtypes)[value]
    scale = _scale(of)
    gpu = on_gpu(strategy_settings(rows.sparkSession))
    if scale is None or most_rows is None or most_rows > MOST_ROWS or gpu:
        whole = F.col(value).cast(kind) if of == "bigint" else F.col(value)
        return ExactSum((F.sum(whole).alias(_ALL),), F.col(_ALL).cast(kind))
    number = F.col(value) if of == "bigint" else unscaled(F.col(value))
    upper = F.sum(F.shiftright(number, _HALF)).alias(_UPPER)
    lower = F.sum(number.bitwiseAND((1 << _HALF) - 1)).alias(_LOWER)
    halves = [decimal_of(F.col(name), INTEGERS["bigint"], scale) for name in (_UPPER, _LOWER)]
    total = halves[0] * F.lit(Decimal(1 << _HALF)) + halves[1]
    return ExactSum((upper, lower), total.cast(kind))


def _scale(kind: str) -> int | None:
    """The decimals of a type whose digits fit a bigint; ``None`` for others."""
    if kind == "bigint":
        return 0
    digits = DECIMAL.fullmatch(kind)
    return int(digits[2]) if digits is not None and int(digits[1]) <= LONG_DIGITS else None
