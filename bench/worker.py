"""One engine in its own process: start, warm up, one timed query; the last line of stdout is JSON.

``python -m bench.worker SUITE CONTESTANT DATA SAMPLE``
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from bench.suites import SUITES


def main() -> None:
    """Run the contestant that the command line names."""
    suite, name, data, sample = sys.argv[1:5]
    contestant = SUITES[suite][name]
    session = contestant.start()
    timed = Path(sample) if contestant.sample_only else Path(data)
    digests = {"sample": _digest(contestant.query(session, Path(sample)))}
    if not contestant.sample_only:
        contestant.query(session, timed)  # the engine is warm when its first whole run is over
    cpu, started = _cpu_seconds(), time.perf_counter()
    result = contestant.query(session, timed)
    seconds, cpu = time.perf_counter() - started, _cpu_seconds() - cpu
    if not contestant.sample_only:
        digests["data"] = _digest(result)
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "rows": result.num_rows, "digests": digests}))


def _cpu_seconds() -> float:
    """CPU time of this process and of all below it that are alive."""
    me = psutil.Process()
    return sum(_times(process) for process in [me, *me.children(recursive=True)])


def _times(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def _digest(result: Any) -> str:
    """A hash of the result's rows in order of their first columns; doubles to seven digits."""
    columns = [_texts(result.column(name)) for name in sorted(result.column_names)]
    rows = sorted("\t".join(row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def _texts(column: Any) -> list[str]:
    values = column.to_pylist()
    return [f"{v:.6e}" if isinstance(v, float) else str(v) for v in values]


if __name__ == "__main__":
    main()
