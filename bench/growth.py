"""Each job at 1, 4 and 16 times the data on the same cores: how time and memory grow.

A size has the files of the smaller ones and more: of other users and times where new data brings such,
the same file again where it does not.
"""

from __future__ import annotations

import itertools
import math
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.engine_process import EngineProcess
from bench.inputs import tables
from bench.inputs.text import text_file
from bench.model import OURS
from bench.processes import Memory, Peak
from bench.suites.text_features import documents_file

TIMES = (1, 4, 16)
QUICK_SCALE = 0.0005


@dataclass(frozen=True)
class Growing:
    """A job that is given more.

    Attributes:
        suite: whose query it is.
        size: rows of a file, or its bytes of text.
        files: how many make the first size.
        file: makes the file of a size and a number, or finds it.
    """

    suite: str
    size: int
    files: int
    file: Callable[[int, int], Path]


@dataclass(frozen=True)
class Point:
    """One run: times the first size, seconds, CPU seconds, memory."""

    times: int
    seconds: float
    cpu_s: float
    memory: Memory


def _again(make: Callable[[int], Path], size: int, _: int) -> Path:
    return make(size)


# First sizes that take about a minute on two cores.
JOBS: Mapping[str, Growing] = {
    "sum_by_key": Growing("sum_by_key-csv", 5_000_000, 8, partial(_again, partial(tables.csv, tables.pairs))),
    "analytics": Growing("analytics-parquet", 6_000_000, 1, partial(tables.parquet, tables.series)),
    "partition": Growing(
        "partition-parquet", 5_000_000, 5, partial(_again, partial(tables.parquet, tables.events))
    ),
    "behaviour": Growing("behaviour-parquet", 6_000_000, 1, partial(tables.parquet, tables.events)),
    "text_features": Growing("text_features", 12_000_000, 1, partial(_again, documents_file)),
    "wordcount": Growing("wordcount-job", 1_000_000_000, 6, partial(_again, text_file)),
}


def main(scale: float, repeat: int, results: Path, quick: bool) -> None:
    """Measure every job and write the results; ``scale`` multiplies the first sizes."""
    found = {name: _measured(name, QUICK_SCALE if quick else scale, repeat) for name in JOBS}
    lines = [_line(name, points) for name, points in found.items()]
    columns = (
        "job",
        *(f"s at {n}" for n in TIMES),
        "slope",
        "slope",
        *(f"MiB at {n}" for n in TIMES),
        "worker MiB",
    )
    note = (
        "A slope of 1 means that the time grows as the data does. MiB are of all processes together, "
        "shared pages counted once; the last column is the largest Python worker at the largest size."
    )
    section = f"## Growth: 1, 4 and 16 times the data\n\n{note}\n\n{report.rows_of(columns, lines)}\n"
    runs = {name: [asdict(point) for point in points] for name, points in found.items()}
    report.write(results, "growth", section, {"scale": scale, "repeat": repeat, "runs": runs})


def slopes(seconds: Sequence[float], times: Sequence[float]) -> list[float]:
    """Between neighbours: log(time ratio) / log(size ratio). Pure."""
    pairs = list(zip(seconds, times, strict=True))
    neighbours = itertools.pairwise(pairs)
    return [math.log(s2 / s1) / math.log(n2 / n1) for (s1, n1), (s2, n2) in neighbours]


def medians(points: Sequence[Point]) -> list[Point]:
    """For each size the medians of its runs, and the most memory. Pure."""
    return [_median([point for point in points if point.times == times]) for times in TIMES]


def _median(points: Sequence[Point]) -> Point:
    memory = Memory()
    for point in points:
        memory = memory.most(point.memory)
    seconds = statistics.median(point.seconds for point in points)
    return Point(points[0].times, seconds, statistics.median(point.cpu_s for point in points), memory)


def _measured(name: str, scale: float, repeat: int) -> list[Point]:
    growing, points = JOBS[name], []
    size = max(1000, int(growing.size * scale))
    for _ in range(repeat):
        for times in TIMES:
            with TemporaryDirectory(prefix="sparkjobs-bench-") as folder:
                source = gathered(
                    [growing.file(size, number) for number in range(times * growing.files)],
                    Path(folder) / "in",
                )
                points.append(run_once(growing.suite, source, Path(folder) / "out", times))
            print(f"  {name} x {times}: {points[-1].seconds:.1f} s", file=sys.stderr, flush=True)
    return points


def gathered(files: Sequence[Path], folder: Path) -> Path:
    """A folder of the files, without their bytes again."""
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number}{file.suffix}").symlink_to(file.resolve())
    return folder


def run_once(suite: str, source: Path, output: Path, times: int) -> Point:
    """Our job once, as the first query of a started engine."""
    with EngineProcess("ours") as engine:
        with Peak(engine.pid) as peak:
            found = engine.ask(suite, OURS, source, output)
        shutil.rmtree(output, ignore_errors=True)
    return Point(times, found["seconds"], found["cpu_seconds"], peak.memory)


def _line(name: str, runs: Sequence[Point]) -> list[str]:
    points = medians(runs)
    grown = slopes([point.seconds for point in points], TIMES)
    return [
        name,
        *(f"{point.seconds:.1f}" for point in points),
        *(f"{slope:.2f}" for slope in grown),
        *(f"{point.memory.total:.0f}" for point in points),
        f"{points[-1].memory.worker:.0f}",
    ]
