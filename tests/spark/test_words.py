"""Word counts through Spark equal the plain kernel's, from lines and from files, with every row accounted."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sparkjobs.errors import DataError
from sparkjobs.ingest.model import Split
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.text import read_lines
from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.plain import count_text
from sparkjobs.transforms.words import count_files, count_lines, joined, scan, split_bad_lines

TEXT = "The cat’s “hat”.\r\nÜber ÜBER\rSOH\x01byte a<\u0338b\n\nlast line\x85still last, ﬁn Straße"


def found(words: Any) -> dict[str, int]:
    return {row["word"]: row["count"] for row in words.collect()}


def source(*inputs: object, max_bad_rows: str = "0") -> Source:
    return Source(tuple(map(str, inputs)), "text", False, S3Settings(), max_bad_rows)


@pytest.mark.parametrize("options", [WordOptions(), WordOptions(ngrams=2), WordOptions(min_length=4)])
def test_lines_and_files_count_alike(spark: Any, tmp_path: Path, options: WordOptions) -> None:
    (tmp_path / "_a.txt").write_bytes(TEXT.encode())
    words, intake = count_files(spark, source(tmp_path), options)
    lines = spark.createDataFrame([(line,) for line in TEXT.splitlines()] + [(None,)], "value string")
    assert found(words) == dict(count_text(TEXT, options))
    if options.ngrams == 1:  # str.splitlines cuts at U+0085 too, which matters to neighbours only
        assert found(count_lines(lines, options)) == found(words)
    assert (intake.rows_read, intake.rows_quarantined) == (5, 0)


@pytest.mark.parametrize("parts", [1, 2, 7, 40])
def test_every_cutting_of_a_file_gives_the_same_rows(spark: Any, tmp_path: Path, parts: int) -> None:
    path = tmp_path / "text"
    data = TEXT.encode() * 3
    path.write_bytes(data)
    edges = [len(data) * i // parts for i in range(parts + 1)]
    splits = [Split(str(path), a, b, len(data), None, 1 if a == 0 else None) for a, b in pairwise(edges)]
    tasks = [tuple(splits[:3]), tuple(splits[3:])]
    words, intake = split_bad_lines(scan(spark, tasks, S3Settings(), WordOptions()), "0")
    assert found(words) == dict(count_text(TEXT * 3, WordOptions()))
    assert intake.rows_read == len(data.splitlines())


def test_bad_lines_are_quarantined_with_their_place(spark: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(b"one\ntw\xffo\nthree\n")
    words, intake = count_files(spark, source(path, max_bad_rows="1"), WordOptions())
    assert found(words) == {"one": 1, "three": 1}
    assert (intake.rows_read, intake.rows_accepted, intake.rows_quarantined) == (3, 2, 1)
    assert intake.bad is not None
    assert [row.asDict() for row in intake.bad.collect()] == [
        {"file": str(path), "line": 2, "offset": 4, "reason": "not UTF-8", "raw": "tw\\xffo"}
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("ngrams", [1, 2])
def test_utf16_is_never_counted_letter_by_letter(
    spark: Any, tmp_path: Path, encoding: str, ngrams: int
) -> None:
    (tmp_path / "in.txt").write_bytes("one two\nthree\n".encode(encoding))
    with pytest.raises(DataError, match="the file seems to be UTF-16"):
        count_files(spark, source(tmp_path), WordOptions(ngrams=ngrams))
    with pytest.raises(DataError, match="the file seems to be UTF-16"):
        read_lines(spark, source(tmp_path))


def test_too_many_bad_lines_fail(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\nfine\n")
    with pytest.raises(DataError, match="1 of 2 rows are bad"):
        count_files(spark, source(tmp_path), WordOptions())


def test_a_cut_archive_fails_with_its_name(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(TEXT.encode() * 100)[:-20])
    with pytest.raises(DataError, match=r"cut\.gz"):
        count_files(spark, source(tmp_path), WordOptions())


def test_empty_input_has_no_rows(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    words, intake = count_files(spark, source(tmp_path), WordOptions())
    assert found(words) == {}
    assert (intake.rows_read, intake.bad) == (0, None)


def test_lines_are_joined_without_losing_any() -> None:
    import pyarrow as pa

    assert joined(pa.array(["x", "a", None, "", "b"], pa.string()).slice(1)) == b"a\n\n\nb"
    assert joined(pa.array([], pa.string())) == b""
