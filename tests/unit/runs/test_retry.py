"""Another attempt: only where it can help, with one setting changed, within bounds, and never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.record import Attempt, Explanation
from launcher.runs.bounds import Bounds, overhead_mib, setting_mib
from launcher.runs.explain.causes import BY_ID, CAUSES
from launcher.runs.retry import CORES, Change, Decision, RetryContext, decide, with_decision
from launcher.spec.cluster import DeployMode, Manager

ROOM = Bounds(16_384, "a node has 16384 MiB", 8192, "half of this machine")
HEAP, OVERHEAD, DRIVER = "spark.executor.memory", "spark.executor.memoryOverhead", "spark.driver.memory"
SETTINGS = {HEAP: "4g", OVERHEAD: "1g", CORES: "4", DRIVER: "2g"}


def after(cause: str, *attempts: Attempt, **given: object) -> Decision:
    """The decision after a failure of ``cause``."""
    context = {
        "manager": "yarn",
        "mode": "client",
        "settings": SETTINGS,
        "pinned": (),
        "bounds": ROOM,
        **given,
    }
    last = Attempt(len(attempts) + 1, exit_code=1, cause=cause)
    return decide((*attempts, last), Explanation(cause, "it failed"), RetryContext(**context))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("executor-heap", Change(HEAP, "4g", "6g")),
        ("executor-container-memory", Change(OVERHEAD, "1g", "2g")),
        ("driver-heap", Change(DRIVER, "2g", "3g")),
    ],
)
def test_too_little_memory_changes_the_setting_that_was_too_small(cause: str, change: Change) -> None:
    assert after(cause).change == change


def test_the_overhead_of_the_driver_grows_where_a_container_holds_it() -> None:
    decision = after("driver-container-memory", mode="cluster")
    assert decision.change == Change("spark.driver.memoryOverhead", None, "768m")
    assert not after("driver-container-memory").again


def test_in_local_mode_the_driver_is_the_executor() -> None:
    assert after("executor-heap", manager="local").change == Change(DRIVER, "2g", "3g")


def test_an_unset_setting_grows_from_sparks_default() -> None:
    assert after("driver-heap", settings={}).change == Change(DRIVER, None, "1536m")


def test_a_step_ends_at_the_bound() -> None:
    tight = Bounds(5632, "a node has 5632 MiB", 2304, "the limit")
    assert after("executor-heap", bounds=tight).change == Change(HEAP, "4g", "4608m")
    assert after("driver-heap", bounds=tight).change == Change(DRIVER, "2g", "2304m")


def test_without_room_fewer_cores_share_the_memory() -> None:
    full = Bounds(5120, "a node has 5120 MiB", 2048, "the limit")
    assert after("executor-heap", bounds=full).change == Change(CORES, "4", "2")
    assert after("executor-container-memory", bounds=full).change == Change(CORES, "4", "2")
    driver = after("driver-heap", bounds=full)
    assert (driver.again, driver.because) == (False, "spark.driver.memory of 2g cannot grow: the limit")


def test_what_somebody_pinned_is_never_changed() -> None:
    assert after("executor-heap", pinned=(HEAP,)).change == Change(CORES, "4", "2")
    both = after("executor-heap", pinned=(HEAP, CORES))
    assert not both.again
    assert both.because == "spark.executor.memory is pinned to 4g; spark.executor.cores is pinned to 4"


def test_an_executor_never_gets_fewer_cores_than_a_task_needs() -> None:
    settings = {**SETTINGS, "spark.task.cpus": "3"}
    assert not after("executor-heap", pinned=(HEAP,), settings=settings).again


def test_more_memory_is_tried_once() -> None:
    once = Attempt(1, 1, cause="executor-heap", changed=(HEAP, "4g", "6g"))
    decision = after("executor-heap", once)
    assert (decision.again, decision.because) == (False, "it was tried once with more memory already")


def test_a_passing_failure_is_tried_again_as_often_as_the_job_asks() -> None:
    first = Attempt(1, 1, cause="fetch-failed")
    assert not after("fetch-failed").again
    assert after("fetch-failed", retries=1) == Decision(True, "fetch-failed may pass by itself; retry 1 of 1")
    assert not after("fetch-failed", first, retries=1).again


def test_an_attempt_for_want_of_memory_costs_no_retry() -> None:
    more = Attempt(1, 1, cause="executor-heap", changed=(HEAP, "4g", "6g"))
    assert after("fetch-failed", more, retries=1).again


@pytest.mark.parametrize("cause", ["schema-mismatch", "script-syntax", "path-missing", "unknown"])
def test_what_another_attempt_cannot_mend_is_not_tried_again(cause: str) -> None:
    assert not after(cause, retries=5).again


@pytest.mark.parametrize(
    "cause", ["fetch-failed", "executor-lost", "master-unreachable", "delta-conflict", "s3-throttled"]
)
def test_what_passes_by_itself_is_tried_again(cause: str) -> None:
    assert after(cause, retries=1).again


def test_no_cause_is_both_a_matter_of_memory_and_of_patience() -> None:
    assert [cause.id for cause in CAUSES if cause.retry and cause.memory] == []


def test_the_explanation_says_why_there_is_no_attempt_with_more_memory() -> None:
    message = Explanation("executor-heap", "out of memory", "Raise it.")
    refused = after("executor-heap", pinned=(HEAP, CORES))
    assert with_decision(message, refused).hint == f"Raise it. Not tried again: {refused.because}."
    assert with_decision(message, after("executor-heap")) == message


mib = st.integers(256, 65_536)
settings = st.fixed_dictionaries(
    {},
    optional={
        HEAP: mib.map("{}m".format),
        OVERHEAD: mib.map("{}m".format),
        DRIVER: mib.map("{}m".format),
        "spark.driver.memoryOverhead": mib.map("{}m".format),
        CORES: st.integers(1, 64).map(str),
        "spark.executor.pyspark.memory": mib.map("{}m".format),
    },
)
managers: st.SearchStrategy[Manager] = st.sampled_from(["local", "standalone", "yarn", "kubernetes"])
modes: st.SearchStrategy[DeployMode] = st.sampled_from(["client", "cluster"])
means_ = st.builds(
    RetryContext,
    manager=managers,
    mode=modes,
    settings=settings,
    pinned=st.frozensets(st.sampled_from([HEAP, OVERHEAD, DRIVER, CORES])),
    bounds=st.builds(Bounds, mib, st.just("the node"), mib, st.just("the machine")),
    retries=st.integers(0, 3),
)


def asked_mib(side: str, context: RetryContext, given: dict[str, str]) -> int:
    """Memory that executor or driver ask for."""
    heap = setting_mib(given, f"spark.{side}.memory", 1024)
    beside = overhead_mib(given, f"spark.{side}", heap, context.manager)
    if side == "driver":
        return heap + (beside if context.mode == "cluster" else 0)
    return heap + beside + setting_mib(given, "spark.executor.pyspark.memory", 0)


@given(means_, st.sampled_from([cause.id for cause in CAUSES]))
def test_a_change_is_one_step_of_one_free_setting_within_the_bound(context: RetryContext, cause: str) -> None:
    decision = decide((Attempt(1, 1, cause=cause),), Explanation(cause, "it failed"), context)
    assert decision.because
    if decision.change is None:
        assert not (decision.again and BY_ID[cause].memory)
        return
    change = decision.change
    assert decision.again
    assert BY_ID[cause].memory
    assert change.key not in context.pinned
    assert change.before == context.settings.get(change.key)
    changed = {**context.settings, change.key: change.after}
    if change.key == CORES:
        assert 1 <= int(change.after) == int(change.before or 0) // 2
        return
    side = "driver" if "driver" in change.key else "executor"
    bound = context.bounds.driver_mib if side == "driver" else context.bounds.executor_mib
    assert asked_mib(side, context, dict(context.settings)) < asked_mib(side, context, changed) <= bound


@given(means_, st.lists(st.sampled_from([cause.id for cause in CAUSES]), min_size=1, max_size=12))
def test_a_run_ends_after_its_retries_and_one_attempt_with_more_memory(
    context: RetryContext, causes: list[str]
) -> None:
    attempts: list[Attempt] = []
    for number, cause in enumerate(causes, 1):
        failed = Attempt(number, 1, cause=cause)
        decision = decide((*attempts, failed), Explanation(cause, "it failed"), context)
        if not decision.again:
            break
        change = decision.change
        message = (change.key, change.before, change.after) if change else None
        attempts.append(Attempt(number, 1, cause=cause, changed=message))
    assert sum(attempt.changed is not None for attempt in attempts) <= 1
    assert len(attempts) <= context.retries + 1


HOUR = 3600.0


def restarted(*seconds: float, most: int = 5, cause: str = "driver-killed") -> Decision:
    """The decision on a stream whose attempts lasted so long, the last one too."""
    attempts = [Attempt(n + 1, cause=cause, seconds=s) for n, s in enumerate(seconds)]
    context = RetryContext("local", "client", SETTINGS, (), ROOM, retries=1, restarts=most)
    return decide(attempts, Explanation(cause, "it failed"), context)


def test_a_stream_is_started_again_after_pauses_that_grow() -> None:
    pauses = [restarted(*[10.0] * count, most=99).pause_s for count in range(1, 10)]
    assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    assert restarted(*[10.0] * 5).again
    assert restarted(*[10.0] * 6) == Decision(
        False, "driver-killed may pass by itself; restarts: 5, used 5 within an hour"
    )


def test_an_hour_s_health_lets_the_count_begin_anew() -> None:
    assert restarted(*[10.0] * 5, HOUR).pause_s == 5.0
    assert restarted(*[10.0] * 5, HOUR, 10.0).pause_s == 10.0
    assert restarted(*[10.0] * 5, HOUR, *[10.0] * 4).again
    assert not restarted(*[10.0] * 5, HOUR, *[10.0] * 5).again


@pytest.mark.parametrize(
    "cause", ["input-refused", "unknown", "driver-stopped", "disk-full", "write-refused"]
)
def test_what_a_restart_cannot_mend_is_not_started_again(cause: str) -> None:
    assert not restarted(10.0, cause=cause).again
