"""The log of the examples: ``python -m bench.replaying.nightly FILE`` writes it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import zstandard

from bench.replaying.as_log import log_lines
from bench.replaying.made import MadeJob, MadeStage, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.replay.model import Lease
from launcher.records.history.trace import Trace

# 2026-01-31 01:00 UTC
_START_MS = 1_769_821_200_000
_LINES = 50
_CONF = {
    "spark.master": "yarn",
    "spark.executor.cores": "2",
    "spark.executor.memory": "4g",
    "spark.executor.instances": "4",
}


def nightly() -> Trace:
    """A nightly job on four executors of two cores: a scan, a join with one slow task, a write."""
    draw = random.Random(31)

    def tasks(count: int, typical_ms: int) -> list[float]:
        return [round(typical_ms * draw.uniform(0.8, 1.25)) for _ in range(count)]

    jobs = [
        MadeJob([MadeStage(tasks(1, 400), launch_ms=12)], gap_ms=9000),
        MadeJob([MadeStage(tasks(60, 4000), launch_ms=15)], after=(0,), gap_ms=1500),
        MadeJob([MadeStage([*tasks(39, 3000), 21_000], launch_ms=15)], after=(1,), gap_ms=400),
        MadeJob([MadeStage(tasks(24, 1800), launch_ms=10)], after=(2,), gap_ms=2500),
    ]
    model = made_model(jobs, slots={0: 2}, tail_ms=800, start_ms=_START_MS)
    leases = [Lease(0, 2, _START_MS + at, _START_MS + at + 280) for at in (6100, 6400, 6900, 7200)]

    def truth(alone: float, found: int, _stage: int, _task: int) -> float:
        return alone + (900, 120, 0)[found]

    return Recorder(model, leases, truth).record(
        _CONF, name="nightly", application_id="application_1769821200000_0007"
    )


def main(path: Path) -> None:
    """Write the log."""
    lines = [f"{line}\n".encode() for line in log_lines(nightly())]
    pack = zstandard.ZstdCompressor(level=19).compress
    # In pieces, as Spark flushes them: what is left of a log that was cut can be read.
    path.write_bytes(b"".join(pack(b"".join(lines[at : at + _LINES])) for at in range(0, len(lines), _LINES)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
