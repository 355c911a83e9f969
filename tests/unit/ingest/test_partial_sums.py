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


@given(st.lists(st.tuples(ROWS_OF_KEYS, st.integers(0, 2)), min_size=1, max_size=4))
def test_what_goes_in_comes_out(batches):
    counts, sums, bad, most = Counter(), Counter(), 0, 0
    for batch in SummingReader(Reader(batches))(SPLIT):
        assert batch.schema.names == ["key", "value", ROWS, BAD, FATAL]
        for row in batch.to_pylist():
            if row[BAD] is not None:
                assert (row["key"], row[BAD]["reason"]) == (None, "value: missing")
                bad += row[ROWS]
            else:
                counts[row["key"]] += row[ROWS]
                sums[row["key"]] += Fraction(row["value"])
                most = max(most, row[ROWS])
    rows = [row for batch, _ in batches for row in batch]
    assert counts == Counter(key for key, _ in rows)
    assert bad == sum(count for _, count in batches)
    assert sums == Counter({key: sum(Fraction(v) for k, v in rows if k == key) for key, _ in rows})


FEW = [("a", Decimal(1))] * 2000
MANY = [(str(n), Decimal(1)) for n in range(2000)]


def sizes(*batches):
    return [batch.num_rows for batch in SummingReader(Reader(batches))(SPLIT)]


def test_few_keys_are_added_up_and_many_arrive_alone():
    assert sizes((FEW, 0), (MANY, 0), (FEW, 1)) == [1, 2000, 2001]


def test_a_few_odd_lines_in_a_batch_of_their_own_do_not_end_the_adding_up():
    assert sizes((FEW[:1], 0), (FEW, 0), ([], 1), (FEW, 1), ([], 0), (FEW, 0)) == [1, 1, 1, 2, 0, 1]


def test_a_fault_arrives():
    failed = SummingReader(Reader([])).failed("no such file")
    assert failed.to_pylist() == [{"key": None, "value": None, ROWS: 1, BAD: None, FATAL: "no such file"}]
