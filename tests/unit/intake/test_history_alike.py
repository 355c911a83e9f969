"""Which earlier runs of a job are like its next one, and what is done about those that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launcher.advice.allocation.allocation_settings import INSTANCES
from launcher.records.history.kept_files import keep
from launcher.records.record import State
from launcher.records.store import Store, runs_root
from launcher.redact import masked
from launcher.spec.layer import Origin
from tests.unit.advice.tuning.made_runs import narrow, skewed, traced, wide
from tests.unit.intake.asking import Project, setting
from tests.unit.intake.runs_before import (
    SCRIPT,
    SIX,
    TENTH,
    by,
    kept,
    of_history,
    ran,
    sized,
)


@pytest.fixture
def project(project: Project) -> Project:
    project.write("conf/clusters/mine.yaml", SIX)
    project.write("etl.py", SCRIPT)
    return project


def test_executors_of_other_cores_tell_nothing(project: Project) -> None:
    ran(project)
    project.write("conf/clusters/mine.yaml", SIX.replace("cores: 1, memory: 2g", "cores: 4, memory: 8g"))
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.history is not None
    assert plan.history.why == "earlier runs had 1 core an executor, this plan has 3 cores an executor"


def test_settings_that_earlier_runs_did_not_have_hold(project: Project) -> None:
    ran(project)
    plan = project.plan("etl.py", objective=TENTH, confs=["spark.sql.shuffle.partitions=7"])
    assert plan.history is not None
    assert plan.history.why == (
        "earlier runs had 1 core an executor, spark.sql.shuffle.partitions=64, "
        "this plan has 1 core an executor, spark.sql.shuffle.partitions=7"
    )
    assert sized(plan) == {}
    same = project.plan("etl.py", objective=TENTH, confs=["spark.sql.shuffle.partitions=64"])
    assert sized(same)


def test_settings_that_the_newest_run_had_and_this_plan_has_not_hold(project: Project) -> None:
    key = "spark.sql.autoBroadcastJoinThreshold"

    def why(number: int, origin: str, **asked: Any) -> str:
        settings = [{"key": key, "value": "7m", "origin": origin}]
        folder = Store(runs_root(project.environ)).folder(ran(project, number, plan={"settings": settings}))
        trace = traced(skewed(), 6)
        keep(folder, replace(trace, conf={**(trace.conf or {}), key: "7m"}))
        told = project.plan("etl.py", objective=TENTH, **asked).history
        assert told is not None
        return "" if told.decision == "change" else told.why

    assert why(1, "flag") == f"20260101T000000Z-etl-00000001 had {key}=7m, which this plan has not"
    assert why(2, "flag", confs=[f"{key}=7m"]) == ""
    # What a plan computes follows the input: that is another matter.
    assert why(3, "computed") == ""


def with_partitions(
    project: Project, number: int, value: str, origin: str, model: Any, count: int = 6
) -> str:
    """A run whose partitions came from somebody, or from history."""
    key = "spark.sql.shuffle.partitions"
    plan = {"settings": [{"key": key, "value": value, "origin": origin}]}
    run_id = ran(project, number, plan=plan)
    trace = traced(model, count, **{key: value})
    keep(
        Store(runs_root(project.environ)).folder(run_id),
        replace(trace, conf={**(trace.conf or {}), key: value}),
    )
    return run_id


def test_what_somebody_tried_once_changes_nothing_of_the_next_plan(project: Project) -> None:
    """Another layout is for `tune` to compare and for people to take: the plan goes on with its own."""
    key = "spark.sql.shuffle.partitions"
    chosen = {"spark.dynamicAllocation.enabled": "false", INSTANCES: "2"}
    settings = [{"key": key, "value": value, "origin": "history"} for key, value in chosen.items()]
    ran(project, 1, model=narrow(), count=2, plan={"settings": settings})
    before = project.plan("etl.py", objective=TENTH)
    with_partitions(project, 2, "480", "flag", wide(tasks=480, ms=500))
    after = project.plan("etl.py", objective=TENTH)
    assert (sized(after), after.value(key)) == (sized(before), before.value(key))
    assert sized(after) == chosen
    assert after.history is not None
    assert after.history.evidence == ("20260101T000000Z-etl-00000001",)


def test_partitions_in_other_words_are_the_same(project: Project) -> None:
    key = "spark.sql.files.maxPartitionBytes"
    settings = [{"key": key, "value": "134217728", "origin": "flag"}]
    folder = Store(runs_root(project.environ)).folder(ran(project, plan={"settings": settings}))
    trace = traced(skewed(), 6)
    keep(folder, replace(trace, conf={**(trace.conf or {}), key: "134217728"}))
    assert sized(project.plan("etl.py", objective=TENTH, confs=[f"{key}=128m"]))


@pytest.mark.parametrize(
    "other",
    [
        {"content": "another script"}, {"content": None}, {"target": "elsewhere"},
        {"state": State.CANCELLED},
    ],
)  # fmt: skip
def test_other_runs_tell_nothing(project: Project, other: dict[str, Any]) -> None:
    ran(project, **other)
    assert project.plan("etl.py").history is None


def test_a_log_that_is_gone_tells_nothing(project: Project) -> None:
    folder = Store(runs_root(project.environ)).folder(ran(project))
    folder.trace.unlink()
    assert project.plan("etl.py").history is None
    folder.trace.write_bytes(b"damaged")
    assert project.plan("etl.py").history is None


def test_the_same_script_in_another_folder_is_the_same_job(project: Project) -> None:
    """Each release has a folder of its own."""
    ran(project, script="/srv/releases/7/etl.py")
    assert sized(project.plan("etl.py", objective=TENTH))


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("spark.executor.extraJavaOptions", "-XX:+UseG1GC", "--add-opens=a -XX:+UseG1GC"),
        ("spark.jars", "/srv/a.jar", "file:///srv/a.jar"),
        ("spark.hadoop.fs.s3a.secret.key", "abc", "*********(redacted)"),
    ],
)
def test_settings_that_spark_tells_in_other_words_are_the_same(
    project: Project, key: str, value: str, told: str
) -> None:
    """Its log has options of its own before ours, addresses, and no secrets."""
    planned = project.plan("etl.py", confs=[f"{key}={value}"])
    plan = {"settings": [{"key": key, "value": masked(key, planned.value(key) or ""), "origin": "flag"}]}
    kept(project, ran(project, plan=plan), traced(skewed(), 6), **{key: told})
    assert sized(project.plan("etl.py", objective=TENTH, confs=[f"{key}={value}"]))


def test_a_trial_takes_nothing_from_what_earlier_runs_chose(project: Project) -> None:
    ran(project, 1, model=narrow(), count=2, plan=of_history(2))
    before = sized(project.plan("etl.py"))
    key = "spark.sql.autoBroadcastJoinThreshold"
    run_id = ran(project, 2, model=narrow(), count=2, plan=by("flag", **{key: "7m"}))
    kept(project, run_id, traced(narrow(), 2), **{key: "7m"})
    after = project.plan("etl.py")
    assert sized(after) == before == {"spark.dynamicAllocation.enabled": "false", INSTANCES: "2"}


def test_what_a_profile_set_then_and_does_not_now_is_another_setting(project: Project) -> None:
    key = "spark.io.compression.codec"
    kept(project, ran(project, plan=by("profile", **{key: "zstd"})), traced(skewed(), 6), **{key: "zstd"})
    told = project.plan("etl.py", objective=TENTH).history
    assert told is not None
    assert told.why == f"20260101T000000Z-etl-00000001 had {key}=zstd, which this plan has not"


def test_a_run_on_gpus_tells_nothing_of_one_without(project: Project) -> None:
    trace = traced(skewed(), 6)
    with_gpus = replace(trace, executors=tuple(replace(one, gpus=1) for one in trace.executors))
    kept(project, ran(project), with_gpus, spark__plugins="com.nvidia.spark.SQLPlugin")
    told = project.plan("etl.py", objective=TENTH).history
    assert told is not None
    assert told.why == "20260101T000000Z-etl-00000001 had GPUs, this plan has no GPUs"


def test_a_size_does_not_stay_for_far_more_input(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", SIX.replace("count: 6", "count: 60"))
    ran(project, model=wide(tasks=480), count=2, plan=of_history(2), input_bytes=1 << 30)
    assert project.plan("etl.py", input_bytes=1 << 30).executors.max == 2
    far = project.plan("etl.py", input_bytes=100 << 30)
    own = project.plan("etl.py", input_bytes=100 << 30, history=False)
    assert (far.executors.max, sized(far)) == (own.executors.max, {})


def test_partitions_stay_as_those_that_the_evidence_was_cut_by(project: Project) -> None:
    key = "spark.sql.shuffle.partitions"
    profile = SIX.replace("count: 6, cores: 1, memory: 2g", "count: 40, cores: 5, memory: 20g")
    project.write("conf/clusters/mine.yaml", profile)
    own = project.plan("etl.py")
    trace = traced(wide(tasks=4800), 10, slots=own.executors.cores)
    kept(project, ran(project, plan=of_history(10)), trace, **{key: own.value(key)})
    plan = project.plan("etl.py")
    assert (own.executors.max, plan.executors.max) == (40, 10)
    assert int(own.value(key) or 0) > 200
    assert plan.value(key) == own.value(key)
    assert setting(plan, key).origin is Origin.HISTORY


def test_many_trials_take_nothing_either_nor_those_that_left_no_log(project: Project) -> None:
    ran(project, 1, model=narrow(), count=2, plan=of_history(2))
    before = sized(project.plan("etl.py"))
    key = "spark.sql.autoBroadcastJoinThreshold"
    for number in range(2, 8):
        run_id = ran(project, number, model=narrow(), count=2, plan=by("flag", **{key: "7m"}))
        kept(project, run_id, traced(narrow(), 2), **{key: "7m"})
    lost = ran(project, 8, plan=by("flag", **{INSTANCES: "5"}))
    Store(runs_root(project.environ)).folder(lost).trace.unlink()
    assert sized(project.plan("etl.py")) == before


def test_a_tag_of_a_deployment_is_no_other_setting(project: Project) -> None:
    key = "spark.yarn.tags"
    ran(project, 1, model=narrow(), count=2, plan={**of_history(2), "extra": None})
    before = sized(project.plan("etl.py"))
    project.write("conf/clusters/mine.yaml", SIX + f"conf: {{{key}: b}}\n")
    assert sized(project.plan("etl.py")) == before
