"""Added up or not, batches stand for the same rows, and bad rows and faults go through."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest.intake import BAD, FATAL, ROWS
from sparkjobs.ingest.model import BadRow, Split
from sparkjobs.ingest.partial_sums import SummingReader
from sparkjobs.ingest.typed_batches import failed_batch, value_batch
from sparkjobs.ingest.typing import Column

COLUMNS = [Column("key", "string"), Column("value", "decimal(38,9)")]
SPLIT = Split("f", 0, 1, 1, None, 1)
BAD_ROW = BadRow("f", 1, 0, "value: missing", "a,")
VALUES = st.one_of(
    st.integers(-100, 100).map(Decimal), st.sampled_from([Decimal("1e28"), Decimal("-0.000000001")])
)
ROWS_OF_KEYS = st.lists(st.tuples(st.sampled_from("abcdefgh"), VALUES), max_size=30)


class Reader:
    """Gives batches; each a list of rows and how many bad ones."""

    def __init__(self, batches):
        self.batches = batches

    def __call__(self, _):
        for rows, bad in self.batches:
            keys, values = pa.array([k for k, _ in rows], pa.string()), [v for _, v in rows]
            good = np.ones(len(rows), bool)
            yield value_batch(COLUMNS, [keys, pa.array(values, pa.decimal128(38, 9))], good, [BAD_ROW] * bad)

    def failed(self, reason):
        return failed_batch(COLUMNS, reason)


@given(st.lists(st.tuples(ROWS_OF_KEYS, st.integers(0, 2)), max_size=6), st.sampled_from([1, 8, 1 << 20]))
def test_what_goes_in_comes_out(batches, most_rows):
    counts, sums, bad = Counter(), Counter(), 0
    for batch in SummingReader(Reader(batches), most_rows)(SPLIT):
        assert batch.schema.names == ["key", "value", ROWS, BAD, FATAL]
        for row in batch.to_pylist():
            if row[BAD] is not None:
                assert (row["key"], row[BAD]["reason"]) == (None, "value: missing")
                bad += row[ROWS]
            else:
                counts[row["key"]] += row[ROWS]
                sums[row["key"]] += Fraction(row["value"])
    rows = [row for batch, _ in batches for row in batch]
    assert counts == Counter(key for key, _ in rows)
    assert bad == sum(count for _, count in batches)
    assert sums == Counter({key: sum(Fraction(v) for k, v in rows if k == key) for key, _ in rows})


def keyed(count, first=0):
    """So many keys, each twice."""
    return [(str(number // 2), Decimal(1)) for number in range(2 * first, 2 * (first + count))]


def sizes(*batches, **limits):
    return [batch.num_rows for batch in SummingReader(Reader([(b, 0) for b in batches]), **limits)(SPLIT)]


def test_the_keys_of_a_split_are_added_up_across_its_batches():
    assert sizes(keyed(50), keyed(50), keyed(50)) == [50]
    assert sizes(keyed(10), keyed(10), keyed(10), most_rows=40) == [10]


def test_bad_rows_do_not_wait():
    found = [batch.num_rows for batch in SummingReader(Reader([(keyed(50), 2), (keyed(50), 0)]))(SPLIT)]
    assert found == [2, 50]


def test_sums_that_leave_no_room_are_given_away():
    assert sizes(keyed(60), keyed(60, first=60), keyed(5), most_rows=100) == [60, 60, 5]
    long = [("k" * 1000 + key, value) for key, value in keyed(60)]
    assert sizes(long, [("x" + key, value) for key, value in long], most_bytes=80_000) == [120]


def test_batches_stay_small_however_many_keys_there_are():
    assert sizes(keyed(70_000), keyed(70_000)) == [65_536, 70_000 - 65_536]


def test_where_nearly_every_row_has_a_key_of_its_own_rows_arrive_alone():
    single = [(str(number), Decimal(1)) for number in range(100)]
    assert sizes(single, keyed(50), keyed(50), most_rows=100) == [100, 100, 100]


def test_a_fault_arrives():
    failed = SummingReader(Reader([])).failed("no such file")
    assert failed.to_pylist() == [{"key": None, "value": None, ROWS: 1, BAD: None, FATAL: "no such file"}]
