"""The results as JSON and as a Markdown table, losses included."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.contest import OURS, Compared, Measured, as_json

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


def environment() -> dict[str, Any]:
    """What the numbers depend on."""
    packages = ("pyspark", "duckdb", "polars", "pyarrow", "numpy")
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load_at_end": round(os.getloadavg()[0], 1),
        **{name: version(name) for name in packages},
    }


def write_json(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write one suite's numbers to ``NAME.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"environment": environment(), **content}, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def suite_json(measured: Mapping[str, Sequence[Measured]], compared: Sequence[Compared]) -> dict[str, Any]:
    """Raw runs and comparisons."""
    return {"compared": [asdict(one) for one in compared], "runs": as_json(measured)}


def table(measured: Mapping[str, Sequence[Measured]], compared: Sequence[Compared]) -> str:
    """A Markdown table, one line an engine; medians."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|", _row(OURS, measured[OURS], None)]
    lines += [_row(one.peer, measured[one.peer], one) for one in compared]
    return "\n".join(lines)


def start_table(seconds: Mapping[str, Sequence[float]], ratios: Mapping[str, float]) -> str:
    """A Markdown table of command times."""
    lines = ["| command | s | over plain pyspark | aim |", "|---|---|---|---|"]
    for name, runs in seconds.items():
        aim = "" if name == "plain pyspark" else "0.6"
        lines.append(f"| {name} | {statistics.median(runs):.2f} | {ratios[name]:.2f} | {aim} |")
    return "\n".join(lines)


def failures(compared: Sequence[Compared]) -> list[str]:
    """Peers whose result differs from ours: a comparison that means nothing."""
    return [one.peer for one in compared if one.same_result is False]


def _row(name: str, runs: Sequence[Measured], one: Compared | None) -> str:
    cells = [
        name,
        f"{statistics.median(run.mb_per_s for run in runs):.0f}",
        f"{statistics.median(run.query_s for run in runs):.2f}",
        f"{statistics.median(run.cpu_s for run in runs):.1f}",
    ]
    return "| " + " | ".join(cells + (_verdict(one) if one else ["", "", "", ""])) + " |"


def _verdict(one: Compared) -> list[str]:
    process = "" if one.process_ratio is None else f"{one.process_ratio:.2f}"
    aim = "" if one.aim is None else f"{one.aim:.3g}{'' if one.query_ratio >= one.aim else ' (missed)'}"
    same = {True: "yes", False: "NO", None: "other words"}[one.same_result]
    return [f"{one.query_ratio:.2f}", process, aim, same]
