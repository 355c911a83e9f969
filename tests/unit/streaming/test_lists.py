"""Lists that are long done lie in few files, and nothing of them is lost by a cut."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources import lists as module
from sparkjobs.streaming.sources.lists import DONE_FOLDER, FOLDER, Lists, list_name


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(module, "FOLDED", 3)
    monkeypatch.setattr(module, "KEPT", 2)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    return Folder(str(tmp_path), S3Settings.from_environment({}))


def written(checkpoint: Folder, count: int) -> Lists:
    lists = Lists(checkpoint)
    for number in range(count):
        lists.append([json.dumps({"list": number, "item": item}) for item in "ab"])
    return lists


def items(lists: Lists) -> list[tuple[int, str]]:
    return [(line["list"], line["item"]) for line in map(json.loads, lists.every())]


ALL = [(number, item) for number in range(9) for item in "ab"]


def test_folded_lists_are_read_as_before(checkpoint: Folder, tmp_path: Path) -> None:
    lists = written(checkpoint, 9)
    for done in range(10):
        lists.fold(done)
        assert items(lists) == ALL
        assert items(Lists(checkpoint)) == ALL
    assert [path.name for path in sorted((tmp_path / DONE_FOLDER).iterdir())] == [list_name(0), list_name(1)]
    # Those of which a batch may be repeated stay.
    assert [path.name for path in sorted((tmp_path / FOLDER).iterdir())] == [list_name(n) for n in (6, 7, 8)]
    assert [json.loads(line)["item"] for line in Lists(checkpoint, 9).read(1)] == ["a", "b"]
    assert Lists(checkpoint).count == 9


def test_a_fold_that_was_cut_off_is_completed(checkpoint: Folder, tmp_path: Path) -> None:
    lists = written(checkpoint, 9)
    before = {path.name: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()}
    lists.fold(9)
    # The file was written, and not all of its lists were removed.
    (tmp_path / FOLDER / list_name(2)).write_bytes(before[list_name(2)])
    again = Lists(checkpoint, 9)
    assert (again.count, items(again)) == (9, ALL)
    assert not (tmp_path / FOLDER / list_name(2)).exists()


def test_spark_finds_lists_in_the_order_of_their_numbers_whatever_the_clock_says(
    checkpoint: Folder, tmp_path: Path
) -> None:
    folder = tmp_path / FOLDER

    def in_order() -> list[str]:
        return [
            path.name for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns // 10**6)
        ]

    written(checkpoint, 4)
    for number in range(4):  # as a copy of the checkpoint may have them
        os.utime(folder / list_name(number), (2_000_000_000 - number,) * 2)
    assert [json.loads(line)["list"] for line in Lists(checkpoint, looked_at=True).read(3)] == [3, 3]
    assert in_order() == [list_name(number) for number in (3, 2, 1, 0)]  # who only looks changes nothing
    lists = Lists(checkpoint, 1)
    assert in_order()[-3:] != [list_name(number) for number in (3, 2, 1)]
    lists.append([json.dumps({"list": 4})])  # by a clock that is behind
    waiting = [name for name in in_order() if name != list_name(0)]
    assert waiting == [list_name(number) for number in (1, 2, 3, 4)]


def test_a_missing_list_is_told_by_name(checkpoint: Folder, tmp_path: Path) -> None:
    written(checkpoint, 9).fold(9)
    (tmp_path / FOLDER / list_name(4)).unlink()
    with pytest.raises(WriteError, match=r"00000004\.jsonl is missing"):
        Lists(checkpoint, 9)
