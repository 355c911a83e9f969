"""Pieces of a CSV file cut anywhere hold the rows that the csv module finds in it, or one tells of a miss."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparkjobs.ingest import csv_cuts, csv_pieces, csv_records, csv_slow
from sparkjobs.ingest.csv_pieces import read_piece, record_start
from sparkjobs.ingest.csv_records import Shape
from sparkjobs.ingest.intake import refuse_fatal
from sparkjobs.ingest.lines import iterate
from sparkjobs.ingest.missed import CutMissedError, missed_place
from sparkjobs.ingest.model import Block, InputFile, Split
from sparkjobs.ingest.splits import cut
from sparkjobs.ingest.storage import S3Settings
from tests.unit.ingest.test_csv_cuts import pieces
from tests.unit.ingest.test_csv_records import contents, files

HEADER = b"x,y\n"
SHAPE = Shape("f", 2, (0, 1), ",")


def by_the_csv_module(data: bytes, start: int = len(HEADER)):
    """Rows and bad rows with their offsets; the same as ``found`` gives."""
    feed = csv_slow.Feed(iterate(Block(data[start:], start, None)))
    rows, bad = [], []
    while (record := feed.next_record(",")) is not None:
        if isinstance(record, csv_slow.Refused):
            bad.append((record.offset, record.reason, record.raw))
        elif record.fields and len(record.fields) != 2:
            reason = f"{len(record.fields)} fields, the header has 2"
            bad.append((record.offset, reason, record.raw))
        elif record.fields:
            rows.append((record.offset, *record.fields))
    return sorted(rows), sorted(bad)


def found(splits: Sequence[Split], block_bytes: int = 7):
    """What the tasks read; raises where one misses."""
    rows, bad = [], []
    for split in splits:
        for records in read_piece(split, SHAPE, S3Settings(), block_bytes):
            columns = [column.to_pylist() for column in records.columns]
            rows += list(zip(records.places()[1].to_pylist(), *columns, strict=True))
            bad += [(row.offset, row.reason, row.raw) for row in records.bad]
    return sorted(rows), sorted(bad)


def splits_of(folder, data: bytes, size: int, start: int = len(HEADER)) -> list[Split]:
    path = folder / "in.csv"
    path.write_bytes(data)
    return cut(InputFile(str(path), len(data)), size, start=start, first_line=2)


def aligned(splits: Sequence[Split], data: bytes, size: int) -> list[Split]:
    """The splits after a miss: between records, by the scan."""
    ranges = csv_cuts.record_ranges(len(HEADER), len(data), pieces(data, size, 9))
    return [replace(splits[0], start=a, end=b, first_line=None, aligned=True) for a, b in ranges]


def limits(patch: pytest.MonkeyPatch, longest: int, windows: tuple[int, ...]) -> None:
    for module in (csv_records, csv_slow, csv_pieces):
        patch.setattr(module, "LONGEST_RECORD_BYTES", longest)
    patch.setattr(csv_records, "FEWEST_SLOW", 2)
    patch.setattr(csv_cuts, "LONGEST_STRETCH_BYTES", longest // 2)
    patch.setattr(csv_pieces, "WINDOW_BYTES", windows)
    patch.setattr(csv_pieces, "_BEYOND_BYTES", 5)
    patch.setattr(csv_pieces, "_TRIED_BYTES", 12)


@given(
    contents,
    st.integers(1, 40),
    st.sampled_from([16, 1 << 20]),
    st.sampled_from([(3, 8, 20), (1,), (1 << 10,)]),
    st.integers(1, 30),
)
@example(b'"a\nb,c\nd",1\ne,2\n', 4, 1 << 20, (3, 8, 20), 7)
@example(b'"' + b"a,1\n" * 9 + b'b,"2"\n', 8, 16, (3, 8, 20), 7)
@example(b'"a",1\n' * 20 + b'"\n"""\n""\xff"aa,1\n' + b"a,1\n" * 20, 59, 1 << 20, (3, 8, 20), 7)
def test_pieces_hold_the_rows_of_the_whole_or_one_misses(
    tmp_path_factory, body, size, longest, windows, block
):
    data = HEADER + body
    splits = splits_of(tmp_path_factory.mktemp("cut"), data, size)
    with pytest.MonkeyPatch.context() as patch:
        limits(patch, longest, windows)
        whole = by_the_csv_module(data)
        try:
            assert found(splits, block) == whole
        except CutMissedError:
            assert len(splits) > 1
            assert found(aligned(splits, data, size), block) == whole


