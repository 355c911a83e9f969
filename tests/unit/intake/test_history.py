"""What earlier runs of the same job say about the size of its next plan, and who stands above them."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.advice.allocation.allocation_settings import INSTANCES, MOST
from launcher.host.java.choose_java import Java
from launcher.intake.both_targets import verdict
from launcher.places import places
from launcher.planning.make import make_plan
from launcher.records.forecast import Forecast
from launcher.records.record import State
from launcher.runs.begin import ready
from launcher.spec.objective import Objective, min_cost
from sparkjobs.errors import UsageError
from tests.unit.advice.tuning.made_runs import narrow, wide
from tests.unit.intake.asking import Project, setting
from tests.unit.intake.runs_before import (
    SCRIPT,
    SIX,
    TENTH,
    ran,
    sized,
)


@pytest.fixture
def project(project: Project) -> Project:
    project.write("conf/clusters/mine.yaml", SIX)
    project.write("etl.py", SCRIPT)
    return project


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


def test_a_failed_run_is_no_evidence(project: Project) -> None:
    ran(project, state=State.FAILED)
    plan = project.plan("etl.py", objective=TENTH)
    assert sized(plan) == {}
    assert plan.history is not None
    assert "did not succeed" in plan.history.why


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


def test_a_damaged_cache_of_contention_stops_no_plan(project: Project) -> None:
    ran(project)
    file = places(project.environ).state / "contention.json"
    file.write_text("{")
    assert sized(project.plan("etl.py", objective=TENTH))


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
