"""The quick exact statistics equal Spark's own, whatever the values, keys and partitions."""

from __future__ import annotations

import logging
import math
import random
from pathlib import Path
from typing import Any

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.transforms import exact_median
from sparkjobs.transforms.exact_median import grouped_statistics, quantile_name

QUANTILES = (0.0, 0.25, 0.9, 0.999, 1.0)
SPECIAL = [None, math.nan, math.inf, -math.inf, 0.0, -0.0]


def table(spark: Any, seed: int, rows: int = 400) -> Any:
    """Rows with null keys, a hot key, groups of one value and of none, and special numbers in one."""
    draw = random.Random(seed)
    data = []
    for _ in range(rows):
        key = draw.choice(["hot"] * 6 + ["a", "b", "", None, f"one {draw.random()}"])
        value = draw.choice(SPECIAL) if key == "a" else draw.gauss(1e3, 50)
        data.append((key, draw.choice([1, None, 3]), None if key == "b" else value))
    return spark.createDataFrame(data, "`the key` string, count_ int, `x.y` double")


def rows_of(frame: Any, keys: int = 2) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = [tuple(row) for row in frame.collect()]
    found = {row[:keys]: row[keys:] for row in rows}
    assert len(found) == len(rows)
    return found


def close(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def assert_same(quick: Any, plain: Any, keys: int = 2) -> None:
    assert quick.columns == plain.columns
    assert quick.dtypes == plain.dtypes
    found, wanted = rows_of(quick, keys), rows_of(plain, keys)
    assert found.keys() == wanted.keys()
    wrong = {k: (found[k], wanted[k]) for k in wanted if not all(map(close, found[k], wanted[k]))}
    assert not wrong


@pytest.mark.parametrize("partitions", [1, 2, 5])
def test_quick_equals_plain(spark: Any, partitions: int) -> None:
    rows = table(spark, seed=partitions).repartition(partitions)
    keys = ["the key", "count_"]
    assert_same(
        exact_median._kernel(rows, keys, "x.y", QUANTILES), exact_median._native(rows, keys, "x.y", QUANTILES)
    )


@pytest.mark.parametrize("value", ["id", "cast(id as decimal(20,3)) / 7", "cast(id as float) / 3"])
def test_other_numbers_are_taken_as_doubles(spark: Any, value: str) -> None:
    rows = spark.range(300).selectExpr("id % 7 as k", "date_from_unix_date(int(id % 3)) d", f"{value} as v")
    assert_same(
        exact_median._kernel(rows, ["k", "d"], "v", QUANTILES),
        exact_median._native(rows, ["k", "d"], "v", QUANTILES),
    )


def test_empty_tables_have_no_groups(spark: Any) -> None:
    assert grouped_statistics(spark.range(0), ["id"], "id", [0.5]).collect() == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [(["f"], "key f is float"), (["arr"], "key arr is array<int>"), ([], "there is no key")],
)
def test_the_plain_way_is_taken_with_a_reason(
    spark: Any, keys: list[str], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = spark.range(10).selectExpr("float(id % 2) f", "array(int(id % 2)) arr", "id v")
    with caplog.at_level(logging.WARNING, "sparkjobs"):
        found = grouped_statistics(rows, keys, "v").collect()
    assert reason in caplog.text
    assert sum(row["count"] for row in found) == 10


def test_streams_are_refused(spark: Any, tmp_path: Path) -> None:
    stream = spark.readStream.schema("k int, v double").csv(str(tmp_path))
    with pytest.raises(UsageError, match="a stream has them once"):
        grouped_statistics(stream, ["k"], "v")


@pytest.mark.parametrize(
    ("quantile", "name"), [(0.25, "q_25"), (0.999, "q_99_9"), (1, "q_100"), (0.005, "q_0_5")]
)
def test_quantiles_are_named_in_percent(quantile: float, name: str) -> None:
    assert quantile_name(quantile) == name


def test_wrong_quantiles_and_clashing_names_are_refused(spark: Any) -> None:
    with pytest.raises(UsageError, match=r"1\.5 is not between"):
        grouped_statistics(spark.range(1), ["id"], "id", [1.5])
    with pytest.raises(UsageError, match="two columns named q_25"):
        grouped_statistics(spark.range(1), ["id"], "id", [0.25, 0.25])
    with pytest.raises(UsageError, match="two columns named count"):
        grouped_statistics(spark.range(1).withColumnRenamed("id", "count"), ["count"], "count")


def test_batches_are_bounded_by_their_rows_alone(spark: Any) -> None:
    assert spark.conf.isModifiable(exact_median._BATCH_BYTES)  # else this Spark has no such setting
    grouped_statistics(spark.range(1), ["id"], "id")
    assert spark.conf.get(exact_median._BATCH_BYTES) == exact_median._UNMEASURED
