"""``python -m bench.streams.demo``: a load that swings for a minute, and executors that follow it.

It starts a small cluster of this machine, a stream on it and a load, shows them, and ends all three.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from bench.six_workers import workers
from bench.streams.curves import swing
from bench.streams.live import Moment, in_a_line, view
from bench.streams.measures import Committed, commits, executor_seconds, latencies, percentile
from bench.streams.open_loop import OpenLoop, by_rows
from bench.streams.process import StreamProcess
from bench.streams.scaling_run import usual_flags

WORKERS, TRIGGER_S, OBJECTIVE_S, LENGTH_S = 4, 2, 6, 60.0
ROWS, PEAK, MS_PER_ROW = 5, 120.0, 20.0
_EVERY_S, _LINE_S = 0.5, 5.0


def main() -> int:
    """Play the demo."""
    screen = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="sparkjobs-demo-") as name:
        folder = Path(name)
        screen.print(f"starting a cluster of {WORKERS} workers, then a stream on it: half a minute")
        with workers(folder, WORKERS) as profile:
            _play(screen, folder, profile)
    return 0


def _play(screen: Console, folder: Path, profile: Path) -> None:
    loop = OpenLoop(folder / "arrived", by_rows(swing(PEAK, LENGTH_S), LENGTH_S, ROWS))
    loop.put("first", time.time(), ROWS)
    flags = (*usual_flags(TRIGGER_S, MS_PER_ROW), "--max-latency", f"{OBJECTIVE_S} seconds")
    with StreamProcess(folder, profile, "sleeping_stream", (), flags) as stream:
        stream.ready()
        loop.start()
        _watch(screen, stream, loop)
        stream.result()
        _sum_up(screen, stream, loop)


def _watch(screen: Console, stream: StreamProcess, loop: OpenLoop) -> None:
    moments: list[Moment] = []
    if not screen.is_terminal:
        for moment in _moments(stream, loop):
            if not moments or moment.at_s - moments[-1].at_s >= _LINE_S:
                moments.append(moment)
                screen.print(in_a_line(moment), soft_wrap=True)
        return
    plain = "utf" not in screen.encoding.lower()
    with Live(console=screen, auto_refresh=False) as live:
        for moment in _moments(stream, loop):
            moments.append(moment)
            board = view(moments, LENGTH_S, OBJECTIVE_S, WORKERS, _decision(stream.text), plain)
            live.update(board, refresh=True)


def _moments(stream: StreamProcess, loop: OpenLoop) -> Iterator[Moment]:
    rate = swing(PEAK, LENGTH_S)
    while stream.running:
        at = time.time() - loop.began_s
        found = commits(stream.table)
        here = [one for one in found if one.sent_ms >= loop.began_s * 1000]
        sent = rate(at) if at < LENGTH_S else 0.0
        yield _moment(at, sent, loop.sent - ROWS, here, stream.progress())
        time.sleep(_EVERY_S)


def _moment(
    at_s: float, sent: float, rows: int, found: list[Committed], batches: list[dict[str, Any]]
) -> Moment:
    """What is seen now. Pure."""
    newest = max((one.at_ms for one in found), default=0)
    waits = [(one.at_ms - one.sent_ms) / 1000 for one in found if one.at_ms == newest]
    there, last = sum(one.rows for one in found), batches[-1] if batches else {}
    return Moment(
        at_s=at_s,
        sent=sent,
        taken=last.get("input_rows_per_s") or 0.0,
        rows=there,
        version=len({one.at_ms for one in found}),
        waiting=rows - there,
        latency_s=max(waits, default=0.0),
        executors=last.get("executors") or 0,
        target=last.get("target") or 0,
    )


def _decision(told: str) -> str:
    """The last decision that the stream has told."""
    lines = [line for line in told.splitlines() if " executors: " in line]
    return lines[-1].partition(" executors: ")[2] if lines else ""


def _sum_up(screen: Console, stream: StreamProcess, loop: OpenLoop) -> None:
    since, until = loop.began_s * 1000, (loop.began_s + LENGTH_S) * 1000
    waited = latencies(commits(stream.table), since, until)
    held = executor_seconds(stream.trace().executors, since, until)
    share = held / (WORKERS * LENGTH_S)
    screen.print(
        f"{sum(rows for _, rows in waited)} rows in {LENGTH_S:.0f} s: half of them within "
        f"{percentile(waited, 0.5):.1f} s of being sent, 99 % within {percentile(waited, 0.99):.1f} s; "
        f"{held:.0f} executor-seconds, {share:.0%} of those of {WORKERS} executors all the time",
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main())
