"""``python -m bench.streams.flat [--quick] [--only CASE]``: whether batch 2,000 costs what 200 did.

Each case is one run of a stream over files that lie there, a file a batch. A batch is timed from the end of
the batch before it to its own: listing, bookkeeping and compaction included. Flat means: the median of the
last 200 batches is at most 1.2 times that of batches 101 to 300. ``--beside`` times another checkout, with an
environment of its own, over 300 batches.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "bench/results/streams-flat.json"
MOST = 1.2
BATCHES, EARLY, LATE = 2000, (100, 300), 200
_EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Case:
    """A stream that is fed.

    Attributes:
        job: its name.
        flags: of its run.
        header: of its files.
        lines: the lines of the file of a number.
    """

    job: str
    flags: tuple[str, ...]
    header: str
    lines: Callable[[int], Iterator[str]]


def _series(number: int) -> Iterator[str]:
    """A minute of ten series, a tenth of it out of order by up to five minutes."""
    chance = random.Random(number)
    for _ in range(600):
        late_s = chance.uniform(0, 300) if chance.random() < 0.1 else 0
        at = _EPOCH + timedelta(minutes=number, seconds=chance.uniform(0, 60) - late_s)
        yield f"{at.isoformat()},{chance.gauss(0, 1):.6f},k{chance.randrange(10)}"


def _keyed(number: int) -> Iterator[str]:
    """Each of 10,000 keys once."""
    chance = random.Random(number)
    for key in range(10_000):
        yield f"key{key},{chance.uniform(-100, 100):.4f}"


WINDOWS = ("--window", "10 minutes", "--key-columns", "key", "--derive", "none")
CASES: Mapping[str, Case] = {
    "windows": Case("analytics_stream", WINDOWS, "timestamp,value,key", _series),
    "keys": Case("sum_by_key_stream", (), "id,value", _keyed),
}


@dataclass(frozen=True)
class Found:
    """What a run showed: the batches, the medians of the early and of the late ones, their ratio."""

    batches: int
    early_s: float
    late_s: float
    ratio: float


def medians(seconds: Sequence[float], early: tuple[int, int], late: int) -> Found:
    """The medians of two stretches of batches. Pure."""
    one, other = statistics.median(seconds[slice(*early)]), statistics.median(seconds[-late:])
    return Found(len(seconds), round(one, 3), round(other, 3), round(other / one, 3))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the cases; 1 when one of ours is not flat."""
    asked = _parser().parse_args(argv)
    batches, early, late = (12, (2, 6), 4) if asked.quick else (asked.batches, EARLY, LATE)
    found: dict[str, Found] = {}
    for name in asked.only or CASES:
        found[name] = medians(_measured(CASES[name], batches, ROOT), early, late)
        print(name, found[name], file=sys.stderr)
        if asked.beside and name == "windows":
            # Not early and late as ours: it has no 2,000 batches within an hour.
            seconds = _measured(CASES[name], min(300, batches), Path(asked.beside))
            found[f"{name}, {Path(asked.beside).name}"] = medians(
                seconds, (0, len(seconds) // 3), len(seconds) // 3
            )
    if not asked.quick:
        RESULT.write_text(json.dumps({name: asdict(item) for name, item in found.items()}, indent=1) + "\n")
    print("| case | batches | early s | late s | late / early |\n|---|---|---|---|---|")
    for name, item in found.items():
        print(f"| {name} | {item.batches} | {item.early_s} | {item.late_s} | {item.ratio} |")
    return int(not asked.quick and any(found[name].ratio > MOST for name in CASES if name in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.streams.flat")
    parser.add_argument("--quick", action="store_true", help="12 batches: shows that it works")
    parser.add_argument("--batches", type=int, default=BATCHES)
    parser.add_argument("--only", action="append", choices=list(CASES))
    parser.add_argument("--beside", metavar="DIR", help="another checkout, with its .venv")
    return parser


def _measured(case: Case, batches: int, root: Path) -> list[float]:
    """Seconds of each batch after the first."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "in").mkdir()
        for number in range(batches):
            lines = "\n".join([case.header, *case.lines(number)])
            (home / "in" / f"{number:05}.csv").write_text(lines + "\n")
        _run(case, home, root)
        times = _ends(home / "out_checkpoint")
    return [after - before for before, after in pairwise(times)]


def _ends(checkpoint: Path) -> list[float]:
    """When each batch ended: by its line of progress, or by Spark's mark where there is none."""
    progress = checkpoint / "progress.jsonl"
    if progress.exists():
        lines = [json.loads(line) for line in progress.read_text().splitlines()]
        return [datetime.fromisoformat(line["ts"].replace("Z", "+00:00")).timestamp() for line in lines]
    marks = checkpoint / "commits"
    kept = sorted(int(mark.name) for mark in marks.iterdir() if mark.name.isdigit())
    return [(marks / str(number)).stat().st_mtime for number in kept]


def _run(case: Case, home: Path, root: Path) -> None:
    binaries = root / ".venv/bin"
    jars = subprocess.run(
        [binaries / "sparkjob", "jars", "path"], capture_output=True, text=True, check=True
    ).stdout.strip()
    confs = {
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        # Of a version without progress all marks are wanted; Spark would keep the last hundred.
        **({} if root == ROOT else {"spark.sql.streaming.minBatchesToRetain": "1000"}),
    }
    given = " ".join(f"--conf {key}={value}" for key, value in confs.items())
    submit = f"--master local[2] --driver-memory 2g --jars {jars} {given} pyspark-shell"
    command = [
        binaries / "python",
        "-m",
        "sparkjobs",
        case.job,
        "--input",
        home / "in",
        "--output",
        home / "out",
    ]
    subprocess.run(
        [*map(str, command), "--max-files-per-batch", "1", *case.flags],
        cwd=root,
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": submit},
        stdout=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
