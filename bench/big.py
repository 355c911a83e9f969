"""``sum_by_key`` on CSV of 1 and 5 GB, plain and quoted: is the time of a GB the same, and the memory?"""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.growth import Point, run_once
from bench.inputs import tables
from bench.inputs.folder import FOLDER

GIGABYTES = (1, 5)
_PIECE_ROWS = 5_000_000
WORKER_AIM_MIB = 300


def main(quick: bool, results: Path) -> None:
    """Measure, and write the results."""
    unit = 1_000_000 if quick else 1_000_000_000
    rows = 10_000 if quick else _PIECE_ROWS
    found = {
        (kind, size): _measured(quoted, size, unit, rows)
        for kind, quoted in (("plain", False), ("quoted", True))
        for size in GIGABYTES
    }
    lines = [_line(kind, size, point) for (kind, size), point in found.items()]
    columns = ("CSV", "GB", "s", "s a GB", "CPU s a GB", "largest worker, MiB", "JVM, MiB", "all, MiB")
    section = (
        f"## CSV of {' and '.join(map(str, GIGABYTES))} GB\n\n"
        f"`sum_by_key`; a worker is to stay under {WORKER_AIM_MIB} MiB.\n\n{report.rows_of(columns, lines)}\n"
    )
    runs = [{"kind": kind, "gigabytes": size, **asdict(point)} for (kind, size), point in found.items()]
    report.write(results, "big", section, {"quick": quick, "runs": runs})


def repeated(piece: Path, size_bytes: int, target: Path) -> None:
    """A CSV file of at least this size: the header of ``piece``, then its rows over and over."""
    with piece.open("rb") as source, target.open("wb") as file:
        file.write(source.readline())
        start = source.tell()
        while file.tell() < size_bytes:
            source.seek(start)
            shutil.copyfileobj(source, file, 1 << 20)


def _measured(quoted: bool, size: int, unit: int, rows: int) -> Point:
    piece = tables.csv(tables.pairs, rows, quoted=quoted)
    # Not kept: it is large, and quickly made.
    with TemporaryDirectory(prefix="sparkjobs-bench-", dir=FOLDER) as folder:
        source = Path(folder) / "rows.csv"
        repeated(piece, size * unit, source)
        point = run_once("sum_by_key-csv", source, Path(folder) / "out", size)
    print(
        f"  {'quoted' if quoted else 'plain'} {size} GB: {point.seconds:.1f} s", file=sys.stderr, flush=True
    )
    return point


def _line(kind: str, size: int, point: Point) -> list[str]:
    memory = point.memory
    return [
        kind,
        str(size),
        f"{point.seconds:.1f}",
        f"{point.seconds / size:.1f}",
        f"{point.cpu_s / size:.1f}",
        f"{memory.worker:.0f}",
        f"{memory.java:.0f}",
        f"{memory.total:.0f}",
    ]
