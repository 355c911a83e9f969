"""CSV: the quick way and the way of the csv module agree, and a lost quote costs one row."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest.csv_records import _Feed, _quoted, first_record, read_records
from sparkjobs.ingest.lines import iterate
from sparkjobs.ingest.model import Block

cells = st.sampled_from(
    ["", "a", "b c", "é", "1.5", ",", "\0", "\r", "\n", "\r\n", "x\u2028y", "\x85", "\x1c"]
)


def collected(batches):
    rows, bad = [], []
    for records in batches:
        columns = [column.to_pylist() for column in records.columns]
        numbers = [None] * len(records.raw) if records.numbers is None else list(records.numbers)
        rows += list(
            zip(
                list(zip(*columns, strict=True)),
                records.raw.to_pylist(),
                records.offsets,
                numbers,
                strict=True,
            )
        )
        bad += records.bad
    return rows, sorted(bad, key=lambda row: row.offset)


@given(st.lists(cells, max_size=30), st.integers(1, 3))
def test_both_ways_agree_on_lines_without_quotes(parts, width):
    data = "".join(parts).encode()
    block = Block(data, 0, 1)
    quick = collected(read_records([block], "f", width, ","))
    slow = collected(_quoted(_Feed(iterate(block)), "f", width, ","))
    assert quick == slow


@given(st.lists(st.lists(st.text(alphabet='ab,"\n\r é', max_size=5), min_size=2, max_size=2), max_size=20))
def test_what_the_csv_module_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    data = out.getvalue().encode()
    got, bad = collected(read_records([Block(data, 0, 1)], "f", 2, ","))
    assert [list(fields) for fields, *_ in got] == rows
    assert bad == []


def test_places_and_reasons():
    data = b'a,1\n"b\nb",2\nc,"3\nd,4\n\xff,5\ne\nf,6,7\n\n"g"x,8\nh,9\n'
    rows, bad = collected(read_records([Block(data, 100, 10)], "f", 2, ","))
    assert [(fields, offset - 100, line) for fields, _, offset, line in rows] == [
        (("a", "1"), 0, 10),
        (("b\nb", "2"), 4, 11),
        (("d", "4"), 17, 14),
        (("h", "9"), data.index(b"h,9"), 20),
    ]
    assert [(row.line, row.reason, row.raw) for row in bad] == [
        (13, "a quote is not closed", 'c,"3'),
        (15, "not UTF-8", "\\xff,5"),
        (16, "1 fields, the header has 2", "e"),
        (17, "3 fields, the header has 2", "f,6,7"),
        (19, "not CSV: ',' expected after '\"'", '"g"x,8'),
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"id,value\n1,2\n", (["id", "value"], 9, 1)),
        (b"\xef\xbb\xbfid,value\r\n1,2\n", (["id", "value"], 13, 1)),
        (b'\n"a\nb",c\rx', (["a\nb", "c"], 9, 3)),
        (b"id", (["id"], 2, 1)),
        (b"", None),
        (b"\n\n", None),
    ],
)
def test_headers(data, expected):
    assert first_record(data, ",") == expected


def test_a_header_that_is_not_utf8_is_refused():
    with pytest.raises(ValueError, match="not UTF-8"):
        first_record(b"\xffid,value\n", ",")


def test_a_lost_quote_costs_one_row_and_little_time():
    data = b'"a,1\n' + b"b,1\n" * 60_000
    rows, bad = collected(read_records([Block(data, 0, 1)], "f", 2, ","))
    assert len(rows) == 60_000
    assert [row.reason for row in bad] == ["a quote is not closed"]


def test_a_long_field_is_read_alike_with_and_without_quotes():
    long = b"x" * (3 << 20)
    for data in (long + b",1\n", b'"' + long + b'",1\n', b'"q",2\n' + long + b",1\n"):
        rows, bad = collected(read_records([Block(data, 0, 1)], "f", 2, ","))
        assert bad == []
        assert rows[-1][0] == (long.decode(), "1")
