"""Rows of any table as events: ``user, time, kind, item, amount``, by the expressions of a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.conversions import DECIMAL, LONG_DIGITS
from sparkjobs.ingest.typing import Column
from sparkjobs.sql import quoted
from sparkjobs.transforms.expressions import check_expression, referenced
from sparkjobs.transforms.mapping import FIELDS, EventMapping

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession

_TIMES = ("timestamp", "timestamp_ntz", "date")
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "void")


def amount_type(scale: int) -> str:
    """The exact type of amounts and of their sums."""
    return f"decimal(38,{scale})"


def columns_to_read(spark: SparkSession, mapping: EventMapping, scale: int) -> list[Column]:
    """The input columns that the mapping needs, typed; its expressions are checked on the way.

    Declared columns are read whether used or not: they are the ones that the input may have. The column
    that is the time must have a value in every row.

    Raises:
        UsageError: an expression does more than compute from the row.
    """
    kinds = dict(mapping.columns)
    own_types = {**dict.fromkeys(FIELDS, "string"), "time": "timestamp", "amount": amount_type(scale)}
    computed: set[str] = set()
    for name in FIELDS:
        text = mapping.fields[name]
        used = referenced(spark, text, _what(name))
        for column in _undeclared(used, kinds):
            kinds[column] = own_types[name] if _is_bare(text, column) else "string"
        check_expression(spark, text, kinds, _what(name))
        if not (name == "amount" and any(_is_bare(text, column) for column in used)):
            computed |= {column.lower() for column in used}
    time = mapping.fields["time"]
    # An amount that is only added up may keep a short type; an expression sees the type that it was told.
    amounts = {column for column in kinds if _is_bare(mapping.fields["amount"], column)}
    added = {name for name in amounts if name.lower() not in computed and DECIMAL.fullmatch(kinds[name])}
    return [
        Column(name, kind, required=_is_bare(time, name), narrow=name in added)
        for name, kind in kinds.items()
    ]


def to_events(
    rows: DataFrame,
    mapping: EventMapping,
    scale: int,
    more: Sequence[SparkColumn] = (),
    *,
    short: bool = False,
) -> DataFrame:
    """Compute the fields, and more. An empty user or item is none.

    An amount with more decimals than ``scale`` is rounded half up; a short type stays, which is quicker.

    Args:
        rows: the table.
        mapping: what each field is made of.
        scale: decimals of amounts.
        more: other columns.
        short: every amount is known to have no more digits than a bigint holds.

    Raises:
        UsageError: the time is no timestamp or the amount no number.
    """
    from pyspark.sql import functions as F

    fields = rows.select(*[F.expr(mapping.fields[name]).alias(name) for name in FIELDS], *more)
    types = dict(fields.dtypes)
    _require(
        types, "time", _TIMES, "a time: declare its column a timestamp with --types, or use to_timestamp"
    )
    _require(types, "amount", _NUMBERS, "a number: declare its column with --types")
    return fields.select(
        _text(F.col("user")).alias("user"),
        F.col("time").cast("timestamp").alias("time"),
        F.col("kind").cast("string").alias("kind"),
        _text(F.col("item")).alias("item"),
        _amount(types["amount"], scale, short).alias("amount"),
        *fields.columns[len(FIELDS) :],
    )


@dataclass(frozen=True)
class Stock:
    """How many rows there are, what some tables leave out: rows without user or item; and when the last event
    was (from 1970); whether the digits of every amount fit a bigint."""

    rows: int
    rows_without_user: int
    rows_without_item: int
    last_micros: int
    short_amounts: bool

    def warnings(self) -> list[str]:
        """What the user should know."""
        warnings = []
        if self.rows_without_user:
            warnings.append(f"{self.rows_without_user} rows have no user: they count in top_items only")
        if self.rows_without_item:
            warnings.append(f"{self.rows_without_item} rows have no item: they do not count in top_items")
        return warnings


def take_stock(rows: DataFrame, mapping: EventMapping, scale: int) -> Stock:
    """Count the events and what is missing, in one pass that looks at every row.

    Raises:
        DataError: a row has no time, so that it has no place in any table.
    """
    from pyspark.sql import functions as F

    # Where all fields are constants no other value here would be one of the row, nor refuse a bad one.
    seen = [F.col(quoted(name)).isNull().alias("_seen") for name in rows.columns[:1]]
    events = to_events(rows, mapping, scale, seen)
    missing = [F.count_if(F.col(name).isNull()).alias(name) for name in ("user", "time", "item")]
    found = events.agg(
        F.count(F.lit(1)).alias("rows"),
        F.max(F.unix_micros("time")).alias("last"),
        F.count_if(_is_long(scale)).alias("long"),
        *missing,
        *[F.max(name) for name in events.columns[len(FIELDS) :]],
    ).first()
    assert found is not None  # an aggregate without keys has one row
    if found["time"]:
        raise DataError(
            f"the mapping gives no time for {found['time']} rows",
            "Let the field time have a value in every row, such as coalesce(a, b).",
        )
    return Stock(found["rows"], found["user"], found["item"], found["last"] or 0, not found["long"])


def _what(name: str) -> str:
    return f"the mapping's field {name}"


def _undeclared(used: tuple[str, ...], kinds: dict[str, str]) -> list[str]:
    known = {name.lower() for name in kinds}
    return [name for name in used if name.lower() not in known]


def _is_bare(text: str, column: str) -> bool:
    return text.strip().lower() in (column.lower(), f"`{column}`".lower())


def _amount(kind: str, scale: int, short: bool) -> SparkColumn:
    from pyspark.sql import functions as F

    digits = DECIMAL.fullmatch(kind)
    if digits is not None and int(digits[1]) <= LONG_DIGITS and int(digits[2]) <= scale:
        return F.col("amount")
    amount = F.col("amount").cast(amount_type(scale))
    return amount.cast(_short_type(scale)) if short else amount


def _short_type(scale: int) -> str:
    return f"decimal({LONG_DIGITS},{scale})"


def _is_long(scale: int) -> SparkColumn:
    from pyspark.sql import functions as F

    fits = F.col("amount").try_cast(_short_type(scale)).isNotNull()
    return F.col("amount").isNotNull() & ~fits


def _text(value: SparkColumn) -> SparkColumn:
    from pyspark.sql import functions as F

    return F.nullif(value.cast("string"), F.lit(""))


def _require(types: dict[str, str], name: str, wanted: tuple[str, ...], meaning: str) -> None:
    if types[name].partition("(")[0] not in wanted:
        raise UsageError(f"{_what(name)} is of type {types[name]}, not {meaning}")
