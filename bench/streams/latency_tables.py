"""From runs of ours and of plain Structured Streaming to what is published, misses included. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from bench.report import rows_of
from bench.streams.latency_run import RATE, TRIGGER_S

# Our p99 over that of plain Structured Streaming.
AIMS = {"append": 0.8, "windowed": 0.5}
# A rate is kept where no more than this waits at the end of its step, in triggers.
_KEPT_TRIGGERS = 3.0

Runs = Mapping[str, Mapping[str, Any]]


def ratios(runs: Runs) -> dict[str, float]:
    """Our p99 over plain's by kind: the median of pairs that ran one after the other."""
    found = {}
    for kind in AIMS:
        pairs = [
            run["p99_s"] / other["p99_s"]
            for key, run in runs.items()
            if key.startswith(f"{kind} ours ") and (other := runs.get(key.replace(" ours ", " plain ")))
        ]
        if pairs:
            found[kind] = statistics.median(pairs)
    return found


def kept_rate(run: Mapping[str, Any]) -> float:
    """The highest rate whose backlog did not grow; 0 where even the first one did."""
    kept = 0.0
    for step in run["steps"]:
        if step["behind_s"] > _KEPT_TRIGGERS * TRIGGER_S:
            break
        kept = step["rate"]
    return kept


def document(runs: Runs) -> dict[str, Any]:
    """All numbers."""
    rates = {key: kept_rate(run) for key, run in runs.items() if key.startswith("ladder ")}
    return {"trigger_s": TRIGGER_S, "p99_over_plain": ratios(runs), "kept_rates": rates, "runs": dict(runs)}


def section(runs: Runs) -> str:
    """The page."""
    return "\n".join(_lines(runs))


def _lines(runs: Runs) -> Iterator[str]:
    yield "## Latency beside plain Structured Streaming\n"
    yield (
        f"{RATE:.0f} rows a second in files that are moved in ten times a second, a look every {TRIGGER_S} s "
        "on both sides; a row waits from when it was meant to be sent to the commit. Runs alternate.\n"
    )
    timed = {key: run for key, run in runs.items() if not key.startswith("ladder ")}
    yield rows_of(
        ("run", "p50 s", "p99 s", "max s", "CPU"),
        [
            [key, *(f"{run[name]:.2f}" for name in ("p50_s", "p99_s", "max_s")), f"{run['cpu_share']:.0%}"]
            for key, run in timed.items()
        ],
    )
    for kind, ratio in ratios(runs).items():
        missed = "" if ratio <= AIMS[kind] else ", missed"
        yield f"\nOur p99 over plain's, {kind}: {ratio:.2f} (aim {AIMS[kind]}{missed})."
    for key, run in runs.items():
        if key.startswith("ladder "):
            rate = f"{kept_rate(run):.0f} rows/s"
            yield f"\nHighest rate whose backlog does not grow, {key.split()[1]}: {rate}."
