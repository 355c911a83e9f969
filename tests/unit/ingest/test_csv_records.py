"""CSV: the quick way and the way of the csv module agree at any cutting, and a lost quote costs one row."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest import csv_records, csv_slow
from sparkjobs.ingest.blocks import split_lines
from sparkjobs.ingest.csv_records import Shape, first_record, read_records
from sparkjobs.ingest.lines import iterate
from sparkjobs.ingest.model import Block

OFFSET, LINE = 100, 10
plain = st.sampled_from(["", "a", "b c", "é", "1.5", "\0", "x\u2028y", "\x85", "\x1c"]).map(str.encode)
inside = st.sampled_from(["a", "", "a,b", "a\nb", 'a""b', '""', "\r\n", "x\ry"])
quoted = inside.map(lambda text: f'"{text}"'.encode())
malformed = st.sampled_from([b'"', b'a"b', b'"a"b', b' "a"', b'"a" ', b'"""', b"\xff", b'"\xff"'])
fields = st.one_of(plain, quoted, malformed)
records = st.tuples(st.lists(fields, min_size=1, max_size=3), st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"]))
files = st.lists(records, max_size=12).map(lambda rows: b"".join(b",".join(row) + end for row, end in rows))
noise = st.lists(
    st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b"\0", b"\xff", b'""', b'"\n']), max_size=40
)
contents = st.one_of(files, files.map(lambda data: data[:-1]), noise.map(b"".join))


def one_by_one(data: bytes, shape: Shape):
    """The rows and bad rows that the csv module finds."""
    feed = csv_slow.Feed(iterate(Block(data, OFFSET, LINE)))
    rows, bad = [], []
    while (record := feed.next_record(shape.delimiter)) is not None:
        if isinstance(record, csv_slow.Refused):
            bad.append((record.offset, record.number, record.reason, record.raw))
        elif record.fields and len(record.fields) != shape.width:
            reason = f"{len(record.fields)} fields, the header has {shape.width}"
            bad.append((record.offset, record.number, reason, record.raw))
        elif record.fields:
            wanted = tuple(record.fields[i] for i in shape.positions)
            rows.append((record.offset, record.number, record.raw, wanted))
    return sorted(rows), sorted(bad)


def blocks(data: bytes, lines: int):
    """The data in blocks of so many lines."""
    every = split_lines(data)
    offset = OFFSET
    for start in range(0, len(every), lines):
        part = b"".join(every[start : start + lines])
        yield Block(part, offset, LINE + start)
        offset += len(part)


def collected(batches):
    rows, bad = [], []
    for found in batches:
        columns = [column.to_pylist() for column in found.columns]
        texts, offsets, numbers = (array.to_pylist() for array in found.places())
        for index, values in enumerate(zip(*columns, strict=True)):
            row = found.refuse(index, "why")
            assert (row.raw, row.offset, row.line) == (texts[index], offsets[index], numbers[index])
            rows.append((row.offset, row.line, row.raw, values))
        bad += [(row.offset, row.line, row.reason, row.raw) for row in found.bad]
    return sorted(rows), sorted(bad)


@given(contents, st.integers(1, 5), st.integers(1, 3), st.sampled_from([12, 1 << 20]))
def test_both_ways_agree_at_any_cutting(data, lines, width, longest):
    shape = Shape("f", width, tuple(range(width))[::-1], ",")
    with pytest.MonkeyPatch.context() as patch:
        for module in (csv_records, csv_slow):
            patch.setattr(module, "LONGEST_RECORD_BYTES", longest)
        patch.setattr(csv_records, "FEWEST_SLOW", 2)
        assert collected(read_records(blocks(data, lines), shape)) == one_by_one(data, shape)


def read(data: bytes, width: int = 2):
    """Fields of the rows, and the bad rows, of one block."""
    rows, bad = collected(
        read_records([Block(data, OFFSET, LINE)], Shape("f", width, tuple(range(width)), ","))
    )
    return [values for *_, values in rows], bad


@given(st.lists(st.lists(st.text(alphabet='ab,"\n\r é', max_size=5), min_size=2, max_size=2), max_size=20))
def test_what_the_csv_module_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert read(out.getvalue().encode()) == ([tuple(row) for row in rows], [])


def test_places_and_reasons():
    data = b'a,1\n"b\nb",2\nc,"3\nd,4\n\xff,5\ne\nf,6,7\n\n"g"x,8\nh,9\n'
    rows, bad = collected(read_records([Block(data, OFFSET, LINE)], Shape("f", 2, (0, 1), ",")))
    assert [(values, offset - OFFSET, line) for offset, line, _, values in rows] == [
        (("a", "1"), 0, 10),
        (("b\nb", "2"), 4, 11),
        (("d", "4"), 17, 14),
        (("h", "9"), data.index(b"h,9"), 20),
    ]
    assert [(line, reason, raw) for _, line, reason, raw in bad] == [
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


def test_a_lost_quote_costs_one_row():
    rows, bad = read(b'"a,1\n' + b"b,1\n" * 60_000)
    assert len(rows) == 60_000
    assert [reason for _, _, reason, _ in bad] == ["a quote is not closed"]


def test_a_long_field_is_read_alike_with_and_without_quotes():
    long = b"x" * (3 << 20)
    for data in (long + b",1\n", b'"' + long + b'",1\n', b'"q",2\n' + long + b",1\n"):
        rows, bad = read(data)
        assert bad == []
        assert rows[-1] in ((long.decode(), "1"), ("q", "2"))
        assert (long.decode(), "1") in rows
