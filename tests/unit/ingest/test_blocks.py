"""Blocks: every line is read by exactly one task, however a file is cut."""

from __future__ import annotations

import bz2
import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import DataError
from sparkjobs.ingest import blocks
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.splits import cut, pack, plan_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.kernels.lines import is_utf8, line_count

HERE = S3Settings()
contents = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r", b"\r\n", b"\xc3\xa9", b"\xff"]), max_size=60)


def read(path, size, split_bytes, block_bytes):
    splits = cut(InputFile(str(path), size), split_bytes)
    return [block for split in splits for block in blocks.read_blocks(split, HERE, block_bytes)]


@given(contents, st.integers(1, 70), st.integers(1, 9))
def test_any_cutting_gives_the_same_lines(tmp_path_factory, parts, split_bytes, block_bytes):
    data = b"".join(parts)
    path = tmp_path_factory.mktemp("cut") / "x.txt"
    path.write_bytes(data)
    got = read(path, len(data), split_bytes, block_bytes)
    lines = [line for block in got for line in blocks.split_lines(block.data)]
    assert lines == blocks.split_lines(data)
    for block in got:
        assert data[block.offset :].startswith(block.data)
        if block.first_line is not None:
            assert block.first_line == len(blocks.split_lines(data[: block.offset])) + 1


@given(contents)
def test_checking_keeps_every_line_on_one_side(parts):
    data = b"".join(parts)
    block = blocks.Block(data, 0, 1)
    checked = blocks.check(block, "f")
    assert checked.lines + len(checked.bad) == line_count(data) == len(blocks.split_lines(data))
    assert is_utf8(checked.data)
    assert checked.lines == line_count(checked.data)
    for bad in checked.bad:
        assert b"\xff" in data[bad.offset :].splitlines()[0]


def test_bom_is_taken_off_and_counted_in_the_offset(tmp_path):
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbfone\ntwo\n")
    (block,) = read(path, 11, 100, 100)
    assert (block.data, block.offset, block.first_line) == (b"one\ntwo\n", 3, 1)


@pytest.mark.parametrize(
    ("ending", "pack_bytes"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".zst", lambda data: zstandard.ZstdCompressor().compress(data)),
    ],
)
def test_compressed_files_are_read_whole_or_refused_by_name(tmp_path, ending, pack_bytes):
    data = b"".join(b"line %d\n" % i for i in range(20_000))
    packed = pack_bytes(data) + pack_bytes(b"second member\n")
    path = tmp_path / f"x{ending}"
    path.write_bytes(packed)
    got = read(path, len(packed), 10, 4096)
    assert b"".join(block.data for block in got) == data + b"second member\n"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match=f"x{ending}"):
        read(path, len(packed) // 2, 10, 4096)


def test_small_files_share_a_task_and_a_long_one_is_cut():
    small = [InputFile(f"s{i}", 1000) for i in range(100)]
    assert len(plan_tasks(small, 2)) < 20
    (long_file,) = [InputFile("long", 600 << 20)]
    tasks = plan_tasks([long_file], 2)
    assert len(tasks) >= 9
    assert [s.start for t in tasks for s in t][1:] == [s.end for t in tasks for s in t][:-1]
    assert pack([], 10) == []


def test_damaged_zstd_is_refused_by_name(tmp_path):
    path = tmp_path / "x.zst"
    path.write_bytes(b"this is not zstd at all")
    with pytest.raises(DataError, match=r"x\.zst is cut or damaged"):
        read(path, 10, 10, 4096)
