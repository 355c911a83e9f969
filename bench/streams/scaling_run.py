"""One run of a stream of sleeping tasks on the cluster of six workers, under one of three policies."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.closed_loop.steps import SPARKS_OWN
from bench.six_workers import MOST, busy, cpu_now
from bench.streams.curves import CURVES
from bench.streams.measures import backlog, commits, executor_seconds, latencies, percentile
from bench.streams.open_loop import OpenLoop, by_rows
from bench.streams.process import StreamProcess
from launcher.records.history.trace import Ended

TRIGGER_S, LATENCY_S = 5, 15
MS_PER_ROW = 20.0
# What the six manage in three quarters of a trigger, of which a batch's fixed part takes two seconds here.
PEAK = (0.75 * TRIGGER_S - 2.0) * MOST / (MS_PER_ROW / 1000) / TRIGGER_S
ROWS = 10

Policy = Literal["ours", "static", "spark"]
POLICIES: tuple[Policy, ...] = ("ours", "static", "spark")


@dataclass(frozen=True)
class Scaled:
    """One run.

    Attributes:
        curve: of the load, one of ``CURVES``.
        policy: who decides how many executors there are.
        length_s: of the load.
    """

    curve: str
    policy: Policy
    length_s: float

    @property
    def key(self) -> str:
        """Names it in the results."""
        return f"{self.curve} {self.policy}"


def flags(policy: Policy) -> tuple[Sequence[str], Sequence[str]]:
    """Flags of ``sparkjob run`` and of the job. Pure."""
    if policy == "ours":
        return (), ("--max-latency", f"{LATENCY_S} seconds")
    if policy == "static":
        return ("--num-executors", str(MOST)), ()
    return SPARKS_OWN, ()


def run(profile: Path, folder: Path, scaled: Scaled) -> dict[str, Any]:
    """Play a load curve; what came of it.

    Args:
        profile: the cluster.
        folder: of this run alone; it does not exist.
        scaled: what is run.

    Raises:
        SystemExit: the stream failed.
    """
    folder.mkdir(parents=True)
    curve = CURVES[scaled.curve](PEAK, scaled.length_s)
    loop = OpenLoop(folder / "arrived", by_rows(curve, scaled.length_s, ROWS))
    # The first batch starts Python workers and compiles: it belongs to no curve.
    loop.put("first", time.time(), ROWS)
    of_run, of_job = flags(scaled.policy)
    of_job = (*usual_flags(TRIGGER_S), *of_job)
    with StreamProcess(folder, profile, "sleeping_stream", of_run, of_job) as stream:
        stream.ready()
        cpu = cpu_now()
        loop.start()
        loop.join()
        share, ended_s = busy(cpu, cpu_now()), time.time()
        stream.result()
        return _outcome(stream, loop, ended_s) | {"cpu_share": share}


def usual_flags(trigger_s: int, ms_per_row: float = MS_PER_ROW) -> Sequence[str]:
    """Flags of the job under every policy; it ends when nothing came for two triggers. Pure."""
    idle = ("--until-idle", str(2 * trigger_s))
    return ("--trigger", f"{trigger_s} seconds", *idle, "--ms-per-row", str(ms_per_row))


def _outcome(stream: StreamProcess, loop: OpenLoop, ended_s: float) -> dict[str, Any]:
    since, until = loop.began_s * 1000, ended_s * 1000
    found, trace = commits(stream.table), stream.trace()
    waited = latencies(found, since, until)
    lines = stream.progress()[1:]
    ends = [ended for stage in trace.stages for ended in stage.tasks.ended]
    return {
        "sent": loop.sent - ROWS,
        "committed": sum(rows for _, rows in waited),
        "executor_seconds": executor_seconds(trace.executors, since, until),
        "p50_s": percentile(waited, 0.5),
        "p99_s": percentile(waited, 0.99),
        "max_s": waited[-1][0],
        "most_waiting": backlog(found, since, until),
        "batches": len(lines),
        "executors": [line["executors"] for line in lines],
        "targets": [line["target"] for line in lines],
        "ended_executors": sum(one.removed_ms is not None for one in trace.executors),
        "failed_tasks": sum(ended != Ended.SUCCESS for ended in ends),
    }
