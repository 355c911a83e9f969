"""Measures of skew against their definitions; advice follows from the numbers."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.transforms.partitioning import search_expression
from sparkjobs.transforms.skew import MIB, HotKey, PartitionSize, advice, gini, max_over_mean

counts = st.lists(st.integers(0, 10**12), min_size=1, max_size=40)


@given(counts)
def test_gini_is_half_the_relative_mean_difference(values):
    if not sum(values):
        assert gini(values) is None
        return
    array = np.array(values, dtype=float)
    difference = np.abs(array[:, None] - array[None, :]).mean()
    assert gini(values) == pytest.approx(difference / (2 * array.mean()), abs=1e-9)


def test_the_ends_of_the_scale():
    assert (gini([5, 5, 5]), max_over_mean([5, 5, 5])) == (0, 1)
    assert (gini([0, 0, 0, 8]), max_over_mean([0, 0, 0, 8])) == (0.75, 4)
    assert max_over_mean([0, 0]) is None


@given(st.lists(st.integers(-5, 5)), st.integers(-6, 6))
def test_the_search_counts_the_bounds_below_the_key(bounds, key):
    bounds.sort()
    text = search_expression("key", "bounds", 0, len(bounds)).replace("if(", "choose(")
    names = {"key": key, "bounds": bounds, "choose": lambda test, yes, no: yes if test else no}
    assert eval(text, names) == bisect_left(bounds, key)


def sizes(rows, size=64 * MIB, files=1):
    data = size if isinstance(size, list) else [size if count else 0 for count in rows]
    return [PartitionSize(i, count, data[i], files if count else 0) for i, count in enumerate(rows)]


def told(*arguments, hot=None, by="hash", columns=("k",)):
    return advice(sizes(*arguments), by, columns, hot)


def test_good_partitions_need_no_advice():
    assert told([100, 110, 90, 100]) == []
    assert told([100], 5) == []
    assert told([0, 0]) == []


def test_a_hot_key_is_named():
    (text,) = told([10, 1000, 10, 10], hot=HotKey("UK", 900))
    assert "partition 1 has 3.9 times" in text
    assert "k = UK alone has 87 %" in text


def test_uneven_without_a_hot_key():
    (text,) = told([10, 1000, 10, 10], hot=HotKey("UK", 400))
    assert "UK" not in text
    assert "--by random" in text


def test_empty_partitions():
    (text,) = told([100, 0, 100, 0])
    assert "2 of 4 partitions are empty" in text
    assert "--partitions 2" in text


def test_small_and_large_partitions():
    (small,) = told([100] * 40, 4 * MIB)
    assert "4.0 MiB" in small
    assert "--partitions 2 " in small
    (large,) = told([100] * 2, 2048 * MIB)
    assert "--partitions 32 " in large


def test_wide_rows():
    (text,) = told([100, 100, 100], [64 * MIB, 64 * MIB, 640 * MIB])
    assert "partition 2 has 2.5 times the mean size" in text


def test_many_files():
    (text,) = told([100, 100], 32 * MIB, 8)
    assert "16 files of 4.0 MiB in 2 partitions" in text
