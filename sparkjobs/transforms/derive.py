"""Derived columns: an ordered mapping of name to SQL expression; each may use those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.checks import COLUMN_NAME
from sparkjobs.errors import UsageError
from sparkjobs.transforms.expressions import check_expression

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

DEFAULT = (
    "age=value*10",
    "label=value*2",
    "age2=age*2",
    "label3=label*3",
    "score=age2*label3",
)
NONE = ("none",)


@dataclass(frozen=True)
class Derivation:
    """One derived column."""

    name: str
    expression: str


def parse_derivations(items: Sequence[str]) -> tuple[Derivation, ...]:
    """Read ``NAME=EXPR`` items; ``none`` alone means no derived column. Pure.

    Raises:
        UsageError: no ``=``, a name that is not plain, or a name that is there twice.
    """
    if tuple(items) == NONE:
        return ()
    found = tuple(_derivation(item) for item in items)
    names = [item.name.lower() for item in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(f"--derive {twice[0]} is there twice", "Give each derived column one expression.")
    return found


def derive(rows: DataFrame, derivations: Sequence[Derivation]) -> DataFrame:
    """Add the derived columns in order.

    Raises:
        UsageError: an expression is not allowed, uses an unknown column, or its name is taken.
    """
    from pyspark.sql import functions as F

    for item in derivations:
        # Spark compares names without regard to case: VALUE would replace value.
        if item.name.lower() in {name.lower() for name in rows.columns}:
            raise UsageError(f"--derive {item.name}: the input has a column of that name", "Choose another.")
        check_expression(rows.sparkSession, item.expression, rows.columns, f"--derive {item.name}")
        rows = rows.withColumn(item.name, F.expr(item.expression))
    return rows


def _derivation(item: str) -> Derivation:
    name, sign, expression = item.partition("=")
    if not sign or not COLUMN_NAME.fullmatch(name.strip()) or not expression.strip():
        raise UsageError(f"--derive {item!r} is not NAME=EXPR", "Such as --derive 'double=value*2'.")
    return Derivation(name.strip(), expression.strip())
