"""Runs of the past by name, and the contention that two of them tell."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.replaying.as_log import log_lines
from bench.replaying.made import MadeJob, MadeStage, made_model
from bench.replaying.recorder import ElasticRecorder
from bench.replaying.synthetic import World, application, run_of
from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits
from launcher.cli.simulate import command
from launcher.places import places
from launcher.records.history.kept_files import keep
from launcher.records.history.source import read_source
from launcher.records.history.trace import Trace
from launcher.records.learnt_contention import MOST_PAIRS, LearntPair, keep_pair, learnt_pairs
from launcher.records.record import Record, State
from launcher.records.store import RunFolder, Store, runs_root
from sparkjobs.errors import DataError, UsageError

QUIET = World((0.02, 0.028, 0.016), (0, 0, 0), 0.0, 0.0, (1000, 2000))


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}


@pytest.fixture(scope="module")
def traces() -> dict[int, Trace]:
    """One application at three sizes."""
    draw = random.Random(3)
    model = application(draw)
    return {count: run_of(model, QUIET, count, draw) for count in (2, 8, 16)}


def run(environ: dict[str, str], number: int, trace: Trace | None, job: str = "daily") -> RunFolder:
    """A run of a job, its trace kept where there is one."""
    run_id = f"2026013{number}T000000Z-{job}-0000000{number}"
    folder = Store(runs_root(environ)).folder(run_id)
    record = Record(
        run_id=run_id, job=job, target="west", manager="standalone", state=State.SUCCEEDED, host="here",
        log=str(folder.log), content="c0ffee",
    )  # fmt: skip
    folder.create(record)
    if trace is not None:
        keep(folder, trace)
    return folder


def simulated(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command, [*arguments, "-o", "json"], catch_exceptions=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_run_is_named_by_its_id_its_beginning_last_or_its_job(
    environ: dict[str, str], traces: dict[int, Trace]
) -> None:
    run(environ, 1, traces[2])
    newest = run(environ, 2, traces[8])
    run(environ, 3, None)
    run(environ, 4, traces[2], job="daily-else")
    for name in (newest.run_id, newest.run_id[:9], "daily"):
        source = read_source(name, environ)
        assert source.record is not None
        assert (source.record.run_id, source.trace) == (newest.run_id, traces[8])
    assert read_source("last", environ).trace == traces[2]


def test_a_folder_that_is_called_like_a_job_hides_it_not(
    environ: dict[str, str], traces: dict[int, Trace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = run(environ, 1, traces[2])
    (tmp_path / "daily").mkdir()
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    source = read_source("daily", environ)
    assert source.record is not None
    assert source.record.run_id == newest.run_id
    with pytest.raises(DataError, match="other"):
        read_source("other", environ)


def test_a_run_without_a_log_is_named(environ: dict[str, str]) -> None:
    lost = run(environ, 1, None)
    with pytest.raises(DataError, match=lost.run_id):
        read_source(lost.run_id, environ)
    with pytest.raises(UsageError, match="'daily'"):
        read_source("daily", environ)


def test_the_log_in_the_folder_of_a_run_is_read_where_none_is_kept(
    environ: dict[str, str], traces: dict[int, Trace]
) -> None:
    folder = run(environ, 1, None)
    folder.event_log.mkdir()
    (folder.event_log / "app-made").write_text("\n".join(log_lines(traces[2])) + "\n", encoding="utf-8")
    source = read_source("daily", environ)
    assert source.trace.stages == traces[2].stages
    assert source.log == str(folder.event_log / "app-made")


def test_two_sizes_of_a_job_teach_contention_that_other_jobs_of_the_cluster_use(
    environ: dict[str, str], traces: dict[int, Trace]
) -> None:
    run(environ, 1, replace(traces[2], name="other"), job="other")
    alone = simulated("other", "--executors", "32")
    run(environ, 2, traces[2])
    run(environ, 3, traces[8])
    simulated("daily")
    pairs = learnt_pairs(environ, "west")
    assert len(pairs) == 1
    assert pairs[0].k[2] == pytest.approx(0.016, rel=0.35)
    known = simulated("other", "--executors", "32")
    assert [case["predictable"] for case in alone["cases"]] == [False]
    assert [case["predictable"] for case in known["cases"]] == [True]


def test_pairs_are_kept_by_cluster_the_newest_last_and_the_same_once(environ: dict[str, str]) -> None:
    for number in range(MOST_PAIRS + 2):
        keep_pair(environ, "west", LearntPair(("a", str(number)), (0, 0, 0), "first"))
    keep_pair(environ, "west", LearntPair(("5", "a"), (0.1, 0.1, 0.1), "again"))
    keep_pair(environ, "east", LearntPair(("a", "b"), (0, 0, 0), "other"))
    pairs = learnt_pairs(environ, "west")
    assert len(pairs) == MOST_PAIRS
    assert pairs[-1].evidence == "again"
    assert [pair.runs[1] for pair in pairs[:3]] == ["2", "3", "4"]


@pytest.mark.parametrize("content", ["{", '{"v": 3, "clusters": {}}'])
def test_a_damaged_file_of_contention_is_named(environ: dict[str, str], content: str) -> None:
    file = places(environ).state / "contention.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    with pytest.raises(DataError, match=r"contention\.json"):
        learnt_pairs(environ, "west")


def test_a_damaged_trace_is_passed_over_while_the_log_lies_there(
    environ: dict[str, str], traces: dict[int, Trace]
) -> None:
    folder = run(environ, 1, traces[2])
    folder.trace.write_bytes(b"damaged")
    with pytest.raises(DataError, match="the kept trace cannot be read"):
        read_source(folder.run_id, environ)
    folder.event_log.mkdir()
    (folder.event_log / "app-1").write_text("\n".join(log_lines(traces[2])) + "\n")
    assert len(read_source(folder.run_id, environ).trace.executors) == 2


IDLE = "spark.dynamicAllocation.executorIdleTimeout"


def test_no_setting_of_the_loop_is_passed_over_in_silence(
    environ: dict[str, str], traces: dict[int, Trace], tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    log.write_text("\n".join(log_lines(traces[8])))
    with pytest.raises(UsageError, match="says nothing about a fixed number"):
        simulated(str(log), "--conf", f"{IDLE}=5s")
    with pytest.raises(UsageError, match="is no ratio"):
        simulated(str(log), "--dynamic", "0:4", "--conf", "spark.dynamicAllocation.executorAllocationRatio=0")
    found = simulated(str(log), "--dynamic", "0:4", "--dynamic", "0:4", "--conf", f"{IDLE}s=5s")
    (case,) = found["cases"]
    assert case["why"] == f"{IDLE}s is no setting of the allocation loop that is played"
    assert not case["predictable"]


def test_executors_that_a_cluster_withheld_are_told(environ: dict[str, str], tmp_path: Path) -> None:
    conf = {
        "spark.master": "yarn",
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.maxExecutors": "12",
        "spark.shuffle.service.enabled": "true",
    }
    model = made_model([MadeJob([MadeStage([15_000] * 40)], gap_ms=5000)], slots={0: 2})
    habits = ClusterHabits((4000.0,), (7000.0,), (1000.0,), ceiling=3)
    log = tmp_path / "app.log"
    log.write_text(
        "\n".join(log_lines(ElasticRecorder(model, AllocationSettings(most=12), habits).record(conf)))
    )
    told = simulated(str(log), "--executors", "3,6")["warnings"]
    assert any("gave 3 executors at most" in why for why in told)
    assert not any("at most" in why for why in simulated(str(log), "--dynamic", "0:3")["warnings"])


def test_a_log_is_named_by_a_file_address_too(
    environ: dict[str, str], traces: dict[int, Trace], tmp_path: Path
) -> None:
    log = tmp_path / "a log"
    log.write_text("\n".join(log_lines(traces[2])))
    assert read_source(log.as_uri(), environ).trace == read_source("a log", environ).trace
    with pytest.raises(UsageError, match="no event log, run or job"):
        read_source("a" * 5000, environ)  # longer than any file's name
