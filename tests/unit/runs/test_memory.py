"""The next plan of a job starts from what worked."""

from __future__ import annotations

from typing import Any

from launcher.records.learnt_memory import learned
from launcher.records.record import Attempt, Record, State
from launcher.spec.cluster import Cluster, Limits
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import Mib

HEAP = "spark.executor.memory"
CLUSTER = Cluster(name="nightly", manager="yarn")
GREW = (Attempt(1, 52, cause="executor-heap", changed=(HEAP, "4g", "6g")), Attempt(2, 0))


def pins(records: list[Record], job: str, cluster: Cluster) -> tuple[Pin, ...]:
    """The settings that they proved."""
    return tuple(one.pin for one in learned(records, job, cluster))


def record(run_id: str, *attempts: Attempt, **given: Any) -> Record:
    """The record of a run of ``daily``."""
    whole = {
        "job": "daily",
        "target": "nightly",
        "manager": "yarn",
        "state": State.SUCCEEDED,
        "host": "h",
        "log": "l",
    }
    return Record(run_id=run_id, attempts=attempts, **{**whole, **given})


def planned(*settings: tuple[str, str, str]) -> dict[str, Any]:
    """A plan's JSON, as far as it matters."""
    return {"settings": [{"key": key, "value": value, "origin": origin} for key, value, origin in settings]}


def test_an_attempt_that_worked_with_more_is_remembered_with_its_run() -> None:
    assert pins([record("r1", *GREW)], "daily", CLUSTER) == (Pin(HEAP, "6g", Origin.HISTORY, "r1"),)


def test_what_a_plan_had_from_history_stays_known_when_older_records_are_gone() -> None:
    later = record(
        "r2", Attempt(1, 0), plan=planned((HEAP, "6g", "history"), ("spark.executor.cores", "4", "computed"))
    )
    assert pins([later], "daily", CLUSTER) == (Pin(HEAP, "6g", Origin.HISTORY, "r2"),)


def test_the_newest_proof_counts_and_a_change_counts_before_the_plan() -> None:
    grew_again = (Attempt(1, 52, changed=(HEAP, "6g", "9g")), Attempt(2, 0))
    newest = record("r3", *grew_again, plan=planned((HEAP, "6g", "history")))
    assert pins([newest, record("r1", *GREW)], "daily", CLUSTER)[0].value == "9g"


def test_a_run_with_a_flag_in_between_forgets_nothing() -> None:
    flagged = record("r2", Attempt(1, 0), plan=planned((HEAP, "16g", "flag")))
    assert pins([flagged, record("r1", *GREW)], "daily", CLUSTER) == (Pin(HEAP, "6g", Origin.HISTORY, "r1"),)


def test_what_failed_proves_nothing() -> None:
    failed = record("r1", *GREW, state=State.FAILED)
    last_changed = record("r2", Attempt(1, 52, changed=(HEAP, "4g", "6g")))
    assert pins([failed, last_changed], "daily", CLUSTER) == ()


def test_other_jobs_and_other_clusters_prove_nothing() -> None:
    others = [record("r1", *GREW, job="hourly"), record("r2", *GREW, target="laptop")]
    assert pins(others, "daily", CLUSTER) == ()


def test_what_the_profile_enforces_or_no_longer_allows_is_left_out() -> None:
    enforcing = Cluster(name="nightly", manager="yarn", enforced={HEAP: "4g"})
    smaller = Cluster(name="nightly", manager="yarn", limits=Limits(max_executor_memory_mib=Mib(5120)))
    assert pins([record("r1", *GREW)], "daily", enforcing) == ()
    assert pins([record("r1", *GREW)], "daily", smaller) == ()
