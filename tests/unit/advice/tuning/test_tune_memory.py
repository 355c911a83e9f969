"""Memory: given back step by step, and never what a run needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.advice.allocation.allocation_settings import INSTANCES
from launcher.advice.tuning.advise import tune
from launcher.advice.tuning.candidates import Room
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.sizing import Sizing
from launcher.records.history.facts.memory_ends import ran_out_of_memory
from launcher.records.history.trace import Ended, Peaks
from launcher.spec.objective import Objective
from tests.unit.advice.tuning.made_runs import narrow, past, past_of, settings, traced, wide, with_trace

ROOM = Room(100, "a hundred")
FIXED = Room(100, "a hundred", dynamic=False)
TENTH = Objective("max_slowdown", 0.10, "--max-slowdown")
GIB = 1 << 30


def peaked(found: Past, unified: int, python: int | None = None, jvm: int | None = None, **conf: str) -> Past:
    one = Peaks(heap=3 * GIB, unified=unified, storage=0, python_rss=python, jvm_rss=jvm)
    given = {f"spark.{key.replace('_', '.')}": value for key, value in conf.items()}
    found = with_trace(found, conf={**(found.basis.trace.conf or {}), **given})
    return with_trace(found, peaks={executor.id: one for executor in found.basis.trace.executors})


def beside(found: Past) -> str | None:
    return settings(tune([found], ROOM)).get("spark.executor.memoryOverhead")


def test_memory_shrinks_one_step_and_not_below_the_peak() -> None:
    advice = tune([peaked(past(wide(tasks=480)), unified=GIB // 8)], ROOM)
    assert settings(advice) == {"spark.executor.memory": "3g"}
    need = tune([peaked(past(wide(tasks=480)), unified=2 * GIB)], ROOM)
    assert need.changes == ()


def test_memory_beside_the_heap_keeps_the_part_of_the_jvm_and_pythons_peak() -> None:
    def found(python: int, jvm: int | None = None) -> Past:
        return peaked(past(wide(tasks=480)), 2 * GIB, python, jvm, executor_memoryOverhead="4g")

    assert beside(found(GIB)) == "3g"  # one step
    # 2.2 GiB and a quarter, and 409 MiB of the JVM: a tenth of its heap of 4 GiB
    assert beside(found(2253 << 20)) == "3226m"
    # a JVM that was seen 1 GiB above its heap
    assert beside(found(2048 << 20, 5 * GIB)) == "3584m"
    assert beside(found(3 * GIB)) is None


@pytest.mark.parametrize(
    ("master", "more", "kept"),
    [
        ("yarn", {}, "409m"), ("k8s://https://host", {}, "1638m"),
        ("yarn", {"executor_memoryOverheadFactor": "0.25"}, "1g"), ("spark://m", {}, None),
    ],
)  # fmt: skip
def test_a_smaller_heap_leaves_what_is_beside_it(master: str, more: dict[str, str], kept: str | None) -> None:
    found = peaked(past(wide(tasks=480)), GIB // 8, master=master, **more)
    assert settings(tune([found], ROOM))["spark.executor.memory"] == "3g"
    assert beside(found) == kept


def test_memory_stays_where_nobody_measured_or_where_a_run_spilled_or_died() -> None:
    good = peaked(past(wide(tasks=480)), unified=GIB // 8)
    assert tune([past(wide(tasks=480))], ROOM).changes == ()
    trace = traced(wide(tasks=480), 6)
    trace.stages[0].tasks.spilled_bytes[0] = 1
    assert tune([good, past_of(trace, "r0")], ROOM).changes == ()
    dead = [
        replace(one, reason="java.lang.OutOfMemoryError: Java heap space")
        for one in good.basis.trace.executors
    ]
    died = replace(with_trace(past(wide(tasks=480)), executors=tuple(dead)), succeeded=False)
    assert tune([good, died], ROOM).changes == ()


@pytest.mark.parametrize(
    ("reason", "out"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", True),
        ("Command exited with code 52", True),
        ("Container killed by YARN for exceeding physical memory limits. 2.1 GB of 2 GB used", True),
        ("Container from a bad node. Exit status: 52", True),
        ("The executor was OOMKilled", True),
        ("org.apache.spark.api.python.PythonException: MemoryError", True),
        ("io.netty.util.internal.OutOfDirectMemoryError: failed to allocate 16777216 byte(s)", True),
        ("com.nvidia.spark.rapids.jni.GpuRetryOOM: injected", True),
        ("Command exited with code 137", False),
        ("Container preempted by scheduler. Exit status: 143", False),
        ("zoom level of room_id 5200", False),
        ("Executor killed by driver.", False),
    ],
)
def test_want_of_memory_is_told_from_other_ends(reason: str, out: bool) -> None:
    good = peaked(past(wide(tasks=480)), unified=GIB // 8)
    first, *others = good.basis.trace.executors
    found = with_trace(good, executors=(replace(first, reason=reason), *others))
    assert ran_out_of_memory(found.basis.trace) is out
    kept = out or "code 137" in reason
    assert (tune([found], Room(6, "six")).changes == ()) is kept


def starved(count: int, name: str, how: str) -> Past:
    """A run of ``narrow`` that wanted more memory."""
    trace = traced(narrow(), count)
    if how == "spilled":
        trace.stages[0].tasks.spilled_bytes[0] = GIB
        return past_of(trace, name)
    if how == "lost":
        trace.stages[0].tasks.ended[0] = int(Ended.LOST)
        return past_of(trace, name, succeeded=False)
    first, *others = trace.executors
    return past_of(replace(trace, executors=(replace(first, reason=how), *others)), name, succeeded=False)


@pytest.mark.parametrize("how", ["OOMKilled", "Command exited with code 137", "lost"])
def test_a_size_with_which_a_run_died_is_not_taken_again(how: str) -> None:
    died = starved(2, "r2", how)
    kept = tune([died, past(narrow(), 6)], FIXED, TENTH)
    assert kept.decision == "hold"
    assert kept.chosen is not None
    assert kept.chosen.sizing.most == 6
    for objective in (TENTH, None):
        back = tune([died, past(narrow(), 6)], FIXED, objective, today=Sizing(2))
        assert (back.decision, settings(back)[INSTANCES]) == ("change", "6")
        assert "with 2 executors: of fewer than 6 nobody knows" in back.why


def test_below_a_size_that_spilled_nothing_is_predicted() -> None:
    found = tune([past(narrow(), 6, "r2"), starved(4, "r1", "spilled")], FIXED, TENTH)
    assert found.chosen is not None
    assert found.chosen.sizing.most == 4  # as measured
    assert any(one.why.startswith("r1 spilled with 4 executors") for one in found.refused)


def test_what_an_older_run_needed_stays() -> None:
    newest = peaked(past(wide(tasks=480), name="r2"), unified=GIB // 8)
    older = peaked(past(wide(tasks=480), name="r1"), unified=2 * GIB)
    assert tune([newest, older], ROOM).changes == tune([older], ROOM).changes == ()


def test_memory_and_executors_do_not_become_less_at_once() -> None:
    """Fewer executors have more of the data each."""
    found = peaked(past(narrow()), unified=GIB // 8)
    fewer = tune([found], FIXED, TENTH)
    assert "spark.executor.memory" not in settings(fewer)
    assert settings(fewer)[INSTANCES] == "2"
    two = peaked(past(narrow(), 2), unified=GIB // 8)
    assert settings(tune([two], FIXED, TENTH)) == {"spark.executor.memory": "3g"}


def test_memory_stays_for_another_input() -> None:
    trace = traced(wide(tasks=480), 6)
    tasks = trace.stages[0].tasks
    tasks.read_rows[:] = type(tasks.read_rows)("q", [1000] * len(tasks))
    found = peaked(past_of(trace, listed_bytes=GIB), unified=GIB // 8)
    assert settings(tune([found], FIXED, input_bytes=GIB)) == {"spark.executor.memory": "3g"}
    assert tune([found], FIXED, input_bytes=2 * GIB).changes == ()


def test_memory_shrinks_where_the_number_of_executors_is_settled() -> None:
    found = peaked(past(wide(tasks=480)), unified=GIB // 8)
    settled = {"spark.dynamicAllocation.maxExecutors"}
    assert settings(tune([found], ROOM, settled=settled)) == {"spark.executor.memory": "3g"}


def test_what_goes_with_a_smaller_heap_does_not_go_without() -> None:
    found = peaked(past(wide(tasks=480)), GIB // 8, master="yarn")
    assert tune([found], ROOM, settled={"spark.executor.memory"}).changes == ()


def test_memory_that_a_profile_enforces_stays() -> None:
    found = peaked(past(wide(tasks=480)), unified=GIB // 8)
    assert tune([found], ROOM, settled={"spark.executor.memory"}).changes == ()


def test_a_size_that_lost_executors_for_want_of_memory_is_not_taken_though_the_run_ended_well() -> None:
    ended_well = replace(starved(2, "r1", "OOMKilled"), succeeded=True)
    cheapest = Objective("min_cost", None, "--min-cost")
    kept = tune([past(narrow(), 6, "r2"), ended_well], FIXED, cheapest)
    assert kept.chosen is not None
    assert kept.chosen.sizing.most == 6
    up = tune([ended_well, past(narrow(), 6, "r2")], FIXED)
    assert (up.decision, settings(up)[INSTANCES]) == ("change", "6")