@given(files, files, st.integers(1, 40))
def test_a_stray_quote_between_rows_flips_nothing(tmp_path_factory, before, after, size):
    data = HEADER + before + b'"\n' + after
    splits = splits_of(tmp_path_factory.mktemp("cut"), data, size)
    with pytest.MonkeyPatch.context() as patch:
        limits(patch, 1 << 20, (1 << 10,))
        try:
            rows = found(splits)
        except CutMissedError:
            rows = found(aligned(splits, data, size))
        assert rows == by_the_csv_module(data)


@given(files.filter(lambda body: b'"' not in body), st.integers(1, 40), st.sampled_from([(2,), (64, 500)]))
def test_without_quotes_no_cut_is_missed(tmp_path_factory, body, size, windows):
    data = HEADER + body
    splits = splits_of(tmp_path_factory.mktemp("cut"), data, size)
    with pytest.MonkeyPatch.context() as patch:
        limits(patch, 1 << 20, (*windows, 1 << 12))
        assert found(splits) == by_the_csv_module(data)


TEXTS = ["", "a", "é", "it's", 'say ""so""', "a,b", "two\nlines", "three\r\nmore\r\nlines", "1,2\n3,4\n5,6"]


def written(text: str, always: bool) -> str:
    """A field as a careful writer has it."""
    return '"' + text.replace('"', '""') + '"' if always or set(text) & set(',"\r\n') else text


