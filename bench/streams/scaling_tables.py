"""From runs of the three policies to what is published, misses included. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.report import rows_of
from bench.six_workers import MOST_CPU
from bench.streams import simulated_tables
from bench.streams.scaling_run import LATENCY_S, POLICIES, TRIGGER_S

# Executor-seconds of a day over those of the static maximum.
AIM = 0.65
_COLUMNS = (
    "curve", "policy", "executor-s", "over static", "p50 s", "p99 s", "max s", "most rows waiting", "CPU",
)  # fmt: skip

Runs = Mapping[str, Mapping[str, Any]]


def valid(run: Mapping[str, Any]) -> bool:
    """Whether the machine had time for it."""
    return bool(run["cpu_share"] <= MOST_CPU)


def document(runs: Runs) -> dict[str, Any]:
    """All numbers."""
    return {
        "trigger_s": TRIGGER_S,
        "objective_s": LATENCY_S,
        "void": sorted(key for key, run in runs.items() if not valid(run)),
        "over_static": {curve: share for curve in _curves(runs) if (share := _over_static(runs, curve))},
        "runs": dict(runs),
    }


def section(runs: Runs) -> str:
    """The page."""
    return "\n".join(_lines(runs))


def _lines(runs: Runs) -> Iterator[str]:
    yield "## Executors that follow the load\n"
    yield (
        f"Tasks sleep in proportion to their rows on six one-core workers; a batch every {TRIGGER_S} s, a "
        f"row to be committed within {LATENCY_S} s after it was meant to be sent. A run during which more "
        f"than {MOST_CPU:.0%} of the cores were busy is void.\n"
    )
    yield rows_of(_COLUMNS, [_row(runs, curve, policy) for curve in _curves(runs) for policy in POLICIES
                             if f"{curve} {policy}" in runs])  # fmt: skip
    share = _over_static(runs, "diurnal")
    if share is not None:
        within = "within" if runs["diurnal ours"]["p99_s"] <= LATENCY_S else "beyond"
        missed = "" if share <= AIM else ", missed"
        yield (
            f"\nA day costs {share:.2f} of the static maximum's executor-seconds (aim {AIM}{missed}), its "
            f"p99 is {within} the objective."
        )
    yield simulated_tables.section()


def _row(runs: Runs, curve: str, policy: str) -> list[str]:
    run = runs[f"{curve} {policy}"]
    static = runs.get(f"{curve} static")
    over = f"{run['executor_seconds'] / static['executor_seconds']:.2f}" if static else ""
    void = "" if valid(run) else " (void)"
    return [
        curve, policy, f"{run['executor_seconds']:.0f}", over, f"{run['p50_s']:.1f}", f"{run['p99_s']:.1f}",
        f"{run['max_s']:.1f}", str(run["most_waiting"]), f"{run['cpu_share']:.0%}{void}",
    ]  # fmt: skip


def _curves(runs: Runs) -> list[str]:
    return list(dict.fromkeys(key.split()[0] for key in runs))


def _over_static(runs: Runs, curve: str) -> float | None:
    ours, static = runs.get(f"{curve} ours"), runs.get(f"{curve} static")
    if ours is None or static is None or not (valid(ours) and valid(static)):
        return None
    return float(ours["executor_seconds"] / static["executor_seconds"])
