"""A quoted file cut into ranges of records holds the rows of the whole, at any cutting, however malformed."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest import csv_cuts, csv_records, csv_slow
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.csv_cuts import record_ranges, scan_piece
from sparkjobs.ingest.csv_records import Shape, read_records
from sparkjobs.ingest.model import Split
from sparkjobs.ingest.storage import S3Settings
from tests.unit.ingest.test_csv_records import contents, files

HEADER = b"x,y\n"
SHAPE = Shape("f", 2, (0, 1), ",")


def pieces(data: bytes, size: int, chunk: int):
    stream = io.BytesIO(data)
    edges = [*range(len(HEADER), len(data), size), len(data)]
    return [scan_piece(stream, a, b, ",", chunk) for a, b in pairwise(edges)]


def rows(path, data: bytes, ranges):
    found, bad = [], []
    for start, end in ranges:
        split = Split(str(path), start, end, len(data), None, None, aligned=True)
        for records in read_records(read_blocks(split, S3Settings(), 7), SHAPE):
            columns = [column.to_pylist() for column in records.columns]
            places = records.places()[1].to_pylist()
            found += list(zip(places, *columns, strict=True))
            bad += [(row.offset, row.reason, row.raw) for row in records.bad]
    return sorted(found), sorted(bad)


@given(contents, st.integers(1, 40), st.integers(1, 9), st.sampled_from([16, 1 << 20]))
def test_the_rows_of_ranges_are_those_of_the_whole(tmp_path_factory, body, size, chunk, longest):
    data = HEADER + body
    path = tmp_path_factory.mktemp("cut") / "in.csv"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        for module in (csv_records, csv_slow):
            patch.setattr(module, "LONGEST_RECORD_BYTES", longest)
        patch.setattr(csv_cuts, "LONGEST_STRETCH_BYTES", longest // 2)
        ranges = record_ranges(len(HEADER), len(data), pieces(data, size, chunk))
        assert ranges[0][0] == len(HEADER)
        assert ranges[-1][1] == len(data)
        assert all(one[1] == other[0] for one, other in pairwise(ranges))
        whole = rows(path, data, [(len(HEADER), len(data))])
        assert rows(path, data, ranges) == whole


@given(files.filter(lambda body: body.count(b'"') == 0), st.integers(1, 40))
def test_without_quotes_every_line_end_is_a_cut(body, size):
    data = HEADER + body
    found = record_ranges(len(HEADER), len(data), pieces(data, size, 5))
    for start, _ in found[1:]:
        assert data[start - 1 : start] in (b"\n", b"\r")


def test_a_well_formed_file_is_cut_in_as_many_ranges_as_it_has_pieces():
    data = HEADER + b'"a,""b""\nc",1\r\n' * 1000
    assert len(record_ranges(len(HEADER), len(data), pieces(data, 500, 64))) == len(pieces(data, 500, 64))


def test_a_stray_quote_leaves_the_rest_to_one_task():
    body = b'"a",1\n' * 100
    data = HEADER + body + b'a"b,2\n' + body
    found = record_ranges(len(HEADER), len(data), pieces(data, 60, 64))
    assert len(found) == 10
    assert found[-1][0] < len(HEADER) + len(body) + 1


def test_long_lines_without_quotes_are_cut_all_the_same(monkeypatch):
    monkeypatch.setattr(csv_cuts, "LONGEST_STRETCH_BYTES", 50)
    data = HEADER + (b"a" * 100 + b",1\n") * 10
    assert len(record_ranges(len(HEADER), len(data), pieces(data, 200, 64))) > 4
    quoted = HEADER + (b'"' + b"a" * 100 + b'",1\n') * 10
    assert len(record_ranges(len(HEADER), len(quoted), pieces(quoted, 200, 64))) == 1
