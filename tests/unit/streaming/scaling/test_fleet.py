"""What is said to Spark, in which order; a context that remembers stands for Spark's own."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sparkjobs.streaming.scaling.fleet import SparkFleet


class Context:
    """Executors with the arithmetic of ``CoarseGrainedSchedulerBackend``."""

    def __init__(self, running: dict[str, int]) -> None:
        self.tasks = running
        self.total: int | None = None
        self.said: list[Any] = []
        self.kept: list[Any] = []

    def getExecutorIds(self) -> list[str]:
        return list(self.tasks)

    def requestTotalExecutors(self, number: int, local: int, hosts: Any) -> bool:
        self.total = number
        self.said.append(number)
        return True

    def killExecutors(self, names: list[str]) -> bool:
        # With adjustTargetNumExecutors: those that are ended are no longer asked for.
        assert self.total is not None
        self.total -= len(names)
        self.said.append(names)
        self.tasks = {name: tasks for name, tasks in self.tasks.items() if name not in names}
        return True

    def statusStore(self) -> Any:
        return SimpleNamespace(executorList=lambda active_only: [] if active_only else self.kept)

    def taskScheduler(self) -> Any:
        return SimpleNamespace(runningTasksByExecutors=lambda: {n: t for n, t in self.tasks.items() if t})


def fleet(context: Context, clock: Callable[[], float] = lambda: 0.0) -> SparkFleet:
    """A fleet whose JVM hands collections on as they are."""
    empty = SimpleNamespace(empty=dict)
    module = SimpleNamespace(__getattr__=lambda _: empty)
    scala = SimpleNamespace(
        collection=SimpleNamespace(immutable=SimpleNamespace(**{"Map$": module})),
        jdk=SimpleNamespace(
            javaapi=SimpleNamespace(CollectionConverters=SimpleNamespace(asJava=lambda found: found))
        ),
    )
    jvm = SimpleNamespace(scala=scala, PythonUtils=SimpleNamespace(toSeq=lambda found: found))
    java = SimpleNamespace(sc=lambda: context)
    spark = SimpleNamespace(sparkContext=SimpleNamespace(_jvm=jvm, _jsc=java))
    return SparkFleet(spark, clock)  # type: ignore[arg-type]


def test_the_youngest_idle_ones_are_ended_and_the_number_asked_for_is_said_again() -> None:
    context = Context({"2": 0, "10": 0, "9": 1, "0": 0})
    fleet(context).release(2)
    assert context.said == [4, ["10", "2"], 2]
    assert (context.total, sorted(context.tasks)) == (2, ["0", "9"])


def test_who_works_is_not_ended() -> None:
    context = Context({"0": 1, "1": 2, "2": 0})
    fleet(context).release(1)
    assert context.said == [3, ["2"], 1]
    assert sorted(context.tasks) == ["0", "1"]


def test_those_that_still_start_are_given_up_before_anybody_is_ended() -> None:
    context = Context({"0": 0})
    fleet(context).release(2)
    assert context.said == [2, 2]


def test_more_are_asked_for_in_all() -> None:
    context = Context({"0": 0})
    fleet(context).ask(5)
    assert (context.total, fleet(context).alive()) == (5, 1)


def test_a_manager_that_does_not_answer_is_told(caplog: pytest.LogCaptureFixture) -> None:
    context = Context({"0": 0})
    context.requestTotalExecutors = lambda *_: False  # type: ignore[method-assign]
    fleet(context).ask(5)
    assert "did not take the request for 5 executors" in caplog.text


def kept(name: str, task_ms: int, slots: int) -> Any:
    """An executor as the status store keeps it."""
    return SimpleNamespace(id=lambda: name, totalDuration=lambda: task_ms, maxTasks=lambda: slots)


def test_work_is_that_of_executors_with_all_their_slots_those_that_are_gone_too() -> None:
    context = Context({"0": 0})
    assert fleet(context).worked() == 0.0
    context.kept = [kept("driver", 9000, 0), kept("0", 6000, 2), kept("1", 1000, 1), kept("2", 0, 0)]
    assert fleet(context).worked() == 4.0


class Slow(Context):
    """Executors whose end is told later: until then they are listed as ever."""

    def killExecutors(self, names: list[str]) -> bool:
        before = dict(self.tasks)
        done = super().killExecutors(names)
        self.tasks = before
        return done


def test_who_is_being_ended_is_not_asked_for_again() -> None:
    # Seen: five were asked for while one of five was being ended, and a master started another one.
    now = [0.0]
    context = Slow({"0": 0, "1": 0, "2": 0})
    fleet_ = fleet(context, lambda: now[0])
    fleet_.release(2)
    assert context.said == [3, ["2"], 2]
    context.said.clear()
    assert fleet_.alive() == 2
    fleet_.release(2)
    assert context.said == [2, 2]
    # It is there still, long after: it was not ended.
    now[0] = 100.0
    assert fleet_.alive() == 3
    fleet_.release(2)
    assert context.said[2:] == [3, ["2"], 2]


def test_who_was_not_ended_is_alive(caplog: pytest.LogCaptureFixture) -> None:
    context = Context({"0": 0, "1": 0})
    context.killExecutors = lambda _: False  # type: ignore[method-assign]
    fleet_ = fleet(context)
    fleet_.release(1)
    assert "did not end the executors 1" in caplog.text
    assert fleet_.alive() == 2
