"""Statistics by group equal a plain computation, at any batching, also for groups beyond memory."""

from __future__ import annotations

import math
import statistics as stdlib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.kernels import grouped, grouping, selection
from sparkjobs.kernels.grouped import pack_batches, reduce_batches
from sparkjobs.kernels.selection import SpilledGroup
from sparkjobs.kernels.statistics import statistics

# Half of it rounds to it or to 0.
SMALLEST = 5e-324
QUANTILES = (0.5, 0.0, 1.0, 0.1, 0.999)

finite = st.one_of(st.floats(-1e6, 1e6), st.integers(-3, 3).map(float))
special = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0])
rows = st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from([1, 2, None]),
                          st.one_of(st.none(), finite)), max_size=60)  # fmt: skip
Row = tuple[Any, ...]


def batches(rows: list[Row], kinds: list[Any], size: int) -> list[Any]:
    schema = pa.schema([(f"c{i}", kind) for i, kind in enumerate(kinds)])
    parts = [rows[i : i + size] for i in range(0, len(rows), size)]
    return [
        pa.record_batch([pa.array(c, k) for c, k in zip(zip(*part, strict=True), kinds, strict=True)], schema)
        for part in parts
    ]


def shuffled(packed: Iterator[Any], keys: int, size: int) -> list[Any]:
    """What Spark does between the steps: bring equal keys together, in some order of them."""
    parts = list(packed)
    if not parts:
        return []
    table = pa.Table.from_batches(parts)
    order = [(name, "ascending") for name in table.column_names[:keys]]
    return table.sort_by(order).combine_chunks().to_batches(max_chunksize=size)


def computed(rows: list[Row], kinds: list[Any], size: int, after: int) -> dict[Row, Row]:
    keys = len(kinds) - 1
    packed = shuffled(pack_batches(iter(batches(rows, kinds, size)), keys), keys, after)
    found: dict[Row, Row] = {}
    for batch in reduce_batches(iter(packed), keys, QUANTILES):
        for row in zip(*batch.to_pydict().values(), strict=True):
            assert row[:keys] not in found
            found[row[:keys]] = row[keys:]
    return found


def expected(rows: list[Row]) -> dict[Row, Row]:
    groups: dict[Row, list[float]] = defaultdict(list)
    for row in rows:
        groups[row[:-1]] += [] if row[-1] is None else [row[-1]]
    return {key: expected_of(values) for key, values in groups.items()}


def expected_of(values: list[float]) -> Row:
    if not values:
        return (0, *[None] * (5 + len(QUANTILES)))
    spread = stdlib.stdev(values) if len(values) > 1 else None
    total = math.fsum(values)
    quantiles = np.quantile(values, QUANTILES).tolist()
    return (len(values), total, total / len(values), min(values), max(values), spread, *quantiles)


def same(found: Row, wanted: Row) -> bool:
    return found[0] == wanted[0] and all(map(close, found[1:], wanted[1:]))


def close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


@pytest.mark.parametrize("limits", [(1 << 20, 1 << 20, 1024), (7, 5, 3)], ids=["large", "tiny"])
def test_statistics_are_exact(limits: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped, "PACK_ROWS", limits[0])
    monkeypatch.setattr(grouped, "HOT_VALUES", limits[1])
    monkeypatch.setattr(grouping, "ROW_VALUES", limits[2])
    monkeypatch.setattr(selection, "CHUNK_VALUES", 4)

    @settings(max_examples=60, deadline=None)
    @given(rows, st.integers(1, 9), st.integers(1, 9))
    def check(rows: list[Row], size: int, after: int) -> None:
        kinds = [pa.string(), pa.int32(), pa.float64()]
        found, wanted = computed(rows, kinds, size, after), expected(rows)
        assert found.keys() == wanted.keys()
        assert all(same(found[key], wanted[key]) for key in wanted)

    check()


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (pa.bool_(), [True, False, None]),
        (pa.decimal128(10, 2), [Decimal("1.10"), Decimal("1.20"), None]),
        (pa.date32(), [date(2026, 1, 1), None]),
        (pa.timestamp("us", tz="UTC"), [None, 5, 6]),
        (pa.binary(), [b"", b"\xff", None]),
    ],
)
def test_keys_of_every_type(kind: Any, keys: list[Any]) -> None:
    typed = pa.array(keys, kind).to_pylist()
    rows: list[Row] = [(key, float(i)) for i in range(4) for key in typed]
    found = computed(rows, [kind, pa.float64()], 5, 2)
    assert set(found) == {(key,) for key in typed}
    assert all(row[:2] == (4, 6.0) for row in found.values())


