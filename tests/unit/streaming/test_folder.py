"""A folder of small files: what one holds is there, is not there, or cannot be read by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder


def number(text: str) -> int:
    """What the file of these tests holds."""
    return int(json.loads(text)["n"])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """One that is not there yet."""
    return Folder(str(tmp_path / "c"), S3Settings())


def test_a_file_is_read_as_it_was_written_and_none_is_nothing(folder: Folder) -> None:
    assert folder.parsed("a.json", number) is None
    folder.write("a.json", '{"n": 0}')
    assert folder.parsed("a.json", number) == 0


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "7", "null", '{"n": null}', '{"n": "x"}'])
def test_what_is_not_what_was_written_is_told_by_name_with_a_mend(folder: Folder, text: str) -> None:
    folder.write("a.json", text)
    with pytest.raises(WriteError, match=r"/c/a\.json cannot be read: ") as told:
        folder.parsed("a.json", number)
    assert told.value.hint == "Bring the checkpoint back from a copy."


def test_a_fault_of_the_reader_is_no_fault_of_the_file(folder: Folder) -> None:
    folder.write("a.json", "{}")
    with pytest.raises(ZeroDivisionError):
        folder.parsed("a.json", lambda text: 1 // 0)
