"""Reports for tests of the page."""

from __future__ import annotations

from array import array
from dataclasses import fields

import numpy as np

from launcher.records.history.trace import Peaks, Stage, Tasks, Trace
from launcher.records.record import Record, State
from launcher.report.curve import time_cost_curve
from launcher.report.report import Report
from launcher.report.sql.queries import Queries, Scan
from launcher.report.view.run_view import RunView
from tests.unit.report.made import START_MS, executor, job, stage, task, trace

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'\"&`${1}"


def usual() -> Trace:
    """Two jobs with a gap, a skewed stage, executors that come and go."""
    first = stage(0, *[task(n, n, 5, 9, shuffle_written_bytes=1 << 20, gc_ms=700) for n in range(4)])
    rows = [task(n, n, 20, 22, shuffle_read_bytes=1 << 20, spilled_bytes=1 << 20) for n in range(3)]
    second = stage(1, *rows, task(3, 3, 20, 34, shuffle_read_bytes=50 << 20), name="save at job.py:20")
    jobs = [job(0, 2, 9), job(1, 19, 35)]
    executors = [executor(n, came=4, went=30 if n == 0 else None, cores=2) for n in range(4)]
    peaks = {str(n): Peaks(heap=900 << 20, unified=300 << 20, python_rss=200 << 20) for n in range(4)}
    return trace([first, second], executors, 36, jobs, peaks=peaks)


def waves() -> Trace:
    """Eighty tasks one after the other on four executors: their number can be another."""
    rows = [task(n, n % 4, 1 + n // 4, 1.99 + n // 4, shuffle_read_bytes=1000) for n in range(80)]
    return trace([stage(0, *rows)], [executor(n) for n in range(4)], 22)


def report_of(made: Trace, record: Record | None = None, queries: Queries | None = None) -> Report:
    """Its report."""
    return Report(
        RunView(made, queries or Queries()), "/logs/app-1", record, None, time_cost_curve(made, None)
    )


def record(**more: object) -> Record:
    """The record of a run that went well."""
    reason = "two tasks a core"
    settings = [{"key": "spark.executor.cores", "value": "2", "origin": "computed", "reason": reason}]
    parts: dict[str, object] = {
        "run_id": "20260131T000000Z-daily-abc", "job": "daily", "target": "yarn-8", "manager": "yarn",
        "state": State.SUCCEEDED, "host": "here", "log": "log.txt", "outcome": "COMMITTED",
        "plan": {"settings": settings}, "result": {"rows_read": 1000, "rows_written": 10},
    }  # fmt: skip
    return Record(**{**parts, **more})  # type: ignore[arg-type]


def hostile() -> Report:
    """Whoever ran the job named everything in it."""
    made = usual()
    stages = tuple(
        Stage(**{**{f.name: getattr(one, f.name) for f in fields(Stage)}, "name": HOSTILE})
        for one in made.stages
    )
    parts = {f.name: getattr(made, f.name) for f in fields(Trace)}
    named = Trace(**{**parts, "name": HOSTILE, "application_id": HOSTILE, "spark": HOSTILE, "stages": stages})
    scan = Scan(0, HOSTILE, 1000, 1, HOSTILE, 1, 1000, False, False, (0,))
    settings = [dict.fromkeys(("key", "value", "origin", "reason"), HOSTILE)]
    own = record(job=HOSTILE, run_id=HOSTILE, target=HOSTILE, outcome=HOSTILE, plan={"settings": settings})
    return report_of(named, own, Queries(scans=(scan,)))


def million() -> Trace:
    """A million tasks in a hundred stages on two hundred executors of four cores."""
    slots, each = 800, 10_000
    stages = []
    for number in range(100):
        at = np.arange(each)
        begin = number * 13_000 + at // slots * 1000
        columns = {f.name: np.zeros(each, np.int64) for f in fields(Tasks)}
        columns["index"], columns["executor"] = at, at % slots // 4
        columns["launch_ms"] = START_MS + begin
        columns["finish_ms"] = START_MS + begin + 950 + at % 50
        stages.append(
            Stage(number, 0, f"count at job.py:{number}", (), each, 0, int(START_MS + number * 13_000),
                  int(START_MS + number * 13_000 + 13_000), None,
                  Tasks(**{name: array("q", values.tolist()) for name, values in columns.items()}))
        )  # fmt: skip
    executors = [executor(n, cores=4) for n in range(200)]
    return trace(stages, executors, 1300)