def test_many_groups_and_sparse_combinations_of_keys() -> None:
    rows: list[Row] = [(i % 300, i % 299, i % 7, float(i)) for i in range(100_000)]
    found = computed(rows, [pa.int32(), pa.int16(), pa.int64(), pa.float64()], 30_000, 10_000)
    assert len(found) == len({row[:-1] for row in rows})
    assert sum(row[0] for row in found.values()) == len(rows)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(finite, special, st.floats()), min_size=1, max_size=40))
def test_a_spilled_group_is_as_one_in_memory(values: list[float]) -> None:
    group = SpilledGroup()
    group.append(np.array(values))
    spilled = group.statistics(QUANTILES)
    group.close()
    inside = statistics(np.array(values), np.array([0, len(values)]), QUANTILES)
    for name in ("count", "min", "max"):
        np.testing.assert_array_equal(getattr(spilled, name), getattr(inside, name))
    np.testing.assert_array_equal(spilled.quantiles, inside.quantiles)
    moderate = all(abs(value) < 1e100 for value in values)
    if moderate:
        size = sum(map(abs, values))
        np.testing.assert_allclose(spilled.sum, inside.sum, rtol=1e-9, atol=1e-12 * size)
        np.testing.assert_allclose(spilled.stddev, inside.stddev, rtol=1e-9, atol=1e-7 * size)


def test_nan_is_greatest_and_infinities_are_numbers() -> None:
    found = statistics(np.array([math.nan, 1.0, -math.inf]), np.array([0, 3]), [0.5])
    assert (found.min[0], found.quantiles[0][0]) == (-math.inf, 1.0)
    assert math.isnan(found.max[0])
    assert math.isnan(found.sum[0])


close_together = st.builds(
    lambda base, steps, step: [base + i * step for i in steps],
    st.one_of(st.floats(-1e300, 1e300), st.sampled_from([1.7e9, 230.1, -1e15, 1.7e308, -1.7e308, 0.0])),
    st.lists(st.integers(-5, 5), min_size=1, max_size=30),
    st.sampled_from([0.0, 1.0, 1e-3, 1e-300, 1e290, 3e307]),
)
any_finite = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30)


def exact_moments(values: list[float]) -> tuple[float, float]:
    """Mean and variance (of the sample) by fractions, as doubles at the very end."""
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact) / max(len(exact) - 1, 1)
    with localcontext() as context:
        context.prec = 60
        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return float(mean), float(deviation)


@settings(max_examples=400, deadline=None)
@given(st.one_of(close_together, any_finite), st.integers(1, 7), st.booleans())
def test_moments_are_those_of_exact_arithmetic(values: list[float], cut: int, spill: bool) -> None:
    """Digits must not be lost where numbers lie far from 0 and close together, nor at any size."""
    finite_only = [value for value in values if math.isfinite(value)] or [1.0]
    if spill:
        group = SpilledGroup()
        for i in range(0, len(finite_only), cut):
            group.append(np.array(finite_only[i : i + cut]))
        found = group.statistics(QUANTILES)
        group.close()
    else:
        found = statistics(np.array(finite_only), np.array([0, len(finite_only)]), QUANTILES)
    mean, deviation = exact_moments(finite_only)
    size = max(map(abs, finite_only))
    assert math.isclose(found.mean[0], mean, rel_tol=1e-12, abs_tol=1e-12 * size + SMALLEST)
    if min(finite_only) == max(finite_only):
        assert (found.stddev[0], found.mean[0]) == (0.0, finite_only[0])
    elif math.isfinite(deviation) and deviation > 1e-307:
        assert math.isclose(found.stddev[0], deviation, rel_tol=1e-9)


def test_packing_and_reducing_import_no_pandas() -> None:
    """pandas takes a good part of a second in each new worker; ``pyarrow.acero`` would import it."""
    code = """if True:
        import sys
        import numpy as np
        import pyarrow as pa
        from sparkjobs.kernels.grouped import pack_batches, reduce_batches
        numbers = pa.Array.from_buffers(pa.float64(), 3, [None, pa.py_buffer(np.arange(3.0))])
        batch = pa.record_batch([numbers.cast(pa.int64()), numbers], names=["k", "value"])
        assert sum(found.num_rows for found in reduce_batches(pack_batches([batch], 1), 1, (0.5,))) == 3
        assert "pandas" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)
