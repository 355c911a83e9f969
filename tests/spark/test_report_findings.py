"""Real applications made to lose time, and their twins that lose none: the report finds the one kind only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.find import required_java
from launcher.records.history.log_files import logs
from launcher.records.history.read_trace import local, trace_of
from launcher.report.findings.all_findings import findings
from launcher.report.findings.loss import Loss
from launcher.report.page.page import page
from launcher.report.report import Report
from launcher.report.sql.read_queries import read_queries
from launcher.report.view.run_view import RunView

PROGRAM = Path(__file__).with_name("made_to_cost.py")
TIMEOUT_S = 240
WORK = ("skew", "small_tasks", "huge_task", "small_files", "full_scan", "big_broadcast")
CALM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def ran(folder: Path, ways: tuple[str, ...], master: str, heap: str = "2g", java: str = CALM,
        **conf: str) -> RunView:  # fmt: skip
    """What the event log of an application tells."""
    interpreter = running_interpreter()
    environ = spark_environment(os.environ, interpreter, required_java(os.environ).home)
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": str(folder),
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "3",
        **{name.replace("_", "."): value for name, value in conf.items()},
    }
    flags = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    submit = [f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", master, "--driver-memory", heap,
              "--driver-java-options", java, *flags, str(PROGRAM), str(folder / "data"), *ways]  # fmt: skip
    done = subprocess.run(
        submit, env={name: value for name, value in environ.items() if name != "PYSPARK_SUBMIT_ARGS"},
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (log,) = [one for one in logs(folder) if one.name != "data"]
    parts = local(log)
    return RunView(trace_of(parts, str(log)), read_queries(parts))


def by_id(view: RunView) -> dict[str, Loss]:
    return {one.id: one for one in reversed(findings(view))}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    folder = tmp_path_factory.mktemp("bad")
    return ran(folder, (*WORK, "failed_tasks", "driver_bound"), "local[2,4]")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Loss]:
    return by_id(ran(tmp_path_factory.mktemp("good"), tuple(f"good_{way}" for way in WORK), "local[2]"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("skew", "partition 5 took"),
        ("small-tasks", "stage more like it"),
        ("huge-task", "one task of 5"),
        ("small-files", "300 files"),
        ("full-scan", "Scan parquet read 500,000 rows"),
        ("big-broadcast", "4,000,000 rows"),
        ("driver-bound", "the longest time 14 s"),
        ("failed-tasks", "1 attempt of tasks failed"),
    ],
)
def test_what_an_application_was_made_to_lose(
    bad: RunView, good: dict[str, Loss], name: str, words: str
) -> None:
    assert words in by_id(bad)[name].message
    if name != "driver-bound":  # a short application on a busy machine is: its twin runs on executors
        assert name not in good


def test_memory(bad: RunView, tmp_path: Path) -> None:
    tight = by_id(
        ran(tmp_path, ("spill", "gc"), "local[2]", "700m", f"{CALM} -Xmn4m", spark_memory_fraction="0.3")
    )
    assert "GiB" in tight["spill"].message or "MiB" in tight["spill"].message
    assert "of the tasks' time went to collecting garbage" in tight["gc"].message
    assert "spill" not in by_id(bad)


@pytest.mark.slow
def test_executors(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "good").mkdir()
    elastic = {
        "spark_dynamicAllocation_enabled": "true",
        "spark_dynamicAllocation_maxExecutors": "3",
        "spark_dynamicAllocation_executorIdleTimeout": "3s",
        "spark_dynamicAllocation_schedulerBacklogTimeout": "5s",
        "spark_dynamicAllocation_sustainedSchedulerBacklogTimeout": "2s",
        "spark_executor_memory": "600m",
        "spark_executor_cores": "1",
    }
    view = ran(tmp_path / "bad", ("bursts",), "local-cluster[3,1,1024]", "1g", **elastic)
    losses = by_id(view)
    assert {"idle-ramp", "idle-driver", "idle-tail", "idle-held", "slow-start"} <= set(losses)
    assert "held by shuffle data" in losses["idle-held"].message
    assert "Elasticity" in page(Report(view, "log"))
    fixed = {"spark_executor_memory": "600m", "spark_executor_cores": "1", "spark_cores_max": "3"}
    calm = by_id(ran(tmp_path / "good", ("good_bursts",), "local-cluster[3,1,1024]", "1g", **fixed))
    assert {"idle-ramp", "idle-tail", "idle-held", "driver-bound", "skew"} & set(calm) == set()
