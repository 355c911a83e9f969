"""What earlier runs of the same job say about the memory of its next plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launcher.planning.result import Plan
from launcher.records.history.kept_files import keep
from launcher.records.history.trace import Peaks
from launcher.records.record import Attempt, State
from launcher.records.store import Store, runs_root
from launcher.spec.layer import Origin
from launcher.spec.units import size_mib
from tests.unit.advice.tuning.made_runs import traced, wide
from tests.unit.intake.asking import Project, setting
from tests.unit.intake.runs_before import (
    FRUGAL,
    HEAP,
    LARGE,
    SCRIPT,
    SIX,
    by,
    kept,
    ran,
)


@pytest.fixture
def project(project: Project) -> Project:
    project.write("conf/clusters/mine.yaml", LARGE)
    project.write("etl.py", SCRIPT)
    return project


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


def test_what_the_profile_enforces_of_memory_stays(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", LARGE + "enforced: {spark.executor.memory: 4g}\n")
    run_id = ran(project, model=wide(tasks=480))
    kept(project, run_id, traced(wide(tasks=480), 6), FRUGAL, spark__executor__memory="4g")
    plan = project.plan("etl.py")
    assert plan.value(HEAP) == "4g"
    assert plan.history is not None
    assert plan.history.decision == "hold"


def test_no_heap_comes_back_that_a_limit_no_longer_allows(project: Project) -> None:
    project.write("conf/clusters/mine.yaml", LARGE + "limits: {max_executor_memory: 4g}\n")
    planned = project.plan("etl.py", history=False).value(HEAP)
    trace = traced(wide(tasks=480), 6)
    kept(project, ran(project, 1), trace, FRUGAL, spark__executor__memory="8g")
    trace.stages[0].tasks.spilled_bytes[0] = 1 << 30
    kept(project, ran(project, 2), trace, FRUGAL, spark__executor__memory=planned)
    assert project.plan("etl.py").value(HEAP) == planned


def test_what_does_not_fit_any_more_holds_instead_of_ending_the_plan(project: Project) -> None:
    """No limit says so, and the nodes have become smaller."""
    project.write("conf/clusters/mine.yaml", LARGE.replace("16g", "8g"))
    planned = project.plan("etl.py", history=False).value(HEAP)
    trace = traced(wide(tasks=480), 6)
    kept(project, ran(project, 1), trace, FRUGAL, spark__executor__memory="12g")
    trace.stages[0].tasks.spilled_bytes[0] = 1 << 30
    kept(project, ran(project, 2), trace, FRUGAL, spark__executor__memory=planned)
    plan = project.plan("etl.py")
    assert plan.value(HEAP) == planned
    assert plan.history is not None
    assert plan.history.why.startswith("what earlier runs tell does not fit: ")


def test_memory_that_somebody_sets_is_no_change(project: Project) -> None:
    run_id = ran(project, model=wide(tasks=480), plan=by("flag", spark__executor__memory="4g"))
    kept(project, run_id, traced(wide(tasks=480), 6), FRUGAL, spark__executor__memory="4g")
    plan = project.plan("etl.py", flags={"executor_memory": "4g"})
    assert plan.value(HEAP) == "4g"
    assert plan.history is not None
    assert plan.history.decision == "hold"


def test_input_that_grew_takes_what_it_needs_and_not_what_less_proved(project: Project) -> None:
    settings = by("history", spark__executor__memory="1200m")
    ran(project, plan=settings, input_bytes=1 << 30)

    def heap(gib: int, **given: Any) -> str | None:
        return project.plan("etl.py", input_bytes=gib << 30, **given).value(HEAP)

    assert heap(1) == "1200m"
    assert heap(100) == heap(100, history=False) != "1200m"


def test_memory_is_not_given_back_while_the_input_grows(project: Project) -> None:
    trace = traced(wide(tasks=480), 6)
    tasks = trace.stages[0].tasks
    tasks.read_rows[:] = type(tasks.read_rows)("q", [1000] * 480)
    planned = project.plan("etl.py", history=False).value(HEAP)
    kept(project, ran(project, input_bytes=1 << 30), trace, FRUGAL, spark__executor__memory=planned)
    assert project.plan("etl.py", input_bytes=1 << 30).value(HEAP) != planned
    grown = {"input_bytes": 3 << 30}
    assert project.plan("etl.py", **grown).value(HEAP) == project.plan(
        "etl.py", history=False, **grown
    ).value(HEAP)


@pytest.mark.parametrize("ended", ["failed", "spilled"])
def test_a_heap_of_the_profile_is_back_after_less_was_too_little(project: Project, ended: str) -> None:
    project.write("conf/clusters/mine.yaml", LARGE + "conf: {spark.executor.memory: 4g}\n")
    trace = traced(wide(tasks=480), 6)
    kept(project, ran(project, 1, plan=by("profile", spark__executor__memory="4g")), trace, FRUGAL,
         spark__executor__memory="4g")  # fmt: skip
    assert project.plan("etl.py").value(HEAP) == "3g"
    state = {"state": State.FAILED} if ended == "failed" else {}
    trace.stages[0].tasks.spilled_bytes[0] = 1 << 30 if ended == "spilled" else 0
    less = ran(project, 2, plan=by("history", spark__executor__memory="3g"), **state)
    kept(project, less, trace, FRUGAL, spark__executor__memory="3g")
    assert project.plan("etl.py").value(HEAP) == "4g"


def test_what_more_input_needed_once_is_not_forgotten_for_a_run_with_less(project: Project) -> None:
    attempts = (
        Attempt(number=1, changed=(HEAP, "4g", "8g")),
        Attempt(number=2),
    )
    ran(project, 1, attempts=attempts, input_bytes=10 << 30)
    ran(project, 2, plan=by("history", spark__executor__memory="6g"), input_bytes=1 << 30)
    assert project.plan("etl.py", input_bytes=10 << 30).value(HEAP) == "8g"
    assert project.plan("etl.py", input_bytes=1 << 30).value(HEAP) == "6g"
