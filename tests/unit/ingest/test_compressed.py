"""Compressed files: a task each, read once, a block at a time."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
from collections import Counter
from types import SimpleNamespace

import pytest
import zstandard

from sparkjobs.ingest import csv_files, storage
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.csv_files import CsvFile, read_headers
from sparkjobs.ingest.model import InputFile, Split
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.typed_csv import TypedCsvReader
from sparkjobs.ingest.typed_json import TypedJsonReader
from sparkjobs.ingest.typing import Column

PACKED = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstandard.compress}
COLUMNS = (Column("id", "string"), Column("n", "bigint"))
FOUR_SLOTS = SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=4))


def source(form):
    return Source(("f",), form, False, S3Settings(), "0")


class Counted:
    """A file that counts the bytes read from it."""

    def __init__(self, stream, counts, path):
        self._stream, self._counts, self._path = stream, counts, path

    def read(self, size=-1):
        data = self._stream.read(size)
        self._counts[self._path] += len(data)
        return data

    def __getattr__(self, name):
        return getattr(self._stream, name)


@pytest.fixture
def bytes_read(monkeypatch):
    counts = Counter()
    opened = storage.open_bytes
    monkeypatch.setattr(storage, "open_bytes", lambda path, s3: Counted(opened(path, s3), counts, path))
    return counts


def test_each_compressed_file_of_some_size_is_a_task_of_its_own():
    files = [InputFile(f"{i}.csv.gz", 3 << 20) for i in range(6)]
    assert [len(task) for task in plan_tasks(files, 4)] == [1] * 6
    described = [CsvFile(file, 2, (0, 1), 5, 2) for file in files]
    # No job of its own looks for quotes: this session could not run one.
    tasks = csv_files.plan(FOUR_SLOTS, source("csv"), described)
    assert [[split.path for split in task] for task in tasks] == [[file.path] for file in files]


@pytest.mark.parametrize("ending", PACKED)
def test_a_compressed_file_is_read_once(tmp_path, bytes_read, ending):
    lines = [(f"k{i * 7919 % 1000003:x}", i * 104729 % 999983) for i in range(400_000)]
    for form, text in (
        ("csv", "id,n\n" + "".join(f"{key},{n}\n" for key, n in lines)),
        ("jsonl", "".join(f'{{"id":"{key}","n":{n}}}\n' for key, n in lines)),
    ):
        path = tmp_path / f"in.{form}{ending}"
        path.write_bytes(PACKED[ending](text.encode()))
        size = path.stat().st_size
        file = InputFile(str(path), size)
        split = Split(str(path), 0, size, size, file.compression, 1)
        reader = TypedJsonReader(COLUMNS, source(form))
        looked_at = 0
        if form == "csv":
            (header,) = read_headers([file], ",", S3Settings())
            looked_at = bytes_read[str(path)]
            assert looked_at < size / 2
            described = CsvFile(file, 2, (0, 1), header.end, header.next_line)
            split = Split(str(path), header.end, size, size, file.compression, header.next_line)
            reader = TypedCsvReader((described,), COLUMNS, source(form))
        batches = list(reader(split))
        got = [
            row
            for batch in batches
            for row in zip(*(batch.column(i).to_pylist() for i in (0, 1)), strict=True)
        ]
        assert got == lines
        assert bytes_read[str(path)] - looked_at == size


@pytest.mark.parametrize("ending", PACKED)
def test_what_a_small_file_becomes_is_never_held_whole(tmp_path, ending):
    data = b"a" * 99 + b"\n"
    path = tmp_path / f"x{ending}"
    path.write_bytes(PACKED[ending](data * 640_000))
    size = path.stat().st_size
    split = Split(str(path), 0, size, size, InputFile(str(path), size).compression, 1)
    tracemalloc.start()
    try:
        assert sum(len(block.data) for block in read_blocks(split, S3Settings(), 1 << 20)) == 64_000_000
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
