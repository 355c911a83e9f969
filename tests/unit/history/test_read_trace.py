"""Event logs from files: however packed, rolled, in progress, cut anywhere; and the real ones."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.history.read_trace import read_trace
from launcher.records.history.trace import Trace
from launcher.records.history.unpack import ZSTD
from sparkjobs.errors import DataError
from tests.unit.history.made import END, START, VERSION, added, environment, job, job_end, stage, task, whole
from tests.unit.history.packing import PACKERS, in_frames, in_lz4_blocks

TASKS, STEP = 40, 8 << 10
LOG = whole(
    added("1", 600),
    job(0, 700, [0]),
    stage("Submitted", 0, TASKS),
    *[task(index=n, launch=1_000 + n, finish=2_000 + n) for n in range(TASKS)],
    stage("Completed", 0, TASKS),
    job_end(0, 5_000),
)
ROLLED = "eventlog_v2_app-1"


def written(folder: Path, data: bytes, name: str = "app-1") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def launches(trace: Trace) -> list[int]:
    return [ms for one in trace.stages for ms in one.tasks.launch_ms]


def read_or_none(path: Path, message: str) -> Trace | None:
    """The trace; ``None`` where the error says so."""
    try:
        return read_trace(path)
    except DataError as error:
        if message in error.args[0]:
            return None
        raise


@pytest.mark.parametrize("pack", PACKERS)
def test_a_log_gives_the_same_trace_however_it_is_packed(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    found = read_trace(written(tmp_path, pack(LOG)))
    assert launches(found) == [1_000 + n for n in range(TASKS)]
    assert found == read_trace(written(tmp_path, LOG, "plain"))
    assert found.lost.why == ()


def test_what_was_appended_to_a_packed_log_is_read_on(tmp_path: Path) -> None:
    for pack in PACKERS:
        half = LOG.index(b'{"Event":"SparkListenerStageCompleted"')
        assert launches(read_trace(written(tmp_path, pack(LOG[:half]) + pack(LOG[half:])))) == [
            1_000 + n for n in range(TASKS)
        ]


@given(st.data())
def test_any_cut_gives_what_lies_before_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    packed = data.draw(st.sampled_from(PACKERS))(LOG)
    path = written(tmp_path_factory.mktemp("cut"), packed[: data.draw(st.integers(0, len(packed) - 2))])
    if (found := read_or_none(path, "no event")) is None:
        return
    assert found.lost.cut
    assert launches(found) == [1_000 + n for n in range(len(launches(found)))]
    assert found.lost.lines <= 1


@given(st.data())
def test_any_damage_gives_a_trace_or_says_that_there_is_none(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    packed = bytearray(data.draw(st.sampled_from(PACKERS))(LOG))
    start = data.draw(st.integers(0, len(packed) - 1))
    packed[start : start + data.draw(st.integers(1, 30))] = data.draw(st.binary(max_size=30))
    path = written(tmp_path_factory.mktemp("damaged"), bytes(packed))
    found = read_or_none(path, str(path))
    assert found is None or len(launches(found)) <= TASKS


def test_a_cut_gz_and_a_cut_lz4_tell(tmp_path: Path) -> None:
    for pack in (gzip.compress, in_lz4_blocks):
        cut = read_trace(written(tmp_path, pack(LOG)[:-9]))
        assert any("ends within a block" in why for why in cut.lost.why)
        assert cut.lost.cut


def test_damage_within_a_block_keeps_what_lies_before(tmp_path: Path) -> None:
    packed = bytearray(in_lz4_blocks(LOG))
    second = packed.index(b"LZ4Block", 10)
    packed[second : second + 3] = b"xxx"
    found = read_trace(written(tmp_path, bytes(packed)))
    assert 0 < len(launches(found)) < TASKS
    assert found.lost.why[0].startswith("app-1 is damaged (")
    assert found.lost.why[0].endswith(f"of its {len(packed)} bytes are lost")
    assert "1 job without an end" in found.lost.why


def test_what_is_lost_behind_a_damage_is_told_in_bytes(tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(60_000).hex().encode()
    packed = bytearray(in_frames(LOG + b"".join(noise[n : n + 60] + b"\n" for n in range(0, len(noise), 60))))
    at = packed.index(ZSTD, len(packed) // 2)
    packed[at : at + 4] = b"xxxx"
    why = read_trace(written(tmp_path, bytes(packed))).lost.why[0]
    lost = int(why.rpartition("about ")[2].partition(" ")[0])
    assert 0 <= lost - (len(packed) - at) <= STEP


def test_damage_at_the_end_of_a_small_gz_loses_little_before_it(tmp_path: Path) -> None:
    draw = random.Random(5)
    noise = b"".join(draw.randbytes(40).hex().encode() + b"\n" for _ in range(40))
    packed = bytearray(gzip.compress(LOG + noise))
    packed[-8:-4] = b"xxxx"  # the checksum
    assert len(packed) < STEP
    assert launches(read_trace(written(tmp_path, bytes(packed)))) == [1_000 + n for n in range(TASKS)]


def test_a_rolled_log_is_joined_by_number(tmp_path: Path) -> None:
    lines = LOG.splitlines(keepends=True)
    for number, piece in ((1, lines[:9]), (2, lines[9:20]), (10, lines[20:])):
        written(tmp_path / ROLLED, b"".join(piece), f"events_{number}_app-1")
    (tmp_path / ROLLED / "appstatus_app-1").touch()
    found = read_trace(tmp_path / ROLLED)
    assert launches(found) == [1_000 + n for n in range(TASKS)]
    assert found.lost.why == ("7 parts missing before number 10",)
    assert found.lost.cut


def test_two_parts_of_one_number_would_count_tasks_twice(tmp_path: Path) -> None:
    for name in ("events_1_app-1", "events_1_app-1.zstd"):
        written(tmp_path / ROLLED, LOG, name)
    with pytest.raises(DataError, match=r"events_1_app-1 and events_1_app-1\.zstd are of one number"):
        read_trace(tmp_path / ROLLED)


def test_a_log_is_found_by_its_name_during_the_run_and_after_it(tmp_path: Path) -> None:
    path = written(tmp_path, LOG, "app-1.inprogress")
    assert read_trace(tmp_path / "app-1").name == "daily"
    path.rename(tmp_path / "app-1")
    assert read_trace(path).name == "daily"


@pytest.mark.parametrize("name", ["app-1.compact", f"{ROLLED}/events_1_app-1.compact"])
def test_a_compacted_log_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, LOG, name)
    with pytest.raises(DataError, match=r"app-1\.compact is a compacted event log"):
        read_trace(path if path.parent == tmp_path else path.parent)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match=f"{tmp_path}: Permission denied"):
        read_trace(tmp_path)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none: No such file"):
        read_trace(tmp_path / "none")
    with pytest.raises(DataError, match="no rolled event log"):
        read_trace(tmp_path)
    with pytest.raises(DataError, match="packed with lzf"):
        read_trace(written(tmp_path, b"ZV\x01\x00"))
    with pytest.raises(DataError, match="no event of a Spark application"):
        read_trace(written(tmp_path, b""))


def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    assert read_trace(written(tmp_path, LOG.rstrip(b"\n"))).end_ms == 9_000


def test_blanks_and_line_ends_of_another_writer(tmp_path: Path) -> None:
    spaced = LOG.replace(b'{"Event":"', b'{ "Event" : "').replace(b"\n", b"\r\n")
    found = read_trace(written(tmp_path, spaced))
    assert (len(launches(found)), found.lost.why) == (TASKS, ())


def test_a_start_alone_is_a_trace(tmp_path: Path) -> None:
    text = "\n".join([VERSION, environment(), START, END])
    assert read_trace(written(tmp_path, text.encode())).executors == ()


# Tasks, executors, jobs, stages.
REAL = {
    "cpu_analytics_16cores.zstd": (38, 1, 18, 12),
    "dynamic_allocation.zstd": (235, 15, 20, 20),
    "gpu_analytics_h200.zstd": (105, 1, 18, 12),
    "gpu_sum_by_key_h200.zstd": (51, 1, 8, 6),
    "local_dataset_and_dataframe.zstd": (651, 1, 4, 13),
    "malformed_json.zstd": (217, 9, 2, 5),
    "nds_q72_cpu_yarn.zstd": (13504, 8, 49, 49),
    "same_job_attempt_1.zstd": (107, 10, 5, 5),
    "same_job_attempt_2.zstd": (107, 10, 5, 5),
    "truncated": (21, 1, 2, 3),
    "yarn_dynamic_small.zstd": (217, 9, 2, 5),
}


@pytest.mark.parametrize("name", REAL)
def test_real_logs(name: str, shared: Path) -> None:
    found = read_trace(shared / "eventlogs" / name)
    counts = (len(launches(found)), len(found.executors), len(found.jobs), len(found.stages))
    assert counts == REAL[name]
    assert found.lost.cut == (name == "truncated")
    assert found.lost.lines == (name == "malformed_json.zstd")
    assert (found.conf is None) == (name == "malformed_json.zstd")
    assert all(job.end_ms for job in found.jobs) != found.lost.cut
    added_ms = [one.added_ms for one in found.executors]
    assert added_ms == sorted(added_ms)
