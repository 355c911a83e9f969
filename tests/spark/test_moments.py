"""z, outliers and deviations are those of exact arithmetic, however the rows are cut."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.transforms import exact_median
from sparkjobs.transforms.standardise import standardise
from tests.spark.conftest import rows_of

SERIES = [
    [230.1] * 20,
    [1.7e9 + i % 3 for i in range(20)],
    [1.7e9 + (i % 7) * 1e-3 for i in range(21)],
    [-1e15 - i for i in range(12)] + [-1e15 + 4000],
    [1e-300 * i for i in range(9)],
    [1.7e308, -1.7e308, 0.0, 1e308],
    [5e-324, 1e-323, 0.0],
    [0.1, 0.2, 0.3, 1e9],
    [7.0],
]


def root(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()


def exact(values: list[float], ddof: int) -> tuple[Decimal | None, dict[float, Decimal]]:
    """The deviation, and the z-score of each value."""
    numbers = [Fraction(value) for value in values]
    mean = sum(numbers) / len(numbers)
    squares = sum((number - mean) ** 2 for number in numbers)
    if len(numbers) <= ddof:
        return None, {}
    with localcontext() as context:
        context.prec = 60
        spread = root(squares / (len(numbers) - ddof))
        if not spread:
            return spread, {}
        scores = {v: Fraction(v) - mean for v in values}
        return spread, {v: Decimal(s.numerator) / Decimal(s.denominator) / spread for v, s in scores.items()}


def exact_mad(values: list[float]) -> dict[float, float]:
    def median(numbers: list[Fraction]) -> Fraction:
        ordered = sorted(numbers)
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2

    numbers = [Fraction(value) for value in values]
    middle = median(numbers)
    spread = median([abs(number - middle) for number in numbers])
    return {v: float(Fraction(0.6745) * (Fraction(v) - middle) / spread) for v in values} if spread else {}


def close(found: float | None, wanted: Decimal | float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted is None
    return math.isclose(found, float(wanted), rel_tol=1e-9, abs_tol=1e-12)


def rows(spark: Any, cuts: list[int]) -> Any:
    data = [(i, value) for i, values in enumerate(SERIES) for value in values]
    parts = len(cuts) + 1
    placed = spark.createDataFrame(
        [(k, v, cuts[j % len(cuts)] % parts) for j, (k, v) in enumerate(data)], "k int, v double, part int"
    )
    return placed.repartition(parts, "part").drop("part")


@settings(max_examples=4)
@given(cuts=st.lists(st.integers(0, 50), min_size=1, max_size=6), ddof=st.integers(0, 1))
def test_scores_by_key(spark: Any, cuts: list[int], ddof: int) -> None:
    scored = standardise(rows(spark, cuts), ["k"], "v", ddof=ddof, method="z", limit=3.0).collect()
    wanted = {i: exact(values, ddof)[1] for i, values in enumerate(SERIES)}
    wrong = [row for row in scored if not close(row.z, wanted[row.k].get(row.v))]
    assert not wrong
    assert len(scored) == sum(map(len, SERIES))
    assert not any(row.outlier for row in scored if row.k in (0, 1))


@pytest.mark.parametrize("series", SERIES[:4])
def test_scores_of_all_rows(spark: Any, series: list[float]) -> None:
    table = spark.createDataFrame([(v,) for v in series], "v double").repartition(5)
    wanted = exact(series, 0)[1]
    scored = standardise(table, [], "v", ddof=0, method="z", limit=3.0).collect()
    assert all(close(row.z, wanted.get(row.v)) for row in scored)


@pytest.mark.parametrize("limit", [0.5, 3.5])
def test_mad(spark: Any, limit: float) -> None:
    wanted = {i: exact_mad(values) for i, values in enumerate(SERIES)}
    for row in standardise(rows(spark, [1, 2]), ["k"], "v", ddof=0, method="mad", limit=limit).collect():
        score = wanted[row.k].get(row.v)
        assert row.outlier == (score is not None and abs(score) > limit)


@pytest.mark.parametrize("way", ["_kernel", "_native"])
@pytest.mark.parametrize("cuts", [[0], [3, 1, 4, 1, 5]])
def test_deviations_of_both_ways(spark: Any, way: str, cuts: list[int]) -> None:
    found = getattr(exact_median, way)(rows(spark, cuts), ["k"], "v", [0.5]).collect()
    for row in found:
        values = SERIES[row.k]
        spread, _ = exact(values, 1)
        assert (row.stddev is None) if spread is None else math.isclose(row.stddev, spread, rel_tol=1e-9)
        if min(values) == max(values):
            assert row.mean == values[0]
    assert len(found) == len(SERIES)


def test_a_constant_series_of_many_files_has_no_outlier(run_job: Any, tmp_path: Any) -> None:
    (tmp_path / "in").mkdir()
    for i in range(33):
        lines = "".join(f"2026-01-31 00:{i:02}:0{j},230.1\n" for j in range(5))
        (tmp_path / "in" / f"{i}.csv").write_text("timestamp,value\n" + lines)
    flags = ["--input", tmp_path / "in", "--output", tmp_path / "out", "--derive", "none"]
    ran = run_job("analytics", *flags)
    assert ran.code == 0, ran.result.error
    found = rows_of(tmp_path / "out/rows")
    assert (len(found), {row["z"] for row in found}, any(row["outlier"] for row in found)) == (
        165,
        {None},
        False,
    )
    for table in ("describe", "groups"):
        (row,) = rows_of(tmp_path / "out" / table)
        assert (row["mean"], row["stddev"], row["min"]) == (230.1, 0.0, 230.1)
