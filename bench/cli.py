"""CPU seconds of commands that must answer at once: ``sparkjob --help`` and ``sparkjob plan``.

CPU time, not wall time: it is nearly the same on a busy machine. The aims are those of the command line.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import report

ROUNDS_EACH = 5
AIMS_S: Mapping[str, float] = {
    "sparkjob --help": 0.3,
    "sparkjob plan SCRIPT.py": 0.6,
    "sparkjob plan wordcount, input listed": 0.6,
    "sparkjob plan SCRIPT.py --target dgx-a100-512gb -o json": 0.6,
}


def main(text: Path, rounds: int, results: Path) -> None:
    """Measure, and write the results."""
    seconds = run_rounds(text, rounds)
    section = f"## Answers of the command line\n\n{table(seconds)}\n"
    report.write(results, "cli", section, {"cpu_seconds": seconds, "aims": dict(AIMS_S)})


def run_rounds(text: Path, rounds: int) -> dict[str, list[float]]:
    """CPU seconds of whole processes, interleaved."""
    seconds: dict[str, list[float]] = {name: [] for name in AIMS_S}
    with tempfile.TemporaryDirectory(prefix="sparkjobs-bench-") as folder:
        script = Path(folder) / "etl.py"
        script.write_text("print()\n", encoding="utf-8")
        commands = _commands(script, text)
        for _ in range(rounds * ROUNDS_EACH):
            for name, arguments in commands.items():
                seconds[name].append(_cpu_s(name, arguments, folder))
    return seconds


def table(seconds: Mapping[str, Sequence[float]]) -> str:
    """A Markdown table of the medians beside their aims."""
    lines = [[f"`{n}`", f"{statistics.median(runs):.2f}", f"{AIMS_S[n]}"] for n, runs in seconds.items()]
    return report.rows_of(("command", "CPU s", "aim"), lines)


def _commands(script: Path, text: Path) -> dict[str, list[str]]:
    listed = ["plan", "wordcount", "--", "--input", str(text), "--output", "out"]
    gpus = ["plan", str(script), "--target", "dgx-a100-512gb", "-o", "json"]
    return dict(zip(AIMS_S, (["--help"], ["plan", str(script)], listed, gpus), strict=True))


def _cpu_s(name: str, arguments: Sequence[str], folder: str) -> float:
    argv = [sys.executable, "-c", "from launcher.cli import main; main()", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    before = _children_s()
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"cli, {name} failed:\n{done.stderr}")
    return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
