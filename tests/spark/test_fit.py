"""No type is cast to one that loses: the extremes of every pair of types, there and back."""

from __future__ import annotations

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BinaryType,
    BooleanType,
    ByteType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

from sparkjobs import tables
from sparkjobs.errors import DataError, WriteError
from sparkjobs.tables import edit
from sparkjobs.tables.schema import fits

WHOLE = {ByteType(): 7, ShortType(): 15, IntegerType(): 31, LongType(): 63}
DECIMALS = [
    DecimalType(p, s)
    for p, s in [
        (2, 2),
        (3, 0),
        (5, 0),
        (10, 0),
        (10, 2),
        (12, 2),
        (19, 0),
        (20, 1),
        (38, 0),
        (38, 9),
        (38, 38),
    ]
]
OTHERS = [BinaryType(), BooleanType(), DateType(), StringType(), TimestampType(), TimestampNTZType()]
TYPES = [*WHOLE, FloatType(), DoubleType(), *DECIMALS, *OTHERS]
NUMBERS = [*WHOLE, FloatType(), DoubleType(), *DECIMALS]


def extremes(kind):
    """SQL of values at the edges of a type."""
    name = kind.simpleString()
    if kind in WHOLE:
        top = 2 ** WHOLE[kind]
        return [f"cast({value} as {name})" for value in (top - 1, -top, 0)]
    if isinstance(kind, DecimalType):
        digits = "9" * kind.precision
        number = f"{digits[: kind.precision - kind.scale] or '0'}.{digits[: kind.scale] or '0'}"
        return [f"cast('{sign}{number}' as {name})" for sign in ("", "-")]
    if name == "float":
        return [
            f"cast('{value}' as float)"
            for value in ("3.4028235E38", "1.4E-45", "0.1", "NaN", "-Infinity", "-0.0")
        ]
    return [
        f"cast('{value}' as double)"
        for value in ("1.7976931348623157E308", "4.9E-324", "0.1", "NaN", "9007199254740993")
    ]


def test_what_fits_keeps_every_extreme(spark):
    pairs = [(a, b) for a in NUMBERS for b in NUMBERS if a != b and fits(a, b)]
    assert len(pairs) > 60
    checks = {}
    for source, target in pairs:
        for number, value in enumerate(extremes(source)):
            there = F.expr(value).cast(target)
            same = there.cast(source).eqNullSafe(F.expr(value)) & there.isNotNull()
            checks[f"{source.simpleString()} as {target.simpleString()} {number}"] = same
    row = spark.range(1).select(*[check.alias(name) for name, check in checks.items()]).first()
    assert [name for name, kept in row.asDict().items() if not kept] == []


def test_what_does_not_fit_loses_an_extreme_or_means_something_else(spark):
    """The rule refuses nothing that could be kept; of decimals a float keeps the print alone."""
    floats = [(a, b) for a in DECIMALS for b in (FloatType(), DoubleType())]
    assert not [pair for pair in floats if fits(*pair)]
    pairs = [(a, b) for a in NUMBERS for b in NUMBERS if not fits(a, b) and (a, b) not in floats]
    losses = {}
    for source, target in pairs:
        kept = [
            F.coalesce(F.expr(v).try_cast(target).try_cast(source).eqNullSafe(F.expr(v)), F.lit(False))
            for v in [*extremes(source), *_between(source)]
        ]
        every = kept[0]
        for item in kept[1:]:
            every = every & item
        losses[f"{source.simpleString()} as {target.simpleString()}"] = every
    row = spark.range(1).select(*[check.alias(name) for name, check in losses.items()]).first()
    assert [name for name, kept in row.asDict().items() if kept] == []


def _between(kind):
    """Values whose last digits a float cannot hold, though the extremes may round to themselves."""
    if kind in WHOLE:
        return [f"cast({2 ** WHOLE[kind] - 1 - step} as {kind.simpleString()})" for step in (2, 64, 1022)]
    if isinstance(kind, DecimalType):
        unit = "0." + "0" * (kind.scale - 1) + "1" if kind.scale else "1"
        return [
            f"cast({extremes(kind)[0]} - {unit} as {kind.simpleString()})",
            f"cast({unit} as {kind.simpleString()})",
        ]
    return []


@pytest.mark.parametrize("other", OTHERS, ids=lambda kind: kind.simpleString())
def test_other_types_fit_themselves_alone(other):
    assert [kind for kind in TYPES if fits(kind, other)] == [other]
    assert [kind for kind in TYPES if fits(other, kind)] == [other]
    assert fits(NullType(), other)


@pytest.mark.parametrize("name", ["TOWN", "`town`"])
def test_an_update_cannot_empty_a_partition_column_by_another_spelling(spark, tmp_path, name):
    path = str(tmp_path / "t")
    edit.write(spark, spark.sql("select 'Lyon' town, 1 n"), path, partition_by=["town"])
    with pytest.raises(DataError, match="town = ''"):
        edit.update_where(spark, path, {name: "''"}, "n = 1")
    assert tables.read(path).to_pandas()["town"].tolist() == ["Lyon"]


def test_moments_in_a_partition_column_are_not_moved(spark, tmp_path):
    rows = spark.sql("select timestamp'2026-10-25T00:30:00Z' t, 1 n")
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    try:
        with pytest.raises(WriteError, match="Europe/Berlin"):
            edit.write(spark, rows, str(tmp_path / "t"), partition_by=["t"])
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert not (tmp_path / "t").exists()
    edit.write(spark, rows, str(tmp_path / "t"), partition_by=["t"])
    assert str(tables.read(str(tmp_path / "t")).to_arrow()["t"][0]) == "2026-10-25 00:30:00+00:00"


def test_keys_and_times_that_the_table_cannot_have_are_refused_by_name(spark, tmp_path):
    path = str(tmp_path / "t")
    edit.write(spark, spark.sql("select 1 v"), path)
    with pytest.raises(WriteError, match="no column 'k'"):
        edit.merge(spark, spark.sql("select 1 k, 1 v"), path, ["k"], schema="evolve")
    asked = {"mode": "replace", "interval": "2026-01-31", "interval_column": "v"}
    with pytest.raises(WriteError, match="v of t is int"):
        edit.write(spark, spark.sql("select 1 v"), path, **asked)
