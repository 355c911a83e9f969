"""Event logs: every packing, rolled folders, damaged ones, real ones."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.lint.check import check
from launcher.planning.lint.configuration import Configuration
from launcher.validation.event_log import read_event_log
from sparkjobs.errors import UsageError
from tests.unit.history.packing import PACKERS, in_frames
from tests.unit.lint.case import TABLE
from tests.unit.validation import logs


def written(folder: Path, data: bytes, name: str = "log") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", PACKERS)
def test_a_log_is_read_however_it_is_packed(pack, tmp_path: Path) -> None:
    source = read_event_log(written(tmp_path, pack(logs.whole())))
    assert source.damaged is None
    assert source.notes == ()
    assert source.values == {"spark.master": "yarn", "spark.speculation": "true"}
    assert source.facts["spark_version"] == "3.5.3"
    assert source.facts["scala_version"] == "version 2.12.18"
    assert source.facts["classpath"] == "/opt/spark/jars/tool-1.0.jar"
    assert source.python


def test_a_packing_that_is_not_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="packed with lzf"):
        read_event_log(written(tmp_path, b"ZV" + bytes(40)))


def test_a_rolled_log_is_read_from_its_first_file(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app"
    written(folder, logs.end().encode(), "events_10_app")
    written(folder, logs.end().encode(), "events_2_app")
    written(folder, in_frames(logs.whole()), "events_1_app.zstd")
    written(folder, b"", "appstatus_app.inprogress")
    assert read_event_log(folder).values["spark.master"] == "yarn"


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rolled event log"):
        read_event_log(tmp_path)


@pytest.mark.parametrize(
    ("lines", "setting_text"),
    [
        ([logs.start(), '{"Event":"SparkListenerEnvironmentUpdate",_"JVM'], "malformed"),
        (
            [logs.start(), '{"Event":"SparkListenerApplicationStart"}', logs.environment()],
            "no environment event",
        ),
        ([logs.start()], "ends before the environment event"),
    ],
)
def test_a_log_without_settings_says_so(lines: list[str], setting_text: str, tmp_path: Path) -> None:
    source = read_event_log(written(tmp_path, "\n".join(lines).encode()))
    assert setting_text in str(source.damaged)
    assert source.values == {}
    assert source.facts["spark_version"] == "3.5.3"


def test_a_log_cut_behind_its_settings_is_used_and_says_so(tmp_path: Path) -> None:
    plain = read_event_log(written(tmp_path, f"{logs.start()}\n{logs.environment()}\n".encode()))
    assert plain.values["spark.master"] == "yarn"
    assert "no end" in plain.notes[0]
    packed = gzip.compress(logs.whole() * 50)
    damaged = read_event_log(written(tmp_path, packed[: len(packed) - 9]))
    assert damaged.values["spark.master"] == "yarn"
    assert "ends within a block" in damaged.notes[0]


def test_an_application_of_the_jvm_is_told_from_a_python_one(tmp_path: Path) -> None:
    text = f"{logs.start()}\n{logs.environment(command='SparkSubmit --class org.example.Main app.jar')}\n"
    assert not read_event_log(written(tmp_path, text.encode())).python


def test_lists_of_pairs_as_spark_2_wrote_them(tmp_path: Path) -> None:
    event = logs.environment().replace('{"spark.master": "yarn",', '[["spark.master", "yarn"]],"x":{', 1)
    source = read_event_log(written(tmp_path, f"{logs.start('2.4.8')}\n{event}\n".encode()))
    assert source.values == {"spark.master": "yarn"}


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b'{"Event":"']))
def test_any_bytes_are_damage_and_no_crash(tmp_path: Path, data: bytes, magic: bytes) -> None:
    with contextlib.suppress(UsageError):  # it begins as lzf does
        assert read_event_log(written(tmp_path, magic + data)).damaged


# What is true of the real logs, and nothing else.
REAL = {
    "dynamic_allocation.zstd": {
        "dynamic-allocation-unbounded",
        "executor-instances-with-dynamic-allocation",
        "rapids-settings-without-plugin",
    },
    "local_dataset_and_dataframe.zstd": set(),
    "nds_q72_cpu_yarn.zstd": set(),
    "same_job_attempt_1.zstd": {"dynamic-allocation-unbounded", "yarn-repeats-application"},
    "same_job_attempt_2.zstd": {"dynamic-allocation-unbounded", "yarn-repeats-application"},
    "truncated": set(),
    "yarn_dynamic_small.zstd": {
        "dynamic-allocation-unbounded",
        "executor-instances-with-dynamic-allocation",
        "locality-wait-with-gpu",
    },
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_findings_of_real_logs_are_true(name: str, shared: Path) -> None:
    path = shared / "eventlogs" / name
    if not path.exists():
        pytest.skip(f"no {name} among the shared test data")
    source = read_event_log(path)
    configuration = Configuration(source.values, TABLE, source.places, None, source.python, source.facts)
    assert {finding.id for finding in check(configuration)} == REAL[name]


def test_the_real_malformed_log_says_so(shared: Path) -> None:
    path = shared / "eventlogs" / "malformed_json.zstd"
    if not path.exists():
        pytest.skip("no malformed_json.zstd among the shared test data")
    assert "malformed" in str(read_event_log(path).damaged)
