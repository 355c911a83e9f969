"""What earlier runs of the same job say about its next plan, and who stands above them."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from launcher.advice.tuning.sizing import INSTANCES, KEYS, MOST
from launcher.host.java.choose_java import Java
from launcher.intake.both_targets import verdict
from launcher.places import places
from launcher.planning.make import make_plan
from launcher.planning.result import Plan
from launcher.records.forecast import Forecast
from launcher.records.history.kept_files import keep
from launcher.records.history.trace import Peaks
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root
from launcher.runs.begin import ready
from launcher.spec.layer import Origin
from launcher.spec.objective import Objective, max_slowdown, min_cost
from launcher.spec.units import size_mib
from sparkjobs.errors import UsageError
from tests.unit.advice.tuning.made_runs import narrow, skewed, traced, wide
from tests.unit.intake.asking import Project, setting

SCRIPT = "print()"
SIX = """manager: standalone
address: spark://host:7077
nodes: {count: 6, cores: 1, memory: 2g}
"""
TENTH = max_slowdown("10%", "--max-slowdown")


@pytest.fixture
def project(project: Project) -> Project:
    project.write("conf/clusters/mine.yaml", SIX)
    project.write("etl.py", SCRIPT)
    return project


def ran(
    project: Project, number: int = 1, model: Any = None, count: int = 6, job: str = "etl", **given: Any
) -> str:
    """A run of ``etl.py`` that ended, with what is kept of its log; its id."""
    run_id = f"2026010{number}T000000Z-{job}-0000000{number}"
    folder = Store(runs_root(project.environ)).folder(run_id)
    script = str(project.folder / "etl.py")
    record = Record(
        **{
            "run_id": run_id, "job": job, "target": "mine", "manager": "standalone",
            "state": State.SUCCEEDED, "host": "h", "log": str(folder.log), "script": script,
            "content": sha256(SCRIPT.encode()).hexdigest(), **given,
        }
    )  # fmt: skip
    folder.create(record)
    assert keep(folder, traced(model or skewed(), count)) is None
    return run_id


def sized(plan: Plan, origin: Origin = Origin.HISTORY) -> dict[str, str]:
    return {one.key: one.value for one in plan.settings if one.key in KEYS and one.origin is origin}


def test_the_first_run_of_a_job_is_planned_as_ever(project: Project) -> None:
    assert project.plan("etl.py").history is None


def test_the_next_one_takes_the_size_that_costs_least_and_says_from_which_run(project: Project) -> None:
    run_id = ran(project)
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.history is not None
    assert (plan.history.decision, plan.history.evidence) == ("change", (run_id,))
    assert plan.executors.max == 2
    reason = setting(plan, MOST).reason
    assert reason.startswith(f"{run_id}: 1 to 2 executors")
    assert "instead of 1 to 6 executors" in reason
    assert "--max-slowdown allows 10 %" in reason


def test_no_history_leaves_it_out(project: Project) -> None:
    ran(project)
    plan = project.plan("etl.py", objective=TENTH, history=False)
    assert (plan.history, sized(plan)) == (None, {})


def test_a_flag_stands_above_and_the_plan_says_so(project: Project) -> None:
    ran(project)
    plan = project.plan("etl.py", objective=TENTH, flags={"num_executors": "5"})
    assert plan.executors.max == 5
    assert sized(plan) == {}
    assert plan.history is not None
    assert plan.history.decision == "hold"
    assert plan.history.why.startswith("--num-executors sets spark.executor.instances")


def test_so_does_what_the_profile_enforces(project: Project) -> None:
    ran(project)
    project.write("conf/clusters/mine.yaml", SIX + "enforced: {spark.dynamicAllocation.maxExecutors: '5'}\n")
    plan = project.plan("etl.py", objective=TENTH)
    assert sized(plan) == {}
    assert plan.history is not None
    assert "the profile enforces spark.dynamicAllocation.maxExecutors" in plan.history.why


def test_limits_bound_it(project: Project) -> None:
    ran(project, model=wide(tasks=480), count=3)
    project.write("conf/clusters/mine.yaml", SIX + "limits: {max_executors: 4}\n")
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.executors.max == 4


@pytest.mark.parametrize(
    "other",
    [
        {"content": "another script"}, {"content": None}, {"target": "elsewhere"},
        {"script": "/srv/etl.py"}, {"state": State.CANCELLED},
    ],
)  # fmt: skip
def test_other_runs_tell_nothing(project: Project, other: dict[str, Any]) -> None:
    ran(project, **other)
    assert project.plan("etl.py").history is None


def test_a_failed_run_is_no_evidence(project: Project) -> None:
    ran(project, state=State.FAILED)
    plan = project.plan("etl.py", objective=TENTH)
    assert sized(plan) == {}
    assert plan.history is not None
    assert "did not succeed" in plan.history.why


def test_a_log_that_is_gone_tells_nothing(project: Project) -> None:
    folder = Store(runs_root(project.environ)).folder(ran(project))
    folder.trace.unlink()
    assert project.plan("etl.py").history is None
    folder.trace.write_bytes(b"damaged")
    assert project.plan("etl.py").history is None


def test_what_history_chose_stays_while_it_holds(project: Project) -> None:
    chosen = {"spark.dynamicAllocation.enabled": "false", INSTANCES: "2"}
    settings = [{"key": key, "value": value, "origin": "history"} for key, value in chosen.items()]
    ran(project, model=narrow(), count=2, plan={"settings": settings})
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.history is not None
    assert plan.history.decision == "hold"
    assert sized(plan) == chosen


def test_what_history_chose_goes_where_there_is_no_room_for_it_any_more(project: Project) -> None:
    chosen = {"spark.dynamicAllocation.enabled": "false", INSTANCES: "6"}
    settings = [{"key": key, "value": value, "origin": "history"} for key, value in chosen.items()]
    ran(project, model=wide(tasks=480), plan={"settings": settings})
    project.write("conf/clusters/mine.yaml", SIX + "limits: {max_executors: 4}\n")
    assert project.plan("etl.py", objective=TENTH).executors.max == 4


def test_executors_of_other_cores_tell_nothing(project: Project) -> None:
    ran(project)
    project.write("conf/clusters/mine.yaml", SIX.replace("cores: 1, memory: 2g", "cores: 4, memory: 8g"))
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.history is not None
    assert plan.history.why == "earlier runs had 1 core an executor, this plan has 3 cores an executor"


def forecast(seconds: float) -> Forecast:
    return Forecast(seconds, seconds * 0.9, seconds * 1.1, 1.0, 1.0, "2 executors", "change", "why")


def test_predictions_that_missed_thrice_are_not_believed(project: Project) -> None:
    for number in (1, 2, 3):
        ran(project, number, forecast=forecast(500.0))
    plan = project.plan("etl.py", objective=TENTH)
    assert plan.history is not None
    assert plan.history.decision == "hold"
    assert "outside their bands" in plan.history.why
    ran(project, 4, forecast=forecast(60.0))
    believed = project.plan("etl.py", objective=TENTH).history
    assert believed is not None
    assert believed.decision == "change"


def test_a_job_file_has_an_objective_and_a_flag_goes_before_it(project: Project) -> None:
    ran(project, model=wide(tasks=480), job="n")
    project.write("conf/jobs/n.yaml", "script: etl.py\nobjective: {deadline: 20s}\n")
    plan = project.plan("n")
    late = plan.history
    assert late is not None
    assert late.decision == "impossible"
    told = next(finding for finding in plan.findings if finding.id == "objective-impossible")
    assert (told.severity, told.message) == ("warning", late.why)
    cheap = project.plan("n", objective=min_cost("--min-cost")).history
    assert cheap is not None
    assert cheap.decision != "impossible"


def test_a_run_warns_of_an_objective_that_no_size_meets(project: Project) -> None:
    ran(project, model=wide(tasks=480), job="n")
    project.write("conf/jobs/n.yaml", "script: etl.py\nobjective: {deadline: 20s}\n")
    java = Java(project.folder, "17.0.15", "JAVA_HOME")
    prepared = ready(project.intake("n"), project.environ, java)
    assert any(warning.startswith("objective-impossible: ") for warning in prepared.warnings)
    kept = ready(project.intake("n", objective=min_cost("--min-cost")), project.environ, java)
    assert not any("objective" in warning for warning in kept.warnings)


def test_flags_of_python_are_those_of_the_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import launcher

    ran(project)
    monkeypatch.chdir(project.folder)
    for name, value in project.environ.items():
        monkeypatch.setenv(name, value)
    plan = launcher.plan("etl.py", target="mine", max_slowdown="10%")
    assert plan.executors.max == 2
    assert launcher.plan("etl.py", target="mine", max_slowdown="10%", history=False).history is None
    with pytest.raises(UsageError, match="different objectives"):
        launcher.plan("etl.py", target="mine", max_slowdown="10%", min_cost=True)
    with pytest.raises(UsageError, match="history=1 is neither True nor False"):
        launcher.plan("etl.py", target="mine", history=1)  # type: ignore[arg-type]


def test_two_targets_are_held_against_each_other_by_their_runs(project: Project) -> None:
    price = "price: {core_hour: 1}\n"
    project.write("conf/clusters/mine.yaml", SIX + price)
    project.write("conf/clusters/other.yaml", SIX + price)

    def told() -> Any:
        sides = [project.intake("etl.py", target=target) for target in ("mine", "other")]
        one, other = ((intake, make_plan(intake.request)) for intake in sides)
        return verdict(one, other, project.environ)

    assert told() is None
    ran(project, 1, count=6)
    assert (told().faster, "no run of this job on other is known" in told().why) == (None, True)
    ran(project, 2, count=2, target="other")
    assert (told().faster, told().cheaper) == (None, "other")


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


def test_a_damaged_cache_of_contention_stops_no_plan(project: Project) -> None:
    ran(project)
    file = places(project.environ).state / "contention.json"
    file.write_text("{")
    assert sized(project.plan("etl.py", objective=TENTH))


def test_memory_is_given_back_where_the_plan_would_take_as_much(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", SIX.replace("memory: 2g", "memory: 16g"))
    heap = "spark.executor.memory"
    planned = project.plan("etl.py").value(heap)
    assert planned is not None
    folder = Store(runs_root(project.environ)).folder(ran(project, model=wide(tasks=480)))
    trace = traced(wide(tasks=480), 6)
    peaks = {one.id: Peaks(heap=1 << 33, unified=1 << 27) for one in trace.executors}

    def with_heap(text: str) -> Plan:
        keep(folder, replace(trace, conf={**(trace.conf or {}), heap: text}, peaks=peaks))
        return project.plan("etl.py")

    same = with_heap(planned)
    assert setting(same, heap).origin is Origin.HISTORY
    assert size_mib(same.value(heap) or "") < size_mib(planned)
    assert "one step of 25% at a time" in setting(same, heap).reason
    # The plan takes less than the run had: nothing of the run's is given back.
    assert with_heap("15g").value(heap) == planned


def test_memory_goes_down_step_by_step_and_back_where_less_made_it_spill(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", SIX.replace("memory: 2g", "memory: 16g"))
    heap = "spark.executor.memory"
    trace = traced(wide(tasks=480), 6)
    peaks = {one.id: Peaks(heap=1 << 33, unified=1 << 27) for one in trace.executors}

    def after(number: int, had: str, spills: int = 0, **given: Any) -> str | None:
        """The heap of the plan after a run that had this one from history."""
        settings = [{"key": heap, "value": had, "origin": "history"}]
        run_id = ran(project, number, plan={"settings": settings}, **given)
        folder = Store(runs_root(project.environ)).folder(run_id)
        trace.stages[0].tasks.spilled_bytes[0] = spills
        keep(folder, replace(trace, conf={**(trace.conf or {}), heap: had}, peaks=peaks))
        return project.plan("etl.py").value(heap)

    assert after(1, "4g") == "3g"
    assert after(2, "3g") == "2304m"
    # It ended badly, whatever its log says of why: no evidence that less would do.
    assert after(3, "2304m", state=State.FAILED) == "3g"
    assert after(4, "2304m", spills=1 << 30) == "3g"


def test_a_smaller_heap_takes_nothing_from_what_is_beside_it(project: Project) -> None:
    (project.folder / "hadoop").mkdir()
    project.write(
        "conf/clusters/mine.yaml",
        "manager: yarn\nyarn: {hadoop_conf_dir: hadoop}\nnodes: {count: 6, cores: 1, memory: 16g}\n",
    )
    heap, beside = "spark.executor.memory", "spark.executor.memoryOverhead"
    plan = project.plan("etl.py")
    assert plan.executors.cores == 1
    folder = Store(runs_root(project.environ)).folder(ran(project))
    trace = traced(wide(tasks=480), 6)
    had = {key: plan.value(key) or "" for key in (heap, beside)}
    peaks = {one.id: Peaks(heap=1 << 33, unified=1 << 27) for one in trace.executors}
    keep(folder, replace(trace, conf={**(trace.conf or {}), **had}, peaks=peaks))
    smaller = project.plan("etl.py")
    assert size_mib(smaller.value(heap) or "") < size_mib(had[heap])
    assert smaller.value(beside) == had[beside]


def test_an_objective_that_no_size_meets_leaves_the_plan_and_its_prediction_as_they_are(
    project: Project,
) -> None:
    ran(project, model=wide(tasks=480))
    asked, plain = (
        project.plan("etl.py", objective=one) for one in (Objective("deadline", 30.0, "--deadline"), None)
    )
    assert (asked.history is not None, plain.history is not None) == (True, True)
    assert asked.history.decision == "impossible"
    assert (sized(asked), asked.executors) == (sized(plain), plain.executors)
    assert (asked.history.size, asked.history.seconds) == (plain.history.size, plain.history.seconds)


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


def test_who_asks_for_an_objective_hears_that_nothing_was_chosen_by_it(project: Project) -> None:
    project.write("conf/clusters/here.yaml", "manager: local\n")
    for target, why in (
        ("mine", "no earlier run of etl on mine is known"),
        ("here", "here has no executors"),
    ):
        told = project.plan("etl.py", objective=TENTH, target=target).history
        assert told is not None
        assert (told.decision, told.seconds) == ("hold", None)
        assert told.why.startswith(f"--max-slowdown (at most 10 % slower): {why}")
    project.write("conf/jobs/n.yaml", "script: etl.py\nobjective: min_cost\n")
    by_file = project.plan("n").history
    assert by_file is not None
    assert by_file.why.startswith("conf/jobs/n.yaml:2 (the least cost): no earlier run of n on mine")


def test_cores_of_the_whole_application_say_how_many_executors_there_are(project: Project) -> None:
    ran(project)
    told = project.plan("etl.py", objective=TENTH, confs=["spark.cores.max=6"]).history
    assert told is not None
    assert told.why == "--conf sets spark.cores.max, which stands above what earlier runs tell"


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


def test_memory_that_fitted_other_cores_is_not_taken(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", SIX.replace("cores: 1, memory: 2g", "cores: 6, memory: 24g"))
    heap, cores = "spark.executor.memory", "spark.executor.cores"
    two = project.plan("etl.py", flags={"executor_cores": "2"}).value(heap)
    settings = [
        {"key": cores, "value": "5", "origin": "computed"}, {"key": heap, "value": "3g", "origin": "history"},
    ]  # fmt: skip
    ran(project, plan={"settings": settings})
    assert project.plan("etl.py", flags={"executor_cores": "5"}).value(heap) == "3g"
    assert project.plan("etl.py", flags={"executor_cores": "2"}).value(heap) == two
