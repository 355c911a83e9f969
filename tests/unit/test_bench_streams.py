"""Benches of streams: what is sent when, what waited how long, what is published."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from bench.streams.curves import CURVES, swing
from bench.streams.live import Moment, in_a_line, spark_line, view
from bench.streams.measures import (
    Committed,
    backlog,
    commits,
    executor_seconds,
    latencies,
    percentile,
    phases,
)
from bench.streams.open_loop import HEADER, OpenLoop, by_rows, by_time
from bench.streams.scaling_run import flags
from bench.streams.scaling_tables import document, section
from launcher.records.history.trace import Executor


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_stays_between_nothing_and_its_peak(curve: str) -> None:
    rate = CURVES[curve](100.0, 600.0)
    rates = [rate(at) for at in range(601)]
    assert min(rates) >= 0
    assert max(rates) <= 100.0
    assert max(rates) >= 50.0


def test_files_are_due_when_their_rows_are() -> None:
    assert [at for at, _ in by_rows(lambda _: 100.0, 1.0, 25)] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert list(by_time(lambda at: 100.0 * (at > 0.5), 1.0, 0.25)) == [(0.75, 25), (1.0, 25)]
    sent = sum(rows for _, rows in by_rows(swing(120.0, 60.0), 60.0, 5))
    assert sent == pytest.approx(120 * 0.55 * 60, rel=0.01)


def test_rows_hold_when_they_were_meant_to_be_sent(tmp_path: Path) -> None:
    loop = OpenLoop(tmp_path / "in", [(0.01, 3), (0.02, 2)], keys=2)
    loop.start()
    loop.join()
    files = sorted((tmp_path / "in").iterdir())
    assert [file.name for file in files] == ["00000000.csv", "00000001.csv"]
    header, first, *_ = files[0].read_text().splitlines()
    assert header + "\n" == HEADER
    assert int(first.split(",")[0]) == round((loop.began_s + 0.01) * 1000)
    assert loop.sent == 5
    assert [line.split(",")[2] for line in files[1].read_text().splitlines()[1:]] == ["1", "0"]


def table(folder: Path, *versions: tuple[float, dict[int, int]]) -> Path:
    """A Delta table of such commits: when, and rows by when they were sent."""
    (folder / "_delta_log").mkdir(parents=True)
    for number, (at_s, sent) in enumerate(versions):
        name = f"part-{number}.parquet"
        column = [sent_ms for sent_ms, rows in sent.items() for _ in range(rows)]
        pq.write_table(pa.table({"sent_ms": pa.array(column, pa.int64())}), folder / name)
        log = folder / "_delta_log" / f"{number:020d}.json"
        log.write_text(json.dumps({"commitInfo": {}}) + "\n" + json.dumps({"add": {"path": name}}) + "\n")
        os.utime(log, (at_s, at_s))
    return folder


def test_a_compaction_commits_no_row_again(tmp_path: Path) -> None:
    whole = table(tmp_path / "t", (10.0, {8000: 3}), (60.0, {8000: 3}))
    log = whole / "_delta_log" / f"{1:020d}.json"
    log.write_text(json.dumps({"add": {"path": "part-1.parquet", "dataChange": False}}) + "\n")
    assert commits(whole) == [Committed(8000, 10000, 3)]


def test_a_row_waits_from_its_sending_to_its_commit(tmp_path: Path) -> None:
    found = commits(table(tmp_path / "t", (10.0, {8000: 3, 9000: 1}), (13.0, {9500: 4, 12000: 2})))
    assert sorted(found, key=lambda one: one.sent_ms) == [
        Committed(8000, 10000, 3), Committed(9000, 10000, 1),
        Committed(9500, 13000, 4), Committed(12000, 13000, 2),
    ]  # fmt: skip
    waited = latencies(found, 9000, 12000)
    assert waited == [(1.0, 1), (3.5, 4)]
    assert percentile(waited, 0.2) == 1.0
    assert percentile(waited, 0.5) == 3.5
    assert backlog(found, 0, 20000) == 8
    with pytest.raises(ValueError, match="no row"):
        percentile([], 0.5)


def test_executors_count_from_their_adding_to_their_removal_within_the_load() -> None:
    held = [executor(0, None), executor(5000, 8000), executor(15000, None), executor(0, 500)]
    assert executor_seconds(held, 1000, 11000) == pytest.approx(10 + 3)


def executor(added_ms: int, removed_ms: int | None) -> Executor:
    return Executor("1", "host", 1, 0, 0, added_ms, removed_ms, "")


def outcome(held: float, p99: float = 8.0, busy: float = 0.4) -> dict[str, Any]:
    return {
        "executor_seconds": held, "p50_s": 4.0, "p99_s": p99, "max_s": 9.0, "most_waiting": 70,
        "cpu_share": busy,
    }  # fmt: skip


def test_the_page_tells_what_a_day_costs_and_whether_it_is_in_time() -> None:
    runs = {"diurnal ours": outcome(60), "diurnal static": outcome(100), "diurnal spark": outcome(95)}
    assert document(runs)["over_static"] == {"diurnal": 0.6}
    assert (
        "A day costs 0.60 of the static maximum's executor-seconds (aim 0.65), its p99 is within"
        in section(runs)
    )
    late = section({**runs, "diurnal ours": outcome(70, p99=17.0)})
    assert "0.70" in late
    assert "missed" in late
    assert "beyond the objective" in late


def test_void_runs_are_shown_and_not_compared() -> None:
    runs = {"spike ours": outcome(60, busy=0.9), "spike static": outcome(100)}
    assert document(runs)["void"] == ["spike ours"]
    assert document(runs)["over_static"] == {}
    assert "90% (void)" in section(runs)


def test_each_policy_has_its_flags() -> None:
    assert flags("ours") == ((), ("--max-latency", "15 seconds"))
    assert flags("static") == (("--num-executors", "6"), ())
    assert "spark.dynamicAllocation.enabled=true" in flags("spark")[0]


def test_the_board_shows_where_the_stream_is() -> None:
    moment = Moment(23.0, 120.0, 96.5, 5310, 12, 240, 7.1, 3, 4)
    console = Console(width=110, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(view([moment], 60.0, 6.0, 4, "4; more rows", plain=True))
    text = console.export_text()
    for part in ("120 rows/s", "###. 3, target 4", "5310 rows, version 12", "7.1 s of 6 s", "4; more rows"):
        assert part in text
    assert "3 executors (target 4)" in in_a_line(moment)
    assert spark_line([0, 50, 100], plain=True) == " =@"
    assert spark_line([]) == ""


def test_phases_are_told_without_the_first_batches() -> None:
    lines = [{"seconds": {"total": 9.0, "work": 8.0}}] * 5 + [
        {"seconds": {"total": n, "work": 0.5}} for n in (1, 2, 4)
    ]
    assert phases(lines) == {"total": 2, "work": 0.5}
    assert phases(lines[:3]) == {}
