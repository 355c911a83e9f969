"""The hash table counts exactly, also when it is full, spills, or every key collides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.kernels import packed
from sparkjobs.kernels.packed import PackedTable, tokens_of


def pack(tokens: list[bytes], width: int) -> tuple[np.ndarray, ...]:
    rows = np.array(tokens, f"S{8 * width}").view(packed.KEY).reshape(len(tokens), width)
    return tuple(np.ascontiguousarray(column) for column in rows.T)


def drained(table: PackedTable) -> Counter[bytes]:
    counts = Counter(table.overflow)
    for part in table.drain():
        for token, count in zip(tokens_of(part.keys), part.counts.tolist(), strict=True):
            counts[token] += count
    return counts


@settings(max_examples=150, deadline=None)
@given(
    width=st.sampled_from([1, 2, 4]),
    last_bits=st.integers(1, 8),
    chunks=st.lists(st.lists(st.integers(0, 400), min_size=1), max_size=5),
)
def test_counts_are_exact(width: int, last_bits: int, chunks: list[list[int]]) -> None:
    table = PackedTable(width, last_bits)
    tokens = [[b"%d" % n * (width * 2) for n in chunk] for chunk in chunks]
    for chunk in tokens:
        table.add(pack(chunk, width))
    assert drained(table) == Counter(token for chunk in tokens for token in chunk)


def test_the_empty_token_is_not_drained() -> None:
    table = PackedTable(1)
    table.add(pack([b"", b"a", b""], 1))
    assert drained(table) == Counter([b"a"])


def test_keys_that_all_collide_are_counted_by_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_MULTIPLIERS", (np.uint64(0),) * 4)
    table = PackedTable(1)
    tokens = [b"%d" % n for n in range(300)]
    table.add(pack(tokens, 1))
    table.add(pack(tokens, 1))
    assert table.overflow
    assert drained(table) == Counter(tokens * 2)


def test_a_full_table_spills_and_keeps_its_size() -> None:
    table = PackedTable(1, last_bits=10)
    table.add(pack([b"%d" % n for n in range(5000)], 1))
    assert len(table.spilled) > 1
    assert table.used == 5000
    assert drained(table).total() == 5000
