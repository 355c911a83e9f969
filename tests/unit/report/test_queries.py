"""What the plans of queries tell, from lines as Spark writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from launcher.records.history.read_trace import local
from launcher.report.sql.queries import Broadcast, Queries, Scan, Write
from launcher.report.sql.read_queries import PlanLines, read_queries

SQL = "org.apache.spark.sql.execution.ui.SparkListener"


def node(
    name: str, metrics: dict[str, int] | None = None, *children: Any, kind: str = "sum", **more: Any
) -> dict[str, Any]:
    told = [{"name": n, "accumulatorId": i, "metricType": kind} for n, i in (metrics or {}).items()]
    return {"nodeName": name, "simpleString": f"{name} text", "children": list(children), "metrics": told,
            "metadata": {}, **more}  # fmt: skip


def began(plan: dict[str, Any], event: str = "SQLExecutionStart", number: int = 0) -> bytes:
    return json.dumps(
        {"Event": SQL + event, "executionId": number, "sparkPlanInfo": plan, "time": 1}, separators=(",", ":")
    ).encode()


def driver(*updates: tuple[int, int]) -> bytes:
    told = {"Event": f"{SQL}DriverAccumUpdates", "executionId": 0, "accumUpdates": updates}
    return json.dumps(told, separators=(",", ":")).encode()


def stage(number: int, values: dict[int, Any], attempt: int = 0) -> bytes:
    told = [{"ID": key, "Name": "x", "Value": value} for key, value in values.items()]
    info = {"Stage ID": number, "Stage Attempt ID": attempt, "Accumulables": told}
    return json.dumps(
        {"Event": "SparkListenerStageCompleted", "Stage Info": info}, separators=(",", ":")
    ).encode()


def read(*lines: bytes) -> Queries:
    taker = PlanLines()
    taker.take(lines)
    return taker.queries()


SCAN = node(
    "Scan parquet sales", {"number of output rows": 1, "number of files read": 2, "size of files read": 3}
)


def test_nulls_where_others_write_them_end_no_second_pass() -> None:
    sql = "org.apache.spark.sql.execution.ui.SparkListener"
    for kind, given in (
        (
            "SparkListenerStageCompleted",
            {"Stage Info": {"Stage ID": 0, "Accumulables": [{"ID": None, "Value": 1}]}},
        ),
        (f"{sql}DriverAccumUpdates", {"executionId": 1, "accumUpdates": None}),
        (f"{sql}SQLAdaptiveExecutionUpdate", {"executionId": 1, "sparkPlanInfo": None}),
    ):
        assert read(json.dumps({"Event": kind, **given}, separators=(",", ":")).encode()).scans == ()


def test_a_scan_and_the_filter_above_it() -> None:
    passed = node("ColumnarToRow", {"number of output rows": 5}, node("InputAdapter", None, SCAN))
    filtered = node("Filter", {"number of output rows": 4}, passed)
    found = read(began(node("HashAggregate", {"number of output rows": 6}, filtered)),
                 driver((2, 10), (3, 4096)), stage(7, {1: "1000", 4: 10, 6: 1}))  # fmt: skip
    assert found.scans == (
        Scan(0, "Scan parquet sales", 1000, 10, "Filter text", 10, 4096, False, False, (7,)),
    )
    assert found.operators == {7: ("Filter", "HashAggregate", "Scan parquet sales")}


@pytest.mark.parametrize("name", ["BatchEvalPython", "ArrowEvalPython"])
def test_a_filter_of_what_a_function_answers_says_nothing_of_the_scan(name: str) -> None:
    filtered = node("Filter", {"number of output rows": 4}, node(name, {"number of output rows": 5}, SCAN))
    (scan,) = read(began(filtered), stage(7, {1: 1000, 4: 1})).scans
    assert scan.kept is None


def test_a_filter_behind_an_aggregate_says_nothing_of_the_scan() -> None:
    plan = node(
        "Filter", {"number of output rows": 4}, node("HashAggregate", {"number of output rows": 6}, SCAN)
    )
    (scan,) = read(began(plan), stage(7, {1: 1000, 4: 1})).scans
    assert scan.kept is None


@pytest.mark.parametrize(
    "name", ["Scan ExistingRDD", "Scan In-memory table t", "LocalTableScan", "InMemoryTableScan"]
)
def test_what_is_in_memory_already_is_no_scan(name: str) -> None:
    assert read(began(node(name, {"number of output rows": 1})), stage(0, {1: 5})).scans == ()


def test_partitions() -> None:
    metrics = {"number of output rows": 1, "number of partitions read": 2}
    plan = node("Scan parquet sales", metrics, metadata={"PartitionFilters": "[isnotnull(day#1)]"})
    (scan,) = read(began(plan), driver((2, 30))).scans
    assert (scan.partitioned, scan.pruned) == (True, True)
    (scan,) = read(began(node("Scan parquet sales", metrics)), driver((2, 30))).scans
    assert (scan.partitioned, scan.pruned) == (True, False)


def test_the_last_plan_counts_and_each_operator_once() -> None:
    first = node("Scan parquet old", {"number of output rows": 1})
    other = began(SCAN, number=1)  # the same operator, told by a second query
    found = read(began(first), began(SCAN, "SQLAdaptiveExecutionUpdate"), other, stage(0, {1: 5}))
    assert [scan.name for scan in found.scans] == ["Scan parquet sales"]


def test_a_write() -> None:
    plan = node("Execute Insert", {"number of written files": 1, "written output": 2})
    assert read(began(plan), driver((1, 300), (2, 9000))).writes == (
        Write(0, "Execute Insert", 300, 9000, ()),
    )
    assert read(began(plan), driver((1, 0))).writes == ()


@pytest.mark.parametrize(("kind", "unit"), [("timing", 1), ("nsTiming", 1_000_000)])
def test_a_broadcast(kind: str, unit: int) -> None:
    times = {"time to collect": 1, "time to build": 2, "time to broadcast": 3}
    plan = node("BroadcastExchange", times, SCAN, kind=kind)
    plan["metrics"] += node("", {"data size": 4, "number of output rows": 5})["metrics"]
    found = read(began(plan), driver((1, 30 * unit), (2, 20 * unit), (3, 10 * unit), (4, 99), (5, 7)))
    assert found.broadcasts == (Broadcast(0, "Scan parquet sales", 99, 7, 30, 20, 10),)
    assert found.broadcasts[0].driver_ms == 30


def test_values_of_all_kinds_and_damaged_lines_are_passed_over() -> None:
    values = {1: 5, 2: "12", 3: None, 4: [1], 5: "text", 6: {"a": 1}, 7: True}
    found = read(began(SCAN), stage(0, values), began(SCAN)[:-5], b"nonsense", stage(1, {1: 9}))
    assert found.scans[0].rows == 9
    assert found.scans[0].files == 12
    assert found.scans[0].stages == (0, 1)


def test_a_real_log(shared: Path) -> None:
    found = read_queries(local(shared / "eventlogs" / "same_job_attempt_1.zstd"))
    assert [(write.files, write.size) for write in found.writes] == [(16, 7875993)]
    assert [one.rows for one in found.broadcasts] == [1_000_000, 1_000_000]
    assert found.scans[0].rows == 50_000_000


LOGS = ("gpu_analytics_h200.zstd", "nds_q72_cpu_yarn.zstd", "truncated", "malformed_json.zstd")


@pytest.mark.parametrize("name", LOGS)
def test_every_real_log_has_a_report(shared: Path, name: str) -> None:
    from launcher.records.history.read_trace import read_trace
    from launcher.report.curve import time_cost_curve
    from launcher.report.page.page import page
    from launcher.report.report import Report, document
    from launcher.report.view.run_view import RunView

    path = shared / "eventlogs" / name
    made = read_trace(path)
    report = Report(RunView(made, read_queries(local(path))), name, None, None, time_cost_curve(made, None))
    json.dumps(document(report), allow_nan=False)
    assert len(page(report).encode()) < 1 << 20
