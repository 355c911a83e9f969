"""Sums by key are those of whole numbers of any length."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Context, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.kernels.sums import MOST_VALUES, merged, sums_of

KIND = pa.decimal128(38, 9)
EDGES = [0, 1, -1, 2**31, 2**32 - 1, 2**32, -(2**32), 2**63 - 1, -(2**63), 2**62, -(2**62)]
UNSCALED = st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1), st.integers(-1000, 1000))
KEYS = st.sampled_from(["a", "b", "", "é"])


def decimal(unscaled: int) -> Decimal:
    return Decimal(unscaled).scaleb(-9, Context(prec=60))


def arrays(rows: list[tuple[str, int]]) -> tuple[pa.Array, pa.Array]:
    return pa.array([key for key, _ in rows], pa.string()), pa.array([decimal(v) for _, v in rows], KIND)


def found_in(sums) -> tuple[dict[str, int], dict[str, Decimal]]:
    keys = sums.keys().to_pylist()
    assert len(set(keys)) == len(keys)
    values = sums.values(KIND)
    assert values.type == KIND
    counts = dict(zip(keys, sums.counts().to_pylist(), strict=True))
    return counts, dict(zip(keys, values.to_pylist(), strict=True))


@given(st.lists(st.tuples(KEYS, UNSCALED), max_size=60), st.integers(0, 3), st.integers(0, 60))
def test_sums_and_counts_whatever_is_merged_first(rows, cut, between):
    sums, counts = defaultdict(int), Counter(key for key, _ in rows[cut:])
    for key, value in rows[cut:]:
        sums[key] += value
    keys, values = arrays(rows)
    keys, values = keys.slice(cut), values.slice(cut)
    parts = [sums_of(keys.slice(0, between), values.slice(0, between))]
    parts.append(sums_of(keys.slice(between), values.slice(between)))
    wanted = {key: decimal(value) for key, value in sums.items()}
    for found in (
        merged(parts),
        merged([merged(parts[:1]), parts[1]]),
        merged(list(map(merged, zip(parts, strict=True)))),
    ):
        assert found.count == len(rows[cut:])
        assert found_in(found) == (counts, wanted)


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 10**38 - 1, -(10**38) + 1])
def test_a_value_beyond_64_bits_is_left_to_spark(beyond):
    assert sums_of(*arrays([("a", 1), ("a", beyond)])) is None


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_as_many_of_the_largest_as_may_be_added(value):
    sums = merged([sums_of(*arrays([("a", value)] * 1024))])
    while sums.count < MOST_VALUES:
        sums = merged([sums, sums])
    assert found_in(sums) == ({"a": MOST_VALUES}, {"a": decimal(MOST_VALUES * value)})
