"""One engine in its own process: it starts, then answers queries, one line of JSON each.

``python -m bench.worker ENGINE``; a line of stdin is ``{"suite", "contestant", "source", "output"}``, the
answer ``{"seconds", "cpu_seconds"}`` after ``MARK``, since an engine may print too.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from bench.engines import ENGINES, settle
from bench.model import Suite
from bench.processes import cpu_seconds
from bench.suites import SUITES

MARK = "bench: "


def main() -> None:
    """Serve until stdin ends."""
    session = ENGINES[sys.argv[1]]()
    for line in sys.stdin:
        request = json.loads(line)
        print(MARK + json.dumps(_answer(session, request)), flush=True)


def _answer(session: Any, request: dict[str, str]) -> dict[str, float]:
    suite = SUITES[request["suite"]]
    query = suite.contestants[request["contestant"]].query
    source, output = Path(request["source"]), Path(request["output"])
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    settle(session)
    cpu, started = cpu_seconds(), time.perf_counter()
    result = query(session, source, output)
    seconds, cpu = time.perf_counter() - started, cpu_seconds() - cpu
    if result is not None:
        _keep(result, output, suite)
    return {"seconds": seconds, "cpu_seconds": cpu}


def _keep(result: Any, output: Path, suite: Suite) -> None:
    """A result in memory counts as the suite's first table."""
    import pyarrow.parquet as pq

    pq.write_table(result, output / f"{next(iter(suite.tables))}.parquet")


if __name__ == "__main__":
    main()
