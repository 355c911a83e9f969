"""How long rows wait for their commit: ours beside plain Structured Streaming, on this machine alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol

from bench.six_workers import ROOT, busy, cpu_now
from bench.streams.measures import by_totals, commits, latencies, percentile, phases, progress, totals
from bench.streams.open_loop import OpenLoop, by_time
from bench.streams.process import APPS, StreamProcess
from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.find import required_java

TRIGGER_S, EVERY_S = 1, 0.1
RATE = 1000.0
WINDOW = "10 seconds"
# The first batches compile: they are played and not measured.
WARM_S = 15.0
# Each step of the ladder has twice the rate of the one before.
LADDER_S, LADDER_BEGINS, LADDER_STEPS = 12.0, 4000.0, 8
_READY_S, _LEFT_S = 180.0, 60.0

Kind = Literal["append", "windowed", "ladder"]
Who = Literal["ours", "plain"]


@dataclass(frozen=True)
class Timed:
    """One run.

    Attributes:
        kind: rows appended, or counted and added up by window and key; or appended at growing rates.
        who: whose.
        round: ours and plain alternate.
        length_s: of the load that is measured.
    """

    kind: Kind
    who: Who
    round: int
    length_s: float

    @property
    def key(self) -> str:
        """Names it in the results."""
        return f"{self.kind} {self.who} {self.round}"


class Stream(Protocol):
    """A stream that runs and reads ``arrived``."""

    def ready(self) -> None:
        """Wait for its first batch."""


def run(folder: Path, timed: Timed) -> dict[str, Any]:
    """Play a load.

    Args:
        folder: of this run alone; it does not exist.
        timed: what is run.

    Raises:
        SystemExit: the stream failed.
    """
    folder.mkdir(parents=True)
    loop = OpenLoop(folder / "arrived", by_time(_rate(timed), WARM_S + timed.length_s, EVERY_S))
    loop.put("first", time.time(), 100)
    table = folder / "table/groups" if (timed.kind, timed.who) == ("windowed", "ours") else folder / "table"
    with _stream(folder, timed) as stream:
        stream.ready()
        cpu = cpu_now()
        loop.start()
        loop.join()
        share, ended_s = busy(cpu, cpu_now()), time.time()
        _settle(table, timed.kind, loop.sent)
    found = by_totals(loop.log, totals(table)) if timed.kind == "windowed" else commits(table)
    since = (loop.began_s + WARM_S) * 1000
    if timed.kind == "ladder":
        return {"cpu_share": share, "steps": _steps(found, loop, ended_s)}
    waited = latencies(found, since, ended_s * 1000)
    return {
        "rows": sum(rows for _, rows in waited),
        "p50_s": percentile(waited, 0.5),
        "p99_s": percentile(waited, 0.99),
        "max_s": waited[-1][0],
        "cpu_share": share,
        "phases": phases(progress(folder / "table_checkpoint")),
    }


def _rate(timed: Timed) -> Any:
    if timed.kind != "ladder":
        return lambda _: RATE
    return lambda at: LADDER_BEGINS * 2 ** max(0, int((at - WARM_S) // LADDER_S))


def _steps(found: Sequence[Any], loop: OpenLoop, ended_s: float) -> list[dict[str, float]]:
    """Of each step its rate, and how many seconds of it waited at its end."""
    steps = []
    for number in range(LADDER_STEPS):
        end_ms = (loop.began_s + WARM_S + (number + 1) * LADDER_S) * 1000
        if end_ms / 1000 > ended_s + 1:
            break
        sent = sum(rows for sent_ms, rows in loop.log if sent_ms < end_ms)
        there = sum(one.rows for one in found if one.at_ms < end_ms)
        rate = LADDER_BEGINS * 2**number
        steps.append({"rate": rate, "behind_s": (sent - there) / rate})
    return steps


def _settle(table: Path, kind: Kind, rows: int) -> None:
    """Wait until all that was sent is there, or it is clear that it will not be."""
    deadline = time.monotonic() + _LEFT_S
    while time.monotonic() < deadline:
        if kind == "windowed":
            there = (totals(table) or [(0, 0)])[-1][1]
        else:
            there = sum(one.rows for one in commits(table))
        if there >= rows:
            return
        time.sleep(0.5)


def _stream(folder: Path, timed: Timed) -> AbstractContextManager[Stream]:
    if timed.who == "plain":
        return PlainStream(folder, "windowed" if timed.kind == "windowed" else "append")
    usual = ("--trigger", f"{TRIGGER_S} seconds", "--format", "csv")
    job, flags = "sleeping_stream", [*usual, "--tasks", "0"]
    if timed.kind == "windowed":
        job, flags = "analytics_stream", [*usual, "--timestamp-column", "time", "--key-columns", "key"]
        flags += ["--window", WINDOW, "--derive", "none", "--extra-columns", "ignore"]
    return StreamProcess(folder, ROOT / "conf/clusters/laptop.yaml", job, (), flags)


class PlainStream:
    """``plain_stream.py`` with Spark's own settings, and Delta's jars."""

    def __init__(self, folder: Path, kind: str) -> None:
        from launcher.cli.support import jar_paths

        self._folder = folder
        known = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
        jars = ",".join(map(str, jar_paths(os.environ, ("delta",))))
        delta = (
            "--conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension "
            "--conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
        known["PYSPARK_SUBMIT_ARGS"] = (
            f"--master local[{os.cpu_count()}] --driver-memory 2g --jars {jars} {delta} pyspark-shell"
        )
        places = [str(folder / name) for name in ("arrived", "table", "checkpoint")]
        argv = [sys.executable, str(APPS / "plain_stream.py"), kind, *places, f"{TRIGGER_S} seconds", WINDOW]
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self._process = subprocess.Popen(argv, env=known, stdout=out, stderr=err)

    def __enter__(self) -> PlainStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def ready(self) -> None:
        """Wait for the first batch.

        Raises:
            SystemExit: it ended before, or needs too long.
        """
        deadline = time.monotonic() + _READY_S
        while "batch 0" not in (self._folder / "stdout").read_text(encoding="utf-8"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                text = (self._folder / "stderr").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"the plain stream failed:\n{text[-4000:]}")
            time.sleep(0.2)
