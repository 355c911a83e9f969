"""Sums by key are those of whole numbers of any length."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Context, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.kernels.sums import sums_by_key

KIND = pa.decimal128(38, 9)
EDGES = [0, 1, -1, 2**31, 2**32 - 1, 2**32, -(2**32), 2**63 - 1, -(2**63), 2**62, -(2**62)]
UNSCALED = st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1), st.integers(-1000, 1000))
KEYS = st.sampled_from(["a", "b", "", "é"])


def decimal(unscaled: int) -> Decimal:
    return Decimal(unscaled).scaleb(-9, Context(prec=60))


def arrays(rows: list[tuple[str, int]]) -> tuple[pa.Array, pa.Array]:
    return pa.array([key for key, _ in rows], pa.string()), pa.array([decimal(v) for _, v in rows], KIND)


@given(st.lists(st.tuples(KEYS, UNSCALED), min_size=1, max_size=60), st.integers(0, 3))
def test_sums_and_counts(rows, cut):
    sums, counts = defaultdict(int), Counter(key for key, _ in rows[cut:])
    for key, value in rows[cut:]:
        sums[key] += value
    keys, values = arrays(rows)
    found = sums_by_key(keys.slice(cut), values.slice(cut))
    if not rows[cut:]:
        assert found is None
        return
    assert found.sums.type == KIND
    assert dict(zip(found.keys.to_pylist(), found.counts.to_pylist(), strict=True)) == counts
    wanted = {key: decimal(value) for key, value in sums.items()}
    assert dict(zip(found.keys.to_pylist(), found.sums.to_pylist(), strict=True)) == wanted


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 10**38 - 1, -(10**38) + 1])
def test_a_value_beyond_64_bits_is_left_to_spark(beyond):
    assert sums_by_key(*arrays([("a", 1), ("a", beyond)])) is None


def test_many_of_the_largest():
    values = pa.array([decimal(2**63 - 1)] * 70_000, KIND)
    found = sums_by_key(pa.array(["a"] * 70_000), values)
    assert found.sums.to_pylist() == [decimal(70_000 * (2**63 - 1))]
