"""Made traces written as event logs are read back as they were."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from bench.replaying.as_log import log_lines
from bench.replaying.synthetic import application, run_of, world
from launcher.records.history.read_trace import read_trace


def test_a_trace_written_as_a_log_is_read_back(tmp_path: Path) -> None:
    draw = random.Random(5)
    trace = run_of(application(draw), world(draw), 4, draw)
    log = tmp_path / "log"
    log.write_text("\n".join(log_lines(trace)) + "\n", encoding="utf-8")
    found = read_trace(log)
    # The reader keeps what a listener is told of jobs and the executors' profile besides.
    assert replace(found, profiles=trace.profiles, executions=()) == trace
