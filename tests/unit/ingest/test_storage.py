"""Small files of ours are whole or not there, whatever fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sparkjobs.ingest.storage import S3Settings, write_text

NO_S3 = S3Settings()


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, seen = tmp_path / "new" / "a.json", []
    real = os.fsync

    def fsync(handle: int) -> None:
        seen.append((Path(f"/proc/self/fd/{handle}").readlink().name, place.exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(str(place), "one\n", NO_S3)
    # The bytes, then the name.
    assert seen == [("a.json.part", False), ("new", True)]
    assert place.read_bytes() == b"one\n"


def test_a_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    write_text(str(tmp_path / "a"), "a long text", NO_S3)
    write_text(f"file://{tmp_path}/a", "ü", NO_S3)
    assert (tmp_path / "a").read_text(encoding="utf-8") == "ü"
    assert [item.name for item in tmp_path.iterdir()] == ["a"]
