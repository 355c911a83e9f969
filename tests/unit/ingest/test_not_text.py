"""The reason of a line that is no text names what the file seems to be."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile

import pytest
import zstandard

from sparkjobs.ingest.blocks import check
from sparkjobs.ingest.csv_records import Shape, first_record, read_records
from sparkjobs.ingest.lines import tabulate
from sparkjobs.ingest.model import Block
from sparkjobs.ingest.not_text import fault_of

TEXT = "one two\nthree\n" * 20


def archive(kind: str) -> bytes:
    place = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=place, mode="w") as tar:
            member = tarfile.TarInfo("a.txt")
            member.size = len(TEXT)
            tar.addfile(member, io.BytesIO(TEXT.encode()))
    else:
        with zipfile.ZipFile(place, "w") as found:
            found.writestr("a.txt", TEXT)
    return place.getvalue()


FILES = {
    "UTF-16": TEXT.encode("utf-16-le"),
    "UTF-16 ": TEXT.encode("utf-16-be"),
    "UTF-16  ": TEXT.encode("utf-16"),
    "gzip": gzip.compress(TEXT.encode()),
    "bzip2": bz2.compress(TEXT.encode()),
    "zstd": zstandard.compress(TEXT.encode()),
    "a zip archive": archive("zip"),
    "a tar archive": archive("tar"),
    "Parquet": b"PAR1\x15\x04\x15\x00",
}


@pytest.mark.parametrize("kind", FILES)
def test_kinds_are_named(kind):
    block = Block(FILES[kind], 0, 1)
    for bad in (check(block, "f").bad, tabulate(block, "f")[1]):
        assert bad[0].offset == 0
        assert f"(the file seems to be {kind.strip()}" in bad[0].reason
    with pytest.raises(ValueError, match=f"seems to be {kind.strip()}"):
        first_record(FILES[kind], ",")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_no_line_of_utf16_is_text(order):
    """Lines and columns alike: single letters must never be counted."""
    block = Block(TEXT.encode(order), 0, 1)
    checked = check(block, "f")
    assert (checked.data, checked.lines) == (b"", 0)
    table, bad = tabulate(block, "f")
    assert len(table) == 0
    assert [row.offset for row in bad] == [row.offset for row in checked.bad]
    for quote in ("", '"'):
        data = (TEXT + quote).encode(order)
        found = list(read_records([Block(data, 0, 1)], Shape("f", 1, (0,), ",")))
        assert not any(len(records.columns[0]) for records in found)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"plain\n", None),
        ("é\n".encode(), None),
        (b"", None),
        (b"a\0b\n", "a NUL character"),
        (b"\0", "a NUL character"),
        (b"\xff", "not UTF-8"),
        (b"\xff\xfea", "not UTF-8"),
        (b"\0a\0b\0c", "a NUL character (the file seems to be UTF-16)"),
    ],
)
def test_lines_within_a_file(line, fault):
    assert fault_of(line, 7) == fault


def test_good_lines_around_a_bad_one_stay():
    block = Block(b"one\r\ntw\0o\nthree\rfour", 3, 5)
    checked = check(block, "f")
    assert checked.data == b"one\nthree\nfour\n"
    table, bad = tabulate(block, "f")
    assert table.values.to_pylist() == ["one", "three", "four"]
    assert [(row.line, row.offset, row.reason) for row in bad] == [(6, 8, "a NUL character")]
    assert bad == checked.bad
