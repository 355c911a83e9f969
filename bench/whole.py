"""A command from the shell to its table, beside DuckDB from the start of its process to its counts.

``sparkjob warm`` has been run: both begin without a running engine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import report

AIM = 1.0
_ROOT = Path(__file__).parents[1]
_DUCKDB = (
    "import sys; from pathlib import Path; from bench.engines import duck, words; "
    "print(len(words.duckdb_same(duck.start(), Path(sys.argv[1]), Path())))"
)
_SPARKJOB = "from launcher.cli import main; main()"


def main(text: Path, rounds: int, results: Path) -> None:
    """Measure, and write the results."""
    runs = run_rounds(text, rounds)
    megabytes = text.stat().st_size / 1e6
    section = f"## Word count as a whole process, {megabytes:,.0f} MB\n\n{table(runs, megabytes)}\n"
    report.write(results, "whole", section, {"bytes": text.stat().st_size, "seconds": runs, "aim": AIM})


def run_rounds(text: Path, rounds: int) -> list[tuple[float, float]]:
    """Seconds of our command and of DuckDB's process, one after the other in each round."""
    with tempfile.TemporaryDirectory(prefix="sparkjobs-bench-") as folder:
        _done("warm", _SPARKJOB, ["warm"], folder)
        return [_round(text, Path(folder) / str(number)) for number in range(rounds)]


def table(runs: Sequence[tuple[float, float]], megabytes: float) -> str:
    """Medians, and the median of the ratios, as Markdown. Pure."""
    ours, duckdb = (statistics.median(column) for column in zip(*runs, strict=True))
    ratio = statistics.median(theirs / own for own, theirs in runs)
    shown = f"{AIM:g}" if ratio >= AIM else f"{AIM:g} (missed)"
    lines = [
        ["`sparkjob run wordcount`, to a Delta table", f"{ours:.1f}", f"{megabytes / ours:.0f}", "", ""],
        ["DuckDB, to counts in memory", f"{duckdb:.1f}", f"{megabytes / duckdb:.0f}", f"{ratio:.2f}", shown],
    ]
    return report.rows_of(("process", "s", "MB/s", "ours / DuckDB", "aim"), lines)


def _round(text: Path, folder: Path) -> tuple[float, float]:
    folder.mkdir()
    job = ["run", "wordcount", "--no-history", "--", "--input", str(text), "--output", str(folder / "out")]
    ours, answer = _done("sparkjob run", _SPARKJOB, job, str(folder))
    theirs, counted = _done("DuckDB", _DUCKDB, [str(text)], str(folder))
    words = json.loads(answer.strip().splitlines()[-1])["rows_written"]
    # DuckDB shows a bar of its progress before.
    others = int(counted.split()[-1])
    if words != others:
        raise SystemExit(f"whole: we count {words} words, DuckDB {others}")
    print(f"  ours {ours:.1f} s, DuckDB {theirs:.1f} s", file=sys.stderr, flush=True)
    return ours, theirs


def _done(name: str, program: str, arguments: Sequence[str], folder: str) -> tuple[float, str]:
    environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"whole, {name} failed:\n{done.stderr}")
    return time.perf_counter() - started, done.stdout
