"""Which type of a table may become which type of a job, and what a value must pass on the way. Pure.

A table of two type names. The answer is known before a row is read, so that a column that cannot be
what is asked ends the run at once; a ``Check`` is arithmetic on the typed value and no text is made of
it, so that a reader may do it wherever the values are (see ``convert.py`` for Spark's expressions).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
# Whole numbers by their Spark names: how many decimal digits the greatest has.
INTEGERS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
# Decimals of so many digits Spark itself holds in a bigint (Decimal.MAX_LONG_DIGITS).
LONG_DIGITS = 18
# Up to here, and no further, a double holds every whole number.
EXACT_IN_DOUBLE = 1 << 53
_DIGITS_IN_DOUBLE = 15


class Check(Enum):
    """What a value must pass; null always passes, and a cast that gives null is out of range.

    ``NONE`` is a cast that keeps every value; ``TEXT`` is read by the rules of CSV.
    """

    NONE = "keeps every value"
    TEXT = "is read as text"
    UTF8 = "is UTF-8"
    ONE_TEXT = "is the only moment of its local time"
    FITS = "lies in the range of the type"
    WHOLE = "is a whole number of 64 bits"
    WHOLE_DECIMAL = "has no fraction and fits 64 bits"
    EXACT_DOUBLE = "is not beyond 2^53"
    FINITE = "is a finite number"
    DECIMALS = "has no more decimals than asked"
    DECIMALS_OF_DOUBLE = "has no more decimals than asked and is not beyond 2^53"
    EXISTS = "is a local time that the clocks do not skip"
    UNIT = "counts a unit of time from 1970, within the years 1 to 9999"


@dataclass(frozen=True)
class Refusal:
    """The two types do not go together; the hint says what does."""

    reason: str
    hint: str


Answer = Check | Refusal
_Rule = Callable[[str, str, str | None], Answer]


def conversion(source: str, wanted: str, unit: str | None = None) -> Answer:
    """What the values of a column must pass.

    Args:
        source: the column's type in the table, as ``DataFrame.dtypes`` names it.
        wanted: ``string``, ``bigint``, ``double``, ``timestamp``, ``boolean`` or ``decimal(P,S)``.
        unit: what whole numbers count where a time is wanted: ``s``, ``ms``, ``us``, ``ns`` or ``None``.
    """
    family = _family(source)
    if family == "void":
        return Check.NONE
    rule = _TABLE.get((family, wanted.partition("(")[0]))
    if rule is None:
        return Refusal(f"{source} is no {wanted}", _HINTS.get(family, _ANOTHER))
    return rule if isinstance(rule, Check) else rule(source, wanted, unit)


def scale_of(wanted: str) -> int:
    """The decimals of ``decimal(P,S)``."""
    return _shape(wanted)[1]


def _family(source: str) -> str:
    if source in INTEGERS:
        return "integer"
    if source in ("float", "double"):
        return "float"
    # A collation only says how texts compare; char and varchar arrive as Spark hands them out.
    name = re.split(r"[ (<]", source, maxsplit=1)[0]
    return "string" if name in ("char", "varchar") else name


def _shape(kind: str) -> tuple[int, int]:
    match = DECIMAL.fullmatch(kind)
    assert match is not None  # Spark and the parameters name decimals this way only
    return int(match.group(1)), int(match.group(2))


def _integer_to_double(source: str, wanted: str, unit: str | None) -> Answer:
    return Check.EXACT_DOUBLE if source == "bigint" else Check.NONE


def _decimal_to_double(source: str, wanted: str, unit: str | None) -> Answer:
    digits, scale = _shape(source)
    return Check.NONE if digits - scale <= _DIGITS_IN_DOUBLE else Check.EXACT_DOUBLE


def _decimal_to_bigint(source: str, wanted: str, unit: str | None) -> Answer:
    digits, scale = _shape(source)
    if scale:
        return Check.WHOLE_DECIMAL
    return Check.NONE if digits < INTEGERS["bigint"] else Check.FITS


def _integer_to_decimal(source: str, wanted: str, unit: str | None) -> Answer:
    digits, scale = _shape(wanted)
    return Check.NONE if INTEGERS[source] <= digits - scale else Check.FITS


def _decimal_to_decimal(source: str, wanted: str, unit: str | None) -> Answer:
    (digits, scale), (wanted_digits, wanted_scale) = _shape(source), _shape(wanted)
    if scale > wanted_scale:
        return Check.DECIMALS
    return Check.NONE if digits - scale <= wanted_digits - wanted_scale else Check.FITS


def _number_to_time(source: str, wanted: str, unit: str | None) -> Answer:
    if DECIMAL.fullmatch(source) and scale_of(source):
        return Refusal(f"{source} is no {wanted}", _WRITE_A_TIME)
    if unit is None:
        return Refusal(
            f"{source} is no {wanted} until its unit is known",
            "Say what it counts since 1970 with --timestamp-unit s, ms, us or ns.",
        )
    return Check.UNIT


_ANOTHER = "Name another column, or write this one with the type that is meant."
_WRITE_A_TIME = "Write the column as a timestamp, or as a whole number and give --timestamp-unit."
_HINTS = {
    "boolean": "Write the column as 0 and 1 if it is to be counted.",
    "binary": "Write the column as text or with the type that is meant.",
    "float": _WRITE_A_TIME,
    "array": "Write the wanted item as a column of its own.",
    "map": "Write the wanted value as a column of its own.",
    "struct": "Write the wanted field as a column of its own.",
    "variant": "Write the wanted field as a column of its own.",
    "interval": "Write the length as a number.",
}
# Pairs that are not here are refused.
_TABLE: dict[tuple[str, str], Check | _Rule] = {
    # Parquet does not enforce that its texts are UTF-8, and Spark does not look.
    ("string", "string"): Check.UTF8,
    ("string", "bigint"): Check.TEXT,
    ("string", "double"): Check.TEXT,
    ("string", "decimal"): Check.TEXT,
    ("string", "boolean"): Check.TEXT,
    ("string", "timestamp"): Check.TEXT,
    ("binary", "string"): Check.UTF8,
    ("boolean", "string"): Check.NONE,
    ("boolean", "boolean"): Check.NONE,
    ("integer", "string"): Check.NONE,
    ("integer", "bigint"): Check.NONE,
    ("integer", "double"): _integer_to_double,
    ("integer", "decimal"): _integer_to_decimal,
    ("integer", "timestamp"): _number_to_time,
    ("float", "string"): Check.NONE,
    ("float", "bigint"): Check.WHOLE,
    ("float", "double"): Check.FINITE,
    ("float", "decimal"): Check.DECIMALS_OF_DOUBLE,
    ("decimal", "string"): Check.NONE,
    ("decimal", "bigint"): _decimal_to_bigint,
    ("decimal", "double"): _decimal_to_double,
    ("decimal", "decimal"): _decimal_to_decimal,
    ("decimal", "timestamp"): _number_to_time,
    ("date", "string"): Check.NONE,
    # The first moment of the day, which every zone has.
    ("date", "timestamp"): Check.FITS,
    ("timestamp", "string"): Check.ONE_TEXT,
    ("timestamp", "timestamp"): Check.NONE,
    ("timestamp_ntz", "string"): Check.NONE,
    ("timestamp_ntz", "timestamp"): Check.EXISTS,
    ("time", "string"): Check.NONE,
}
