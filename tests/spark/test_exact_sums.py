"""Sums are those of whole numbers of any length, of every type and at its ends."""

from __future__ import annotations

from collections import Counter
from decimal import Context, Decimal
from random import Random

import pytest

from sparkjobs.transforms.exact_sums import MOST_ROWS, exact_sum

WIDE = Context(prec=80)


def ends(kind):
    """The least and the greatest number of a type, unscaled, and its decimals."""
    if kind == "bigint":
        return -(2**63), 2**63 - 1, 0
    digits, scale = map(int, kind.removeprefix("decimal(").removesuffix(")").split(","))
    return 1 - 10**digits, 10**digits - 1, scale


def rows_of_type(kind):
    """Keys with the ends of the type, numbers around the halves' limit, and random ones."""
    least, greatest, scale = ends(kind)
    draw = Random(kind)
    numbers = [("all the greatest", greatest)] * 50 + [("all the least", least)] * 50
    numbers += [("both", value) for value in (least, greatest) for _ in range(25)]
    near = [2**32 + step for step in range(-2, 3)]
    numbers += [("near", value) for value in (0, *near, *(-n for n in near)) if least <= value <= greatest]
    numbers += [(draw.choice("abc"), draw.randint(least, greatest)) for _ in range(200)]
    numbers += [(draw.choice("abc"), draw.randint(-9, 9)) for _ in range(200) if greatest >= 9]
    return [(key, n if kind == "bigint" else Decimal(n).scaleb(-scale, WIDE)) for key, n in numbers]


def summed(spark, rows, kind, sum_kind, most_rows):
    table = spark.createDataFrame(rows, f"key string, value {kind}").repartition(3)
    added = exact_sum(table, "value", sum_kind, most_rows)
    parts = table.groupBy("key").agg(*added.parts)
    return parts, parts.select("key", added.total.alias("sum"))


@pytest.mark.parametrize("most_rows", [1000, MOST_ROWS, MOST_ROWS + 1, None])
@pytest.mark.parametrize(
    ("kind", "sum_kind"),
    [
        ("bigint", "decimal(38,0)"),
        ("bigint", "decimal(38,9)"),
        ("decimal(1,0)", "decimal(38,18)"),
        ("decimal(12,2)", "decimal(38,9)"),
        ("decimal(18,0)", "decimal(38,0)"),
        ("decimal(18,18)", "decimal(38,18)"),
        ("decimal(19,2)", "decimal(38,9)"),
        ("decimal(28,9)", "decimal(38,9)"),
    ],
)
def test_sums_of_every_type(spark, kind, sum_kind, most_rows):
    rows = rows_of_type(kind)
    wanted = Counter()
    for key, value in rows:
        wanted[key] = WIDE.add(Decimal(value), Decimal(wanted[key]))
    parts, sums = summed(spark, rows, kind, sum_kind, most_rows)
    assert dict(sums.dtypes)["sum"] == sum_kind
    assert {row["key"]: row["sum"] for row in sums.collect()} == wanted
    few_digits = kind not in ("decimal(19,2)", "decimal(28,9)")
    in_halves = few_digits and most_rows is not None and most_rows <= MOST_ROWS
    assert ([name for name, of in parts.dtypes if of == "bigint"] != []) == in_halves


def test_a_sum_beyond_the_type_ends_the_job(spark):
    rows = [("a", Decimal(10**18 - 1))] * 200
    _, sums = summed(spark, rows, "decimal(18,0)", "decimal(38,18)", 1000)
    with pytest.raises(Exception, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        sums.collect()
