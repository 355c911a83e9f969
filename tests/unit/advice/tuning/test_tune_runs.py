"""``sparkjob tune`` asked of logs and runs: what it answers of those that tell nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.replaying.as_log import log_lines
from bench.replaying.made import executors
from bench.replaying.recorder import Recorder
from launcher.advice.prediction.basis import basis_of
from launcher.cli.runs import command as runs
from launcher.cli.tune import command
from launcher.intake.room import room_of
from launcher.records.forecast import Forecast
from launcher.records.history.kept_files import keep
from launcher.records.history.trace import Trace
from launcher.records.learnt_contention import learnt_pairs
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root
from launcher.spec.config.read_profile import read_cluster
from sparkjobs.errors import UsageError
from tests.unit.advice.tuning.made_runs import CONF, narrow, traced, wide


@pytest.fixture(autouse=True)
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "clusters").mkdir(parents=True)
    profile = "manager: standalone\naddress: spark://host:7077\nnodes: {count: 6, cores: 1, memory: 8g}\n"
    (tmp_path / "conf" / "clusters" / "six.yaml").write_text(profile)
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}


def ran(environ: dict[str, str], number: int, trace: Trace, target: str = "six", **given: Any) -> str:
    run_id = f"2026010{number}T000000Z-daily-0000000{number}"
    folder = Store(runs_root(environ)).folder(run_id)
    record = Record(
        **{
            "run_id": run_id, "job": "daily", "target": target, "manager": "standalone",
            "state": State.SUCCEEDED, "host": "h", "log": str(folder.log), "content": "c0ffee", **given,
        }
    )  # fmt: skip
    folder.create(record)
    assert keep(folder, trace) is None
    return run_id


def tuned(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command, [*arguments, "-o", "json"], catch_exceptions=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_log_of_an_application_that_failed_is_no_evidence(tmp_path: Path) -> None:
    later = replace(narrow(), start_ms=1_000_000)  # tasks that began at 0 are lost lines
    trace = Recorder(later, executors(6, added_ms=1_000_000)).record(CONF)
    log = tmp_path / "app"

    def decision(made: Trace) -> tuple[str, str]:
        log.write_text("\n".join(log_lines(made)) + "\n")
        found = tuned(str(log))
        return found["decision"], found["why"]

    assert decision(trace)[0] == "change"
    last = replace(trace.jobs[-1], succeeded=False)
    assert decision(replace(trace, jobs=(*trace.jobs[:-1], last))) == (
        "hold",
        f"{log} did not succeed: what it takes to succeed, it does not tell",
    )


def test_predictions_that_missed_thrice_are_not_believed(environ: dict[str, str]) -> None:
    missed = Forecast(500.0, 450.0, 550.0, 1.0, 1.0, "6 executors", "hold", "why")
    for number in (1, 2):
        ran(environ, number, traced(narrow(), 6), forecast=missed)
    assert tuned("daily")["decision"] == "change"
    ran(environ, 3, traced(narrow(), 6), forecast=missed)
    assert (tuned("daily")["decision"], "outside their bands" in tuned("daily")["why"]) == ("hold", True)


def test_a_local_run_holds(environ: dict[str, str]) -> None:
    run_id = ran(environ, 1, traced(narrow(), 1, spark_master="local[4]"), target="local")
    found = tuned("daily")
    assert (found["decision"], found["evidence"], found["predicted"]) == ("hold", [], None)
    assert found["why"].startswith(f"{run_id} was local (local[4])")


def accuracy(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(runs, ["--job", "daily", "--accuracy", *arguments, "-o", "json"])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_accuracy_believes_as_the_next_plan_does_however_few_runs_are_shown(environ: dict[str, str]) -> None:
    assert accuracy() == {
        "v": 1, "job": "daily", "runs": [], "inside": 0, "mean_error": None, "believed": True, "why": None,
    }  # fmt: skip
    missed = Forecast(500.0, 450.0, 550.0, 1.0, 1.0, "6 executors", "hold", "why")
    for number in (1, 2, 3):
        ran(environ, number, traced(narrow(), 6), forecast=missed)
    assert (len(accuracy("-n", "1")["runs"]), accuracy("-n", "1")["believed"]) == (1, False)
    # The plan of another target, or of other code, asks runs of its own.
    ran(environ, 4, traced(narrow(), 6), forecast=missed, target="elsewhere")
    assert accuracy()["believed"]


def test_prices_turn_the_answer_into_money(environ: dict[str, str], tmp_path: Path) -> None:
    profile = tmp_path / "conf" / "clusters" / "six.yaml"
    profile.write_text(profile.read_text() + "price: {core_hour: 0.6, currency: EUR}\n")
    ran(environ, 1, traced(narrow(), 6))
    text = CliRunner().invoke(command, ["daily"], catch_exceptions=False).stdout
    # 23.9 s of six cores, then of two
    assert "ran        23.9 s with 6 executors for 0.0239 EUR" in text
    assert "48 executor-seconds for 0.00797 EUR" in text


def test_gpus_bound_the_room_of_executors_that_hold_them(environ: dict[str, str], tmp_path: Path) -> None:
    trace = traced(narrow(), 2)
    with_gpus = replace(trace, executors=tuple(replace(one, gpus=2) for one in trace.executors))
    basis = basis_of(with_gpus)

    def most(gpus: str) -> int:
        file = tmp_path / "conf" / "clusters" / "gpus.yaml"
        nodes = f"nodes: {{count: 3, cores: 16, memory: 64g{gpus}}}"
        file.write_text(f"manager: standalone\naddress: spark://host:7077\n{nodes}\n")
        return room_of(read_cluster("gpus", environ, tmp_path), basis, tmp_path, environ).most

    assert most(", gpu: {model: A100, count: 4}") == 6
    with pytest.raises(UsageError, match="no room for executors of 2 GPUs: a node has 0"):
        most("")


def test_accuracy_goes_with_no_flag_that_it_would_pass_over() -> None:
    for more, message in (
        (["--prune", "30d"], "removes no runs"),
        (["--state", "failed"], "runs that succeeded"),
    ):
        with pytest.raises(UsageError, match=message):
            CliRunner().invoke(runs, ["--job", "daily", "--accuracy", *more], catch_exceptions=False)


@pytest.mark.parametrize("more", [["--job", "daily"], ["--state", "failed"], ["--since", "7d"]])
def test_what_filters_the_list_does_not_seem_to_filter_what_is_removed(more: list[str]) -> None:
    with pytest.raises(UsageError, match=f"removes old runs of every kind, and {more[0]} names some"):
        CliRunner().invoke(runs, ["--prune", "30d", *more], catch_exceptions=False)


def of_cores(cores: int, count: int, ms: float = 1000) -> Trace:
    """A run on executors of so many cores."""
    later = replace(wide(tasks=480, ms=ms), start_ms=1_000_000)
    conf = {**CONF, "spark.executor.cores": str(cores), "spark.executor.memory": f"{cores}g"}
    return Recorder(later, executors(count, cores, added_ms=1_000_000)).record(conf)


def test_executors_of_other_cores_are_compared_where_they_were_run(
    environ: dict[str, str], tmp_path: Path
) -> None:
    profile = "manager: standalone\naddress: spark://host:7077\nnodes: {count: 3, cores: 2, memory: 16g}\n"
    (tmp_path / "conf" / "clusters" / "pairs.yaml").write_text(profile)
    tried = ran(environ, 1, of_cores(2, 3, ms=500), target="pairs")
    newest = ran(environ, 2, of_cores(1, 6), target="pairs")
    found = tuned("daily", "--max-slowdown", "10%")
    changed = {one["key"]: (one["from"], one["to"]) for one in found["settings"]}
    assert found["decision"] == "change"
    assert changed["spark.executor.cores"] == ("1", "2")
    assert changed["spark.executor.memory"] == ("1g", "2g")
    assert [one["run_id"] for one in found["evidence"]] == [newest, tried]
    text = CliRunner().invoke(command, ["daily", "--max-slowdown", "10%"], catch_exceptions=False).stdout
    assert "(2 cores an executor)" in text


def test_executors_that_no_node_holds_any_more_are_refused(environ: dict[str, str]) -> None:
    ran(environ, 1, of_cores(2, 3, ms=500))
    ran(environ, 2, of_cores(1, 6))
    found = tuned("daily", "--max-slowdown", "10%")
    (why,) = (one["why"] for one in found["refused"] if one["settings"].get("spark.executor.cores") == "2")
    assert "an executor takes at least 2 cores" in why


def test_runs_of_two_layouts_teach_no_contention(environ: dict[str, str]) -> None:
    ran(environ, 1, of_cores(2, 3, ms=500))
    ran(environ, 2, of_cores(1, 6))
    tuned("daily")
    assert learnt_pairs(environ, "six") == ()
    ran(environ, 3, of_cores(1, 3))
    tuned("daily")
    assert len(learnt_pairs(environ, "six")) == 1


def test_runs_with_other_settings_or_of_another_cluster_teach_no_contention(
    environ: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "conf" / "clusters"
    (folder / "other.yaml").write_text((folder / "six.yaml").read_text())
    ran(environ, 1, of_cores(1, 3))
    key = {"key": "spark.io.compression.codec", "value": "zstd", "origin": "flag"}
    ran(environ, 2, of_cores(1, 2), plan={"settings": [key]})
    ran(environ, 3, of_cores(1, 6))
    tuned("daily", "--target", "other")
    assert learnt_pairs(environ, "other") == ()
    tuned("daily")
    (pair,) = learnt_pairs(environ, "six")
    assert [run[-1] for run in pair.runs] == ["3", "1"]


@pytest.mark.parametrize(
    ("enforced", "why"),
    [
        ("spark.executor.instances: '6'", "the profile enforces spark.executor.instances"),
        ("spark.executor.cores: '1'", "2 cores an executor: the profile enforces spark.executor.cores"),
    ],
)
def test_what_the_profile_enforces_is_not_advised(
    environ: dict[str, str], tmp_path: Path, enforced: str, why: str
) -> None:
    nodes = "manager: standalone\naddress: spark://host:7077\nnodes: {count: 3, cores: 2, memory: 16g}\n"
    (tmp_path / "conf" / "clusters" / "pairs.yaml").write_text(f"{nodes}enforced: {{{enforced}}}\n")
    ran(environ, 1, of_cores(2, 3, ms=500), target="pairs")
    ran(environ, 2, of_cores(1, 6), target="pairs")
    found = tuned("daily", "--max-slowdown", "10%")
    assert found["settings"] == []
    assert why in "\n".join([found["why"], *(one["why"] for one in found["refused"])])


def test_a_trial_on_gpus_is_no_layout_of_executors_without(environ: dict[str, str]) -> None:
    trace = of_cores(2, 3, ms=500)
    conf = {**(trace.conf or {}), "spark.plugins": "com.nvidia.spark.SQLPlugin"}
    ran(environ, 1, replace(trace, conf=conf))
    ran(environ, 2, of_cores(1, 6))
    found = tuned("daily", "--max-slowdown", "10%")
    assert "2 cores an executor had GPUs" in "\n".join(one["why"] for one in found["refused"])


def test_a_value_that_is_set_and_the_same_that_is_computed_are_one_layout(environ: dict[str, str]) -> None:
    def run(number: int, partitions: str, origin: str) -> str:
        trace = of_cores(1, 6)
        key = "spark.sql.shuffle.partitions"
        settings = [{"key": key, "value": partitions, "origin": origin}]
        conf = {**(trace.conf or {}), key: partitions}
        return ran(environ, number, replace(trace, conf=conf), plan={"settings": settings})

    same, _, newest = run(1, "200", "flag"), run(2, "480", "flag"), run(3, "200", "computed")
    found = tuned("daily", "--max-slowdown", "10%")
    assert [one["run_id"] for one in found["evidence"]][:2] == [newest, same]
    # Computed as any other number it would be the layout of the next plan all the same.
    run(4, "300", "computed")
    assert [one["run_id"][-1] for one in tuned("daily")["evidence"]][:1] == ["4"]
