"""From the command to its first result: a job through the launcher, beside plain pyspark.

Both count the words of the same small file and write a table, in a new process each time. Ours
writes a verified Delta table; plain pyspark, with Spark's own settings, writes Parquet.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import report
from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.find import required_java
from launcher.places import places

AIM = 0.55
_PLAIN = """
import sys
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
words = spark.read.text(sys.argv[1]).select(F.explode(F.split(F.lower("value"), " ")).alias("word"))
words.groupBy("word").count().write.parquet(sys.argv[2])
"""


@dataclass(frozen=True)
class Command:
    """A command line and its environment; the output folder is appended."""

    argv: Sequence[str]
    environ: Mapping[str, str]


def main(text: Path, rounds: int, results: Path) -> None:
    """Measure, and write the results."""
    seconds = run_rounds(text, rounds)
    ratios = {name: ratio_to_plain(seconds, name) for name in seconds}
    section = f"## Command to first result\n\n{report.start_table(seconds, ratios, AIM)}\n"
    report.write(results, "start", section, {"seconds": seconds, "over_plain_pyspark": ratios})


def run_rounds(text: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of whole processes, interleaved."""
    commands = _commands(text)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            seconds[name].append(_seconds(name, command))
            print(f"  round {number + 1} {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)
    return seconds


def ratio_to_plain(seconds: Mapping[str, Sequence[float]], name: str) -> float:
    """Median of a command's time over plain pyspark's, pair by pair; the aim is ``AIM``."""
    pairs = zip(seconds[name], seconds["plain pyspark"], strict=True)
    return statistics.median(ours / plain for ours, plain in pairs)


def _commands(text: Path) -> dict[str, Command]:
    sparkjob = str(Path(sys.executable).with_name("sparkjob"))
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    ours = [sparkjob, "run", "--quiet", "wordcount", "--", "--input", str(text), "--output"]
    return {
        _name(): Command(ours, environ),
        "plain pyspark": Command([sys.executable, "-c", _PLAIN, str(text)], environ),
    }


def _name() -> str:
    folder = places(os.environ).cache / "cds"
    made = folder.is_dir() and any(folder.iterdir())
    return "ours, class-data archive" if made else "ours, no archive (sparkjob warm makes it)"


def _seconds(name: str, command: Command) -> float:
    with tempfile.TemporaryDirectory(prefix="sparkjobs-bench-") as folder:
        argv = [*command.argv, str(Path(folder) / "table")]
        started = time.perf_counter()
        done = subprocess.run(
            argv, env=command.environ, cwd=folder, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"start, {name} failed:\n{(done.stderr + done.stdout)[-3000:]}")
    return seconds
