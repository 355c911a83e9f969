"""Event logs on a disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from launcher.records.history.log_files import LogReader, logs, read
from sparkjobs.errors import DataError
from tests.unit.history.packing import PACKERS
from tests.unit.history.test_eventlog import START, stage, task


def lines(*texts: str) -> bytes:
    """The bytes of some lines."""
    return "".join(f"{text}\n" for text in texts).encode()


def test_a_growing_file_is_read_on_from_where_the_last_look_ended(tmp_path: Path) -> None:
    path = tmp_path / "app-1.inprogress"
    path.write_bytes(lines(START, stage("Submitted", 0, 2), task(0))[:-5])
    reader = LogReader(tmp_path / "app-1")
    assert reader.poll().totals().tasks == 0
    whole = lines(START, stage("Submitted", 0, 2), task(0), task(0))
    with path.open("ab") as stream:
        stream.write(whole[path.stat().st_size :])
    assert reader.poll().totals().tasks == 2
    path.rename(tmp_path / "app-1")
    with (tmp_path / "app-1").open("ab") as stream:
        stream.write(lines(task(0)))
    assert reader.poll().totals().tasks == 3
    reader.close()


def test_a_rolled_log_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app-1"
    folder.mkdir()
    (folder / "appstatus_app-1.inprogress").touch()
    (folder / "events_1_app-1").write_bytes(lines(START, stage("Submitted", 0, 9)))
    (folder / "events_10_app-1").write_bytes(lines(stage("Completed", 0, 9)))
    (folder / "events_2_app-1").write_bytes(lines(task(0), task(0)))
    log = read(folder)
    assert (log.application_id, log.totals().tasks, log.figures().stages) == ("app-1", 2, ())


def test_zstd_is_read_across_frames_and_up_to_a_cut(tmp_path: Path) -> None:
    pack = zstandard.ZstdCompressor().compress
    whole = pack(lines(START, task(0))) + pack(lines(task(0), task(0)))
    (tmp_path / "app-1.zstd").write_bytes(whole)
    assert read(tmp_path / "app-1.zstd").totals().tasks == 3
    (tmp_path / "app-2.zstd").write_bytes(whole[:-20])
    assert read(tmp_path / "app-2.zstd").totals().tasks == 1


@pytest.mark.parametrize("pack", PACKERS)
def test_a_packed_log_is_followed_while_it_grows(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = pack(lines(START, *[task(0)] * 200))
    path = tmp_path / "app-1.inprogress"
    reader, seen = LogReader(path), []
    for end in (0, 3, len(whole) // 2, len(whole)):
        path.write_bytes(whole[:end])
        seen.append(reader.poll().totals().tasks)
    reader.close()
    assert seen == sorted(seen)
    assert seen[-1] == 200


def test_a_log_without_tasks_that_were_dropped_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events_1_app-1.compact").touch()
    with pytest.raises(DataError, match=r"events_1_app-1\.compact"):
        read(tmp_path / "events_1_app-1.compact")


def test_the_newest_log_of_a_folder_is_the_runs(tmp_path: Path) -> None:
    assert logs(tmp_path / "none") == logs(tmp_path) == []
    for age, name in enumerate(("app-2", "app-1")):
        (tmp_path / name).write_bytes(lines(START, *[task(0)] * (age + 1)))
        os.utime(tmp_path / name, (age, age))
    (tmp_path / ".app-3.crc").touch()
    assert [path.name for path in logs(tmp_path)] == ["app-2", "app-1"]
