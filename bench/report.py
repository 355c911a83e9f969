"""The results as JSON and as Markdown tables, losses included."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.contest import Compared, Measured, as_json
from bench.model import OURS, Contestant

_COLUMNS = (
    "engine",
    "MB/s",
    "query s",
    "CPU s",
    "ours / engine, started",
    "whole process",
    "aim",
    "same result",
)
_PACKAGES = ("pyspark", "delta-spark", "deltalake", "duckdb", "polars", "pyarrow", "numpy", "scikit-learn")


def environment() -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load_at_end": round(os.getloadavg()[0], 1),
        **{name: found for name in _PACKAGES if (found := _version(name))},
    }


def measured_on(where: Mapping[str, Any]) -> str:
    """One line for people: when, on what, with which versions. Pure."""
    packages = ", ".join(f"{name} {where[name]}" for name in _PACKAGES if name in where)
    return (
        f"Measured {where['date']} on {where['cores']} cores ({where['processor']}, "
        f"{where['memory_gb']} GB), load {where['load_at_end']} at the end; "
        f"Python {where['python']}, {packages}."
    )


def write(folder: Path, name: str, section: str, content: Mapping[str, Any]) -> None:
    """Write one suite's numbers to ``NAME.json``, and its table to ``NAME.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    where = environment()
    text = json.dumps({"environment": where, **content}, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(f"{section}\n{measured_on(where)}\n", encoding="utf-8")


def suite_json(measured: Mapping[str, Sequence[Measured]], compared: Sequence[Compared]) -> dict[str, Any]:
    """Raw runs and comparisons."""
    return {"compared": [asdict(one) for one in compared], "runs": as_json(measured)}


def table(
    contestants: Mapping[str, Contestant],
    measured: Mapping[str, Sequence[Measured]],
    compared: Sequence[Compared],
) -> str:
    """A Markdown table, one line an engine; medians."""
    lines = [_row(OURS, measured[OURS], ["", "", "", ""])]
    lines += [_row(one.peer, measured[one.peer], _verdict(one, contestants[one.peer])) for one in compared]
    return rows_of(_COLUMNS, lines)


def rows_of(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table of any columns. Pure."""
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join([*head, *(f"| {' | '.join(line)} |" for line in lines)])


def start_table(seconds: Mapping[str, Sequence[float]], ratios: Mapping[str, float], aim: float) -> str:
    """A Markdown table of command times."""
    lines = [
        [name, f"{statistics.median(runs):.2f}", f"{ratios[name]:.2f}", "" if ratios[name] == 1 else f"{aim}"]
        for name, runs in seconds.items()
    ]
    return rows_of(("command", "s", "over plain pyspark", "aim"), lines)


def failures(compared: Sequence[Compared]) -> list[str]:
    """Peers whose result differs from ours: a comparison that means nothing."""
    return [one.peer for one in compared if one.same_result is False]


def _row(name: str, runs: Sequence[Measured], verdict: Sequence[str]) -> list[str]:
    return [
        name,
        f"{statistics.median(run.mb_per_s for run in runs):.3g}",
        f"{statistics.median(run.query_s for run in runs):.2f}",
        f"{statistics.median(run.cpu_s for run in runs):.1f}",
        *verdict,
    ]


def _verdict(one: Compared, peer: Contestant) -> list[str]:
    process = "" if one.process_ratio is None else f"{one.process_ratio:.2f}"
    aim = "" if one.aim is None else f"{one.aim:.3g}{'' if one.query_ratio >= one.aim else ' (missed)'}"
    unasked = "not compared" if peer.same_result else "other words"
    same = {True: "yes", False: "NO", None: unasked}[one.same_result]
    return [f"{one.query_ratio:.3g}", process, aim, same]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