@pytest.mark.parametrize("always", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_what_writers_write_is_cut_without_a_miss(tmp_path, always, end, last):
    rng = random.Random(7)
    rows = [[rng.choice(TEXTS), str(number)] for number in range(3000)]
    text = end.join(",".join(written(field, always) for field in row) for row in rows)
    data = HEADER + text.encode() + (end.encode() if last else b"")
    splits = splits_of(tmp_path, data, 997)
    assert len(splits) > 20
    good, bad = found(splits, 1 << 10)
    assert ([list(row[1:]) for row in good], bad) == (rows, [])


def test_bom_and_blank_lines_stay_outside_of_the_pieces(tmp_path):
    header = b"\xef\xbb\xbfx,y\r\n"
    data = header + b'\r\n"a\r\n",1\r\n\n' * 50
    splits = splits_of(tmp_path, data, 40, len(header))
    good, bad = found(splits)
    assert ([row[1:] for row in good], bad) == ([("a\r\n", "1")] * 50, [])


@pytest.mark.parametrize("lost", [b'"a,1\n', b'a"b,1\n', b'"a"b,1\n', b'"a,"1\n', b'a,1"\n'])
def test_a_stray_quote_in_the_middle_leaves_all_pieces_as_they_are(tmp_path, monkeypatch, lost):
    """Also where the record that it opens would end in a later piece, or never."""
    monkeypatch.setattr(csv_pieces, "_TRIED_BYTES", 200)
    for row in (b'"a",1\n', b"a,1\n"):
        data = HEADER + row * 4000 + lost + row * 4000
        splits = splits_of(tmp_path, data, 2000)
        assert found(splits, 1 << 12) == by_the_csv_module(data)


def untidy(rng: random.Random) -> str:
    """A field: an inch, a text of several lines, a quote that was lost, a tail behind one, or a plain one."""
    lines = [
        rng.choice(["word, word", 'so ""called""', "a,b,c", "1,2", ""]) for _ in range(rng.randint(1, 40))
    ]
    text = '"' + "\n".join(lines) + '"'
    kinds = [f'{rng.randint(1, 9)}" pipe', text, '"lost', '"quoted" tail', "plain", '"q"', '""', ""]
    return rng.choices(kinds, weights=(5, 10, 1, 1, 40, 20, 10, 10))[0]


def test_an_untidy_file_is_cut_without_a_miss(tmp_path):
    rng = random.Random(3)
    data = HEADER + "".join(f"{untidy(rng)},{untidy(rng)}\n" for _ in range(40_000)).encode()
    splits = splits_of(tmp_path, data, 100_000)
    assert len(splits) > 10
    assert found(splits, 1 << 20) == by_the_csv_module(data)


def test_a_field_that_looks_like_rows_is_told_by_where_it_ends(tmp_path):
    """The first look sees only its lines; as they have another number of fields, a longer one follows."""
    data = HEADER + b'a,"' + b"free text\n" * 50_000 + b'",\n"b\n",2\n' + b"c,3\n" * 100
    start = record_start(io.BytesIO(data), 1000, len(data), SHAPE)
    assert start == data.index(b'"b\n"')


def test_a_field_full_of_rows_is_missed_and_told_by_its_byte(tmp_path):
    data = HEADER + b'a,"' + b"b,2\n" * 30_000 + b'"\n' + b"c,3\n" * 30_000
    splits = splits_of(tmp_path, data, 60_000)
    with pytest.raises(CutMissedError, match="cut inside a record: f, byte "):
        found(splits, 1 << 20)
    assert found(aligned(splits, data, 60_000), 1 << 20) == by_the_csv_module(data)


@given(files, st.integers(1, 40), st.data())
def test_whatever_is_guessed_the_rows_are_right_or_one_misses(tmp_path_factory, body, size, draw):
    """Also a place inside a line, or at a line end inside a field."""
    data = HEADER + body
    splits = splits_of(tmp_path_factory.mktemp("cut"), data, size)
    places = {split.start: draw.draw(st.integers(split.start, len(data))) for split in splits[1:]}
    with pytest.MonkeyPatch.context() as patch:
        limits(patch, 1 << 20, (8,))
        patch.setattr(csv_pieces, "record_start", lambda stream, cut, *rest: places[cut])
        try:
            rows = found(splits)
        except CutMissedError:
            rows = by_the_csv_module(data)
        assert rows == by_the_csv_module(data)


def test_a_guess_inside_a_line_is_a_miss(tmp_path, monkeypatch):
    data = HEADER + b"a,1\nbb,2\nc,3\n"
    splits = splits_of(tmp_path, data, 7)
    assert len(splits) == 2
    for place, right in ((8, True), (9, False), (13, True)):
        monkeypatch.setattr(csv_pieces, "record_start", lambda *rest, place=place: place)
        if right:
            assert found(splits) == by_the_csv_module(data)
        else:
            with pytest.raises(CutMissedError):
                found(splits)


def test_a_long_line_has_no_start_in_it_and_is_missed(tmp_path):
    data = HEADER + b"a," + b"x" * 100 + b"\nb,2\n"
    splits = splits_of(tmp_path, data, 40)
    with pytest.MonkeyPatch.context() as patch:
        limits(patch, 1 << 20, (4, 8))
        with pytest.raises(CutMissedError):
            found(splits)
        again = aligned(splits, data, 40)
        assert found(again) == by_the_csv_module(data)


def test_only_a_record_that_goes_on_is_followed_beyond_its_piece(tmp_path, monkeypatch):
    """What lies behind a piece is not read for nothing."""
    data = HEADER + b'"a",1\n' * 4000
    splits = splits_of(tmp_path, data, 6000)
    seen: list[int] = []
    real = csv_pieces.read_blocks

    def counted(split, *rest):
        for block in real(split, *rest):
            seen.append(len(block.data))
            yield block

    monkeypatch.setattr(csv_pieces, "read_blocks", counted)
    found(splits, 1 << 20)
    assert sum(seen) == len(data) - len(HEADER)


@pytest.mark.parametrize("around", ["{}", "Traceback\nDataError: {}\n  at org.apache.spark\n"])
def test_the_driver_knows_a_missed_cut_by_its_text(around):
    text = around.format(CutMissedError("s3a://b/a file.csv, byte 7").message)
    assert missed_place(text) == "s3a://b/a file.csv, byte 7"
    assert missed_place("f is cut or damaged (gzip): inside a record") is None
    with pytest.raises(CutMissedError):
        refuse_fatal(text)
