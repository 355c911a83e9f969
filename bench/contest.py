"""Rounds: every contestant once a round, each in its own process, so that all meet the same noise."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.suites import Contestant

OURS = "ours"
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """One process: ``query_s`` in the started, warm engine; ``process_s`` from start to exit.

    ``mb_per_s`` is of the query, over the bytes that the contestant read.
    """

    query_s: float
    process_s: float
    cpu_s: float
    mb_per_s: float
    digests: dict[str, str]


@dataclass(frozen=True)
class Compared:
    """A peer beside ours: medians of the paired ratios; above 1 means that ours is quicker.

    ``process_ratio`` compares whole processes (start, warm-up and query), and is ``None`` for a peer
    that reads the sample only.
    """

    peer: str
    query_ratio: float
    process_ratio: float | None
    aim: float | None
    same_result: bool | None


def run_rounds(
    suite: str, contestants: Mapping[str, Contestant], data: Path, sample: Path, rounds: int
) -> dict[str, list[Measured]]:
    """Measure all contestants, interleaved; each round begins with another one."""
    measured: dict[str, list[Measured]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        turn = number % len(names)
        for name in [*names[turn:], *names[:turn]]:
            read = sample if contestants[name].sample_only else data
            measured[name].append(_measure(suite, name, data, sample, read))
            print(f"  round {number + 1} {name}: {_line(measured[name][-1])}", file=sys.stderr, flush=True)
    return measured


def compare(
    contestants: Mapping[str, Contestant], measured: Mapping[str, Sequence[Measured]]
) -> list[Compared]:
    """Set every peer beside ours, round by round."""
    ours = measured[OURS]
    return [_compared(name, contestants[name], ours, measured[name]) for name in contestants if name != OURS]


def as_json(measured: Mapping[str, Sequence[Measured]]) -> dict[str, list[dict[str, object]]]:
    """The raw numbers, for the results file."""
    return {name: [asdict(one) for one in runs] for name, runs in measured.items()}


def _measure(suite: str, name: str, data: Path, sample: Path, read: Path) -> Measured:
    argv = [sys.executable, "-m", "bench.worker", suite, name, str(data), str(sample)]
    environ = {**os.environ, "POLARS_MAX_THREADS": str(os.cpu_count() or 2)}
    started = time.perf_counter()
    done = subprocess.run(argv, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{suite} {name} failed:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    rate = read.stat().st_size / 1e6 / found["seconds"]
    return Measured(found["seconds"], seconds, found["cpu_seconds"], rate, found["digests"])


def _compared(name: str, peer: Contestant, ours: Sequence[Measured], theirs: Sequence[Measured]) -> Compared:
    pairs = list(zip(ours, theirs, strict=True))
    process = None if peer.sample_only else statistics.median(b.process_s / a.process_s for a, b in pairs)
    same = all(_agree(a.digests, b.digests) for a, b in pairs) if peer.same_result else None
    rate = statistics.median(a.mb_per_s / b.mb_per_s for a, b in pairs)
    return Compared(name, rate, process, peer.aim, same)


def _agree(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    return all(ours.get(name) == digest for name, digest in theirs.items())


def _line(one: Measured) -> str:
    return (
        f"{one.query_s:.2f} s, {one.mb_per_s:.0f} MB/s, cpu {one.cpu_s:.1f} s, process {one.process_s:.1f} s"
    )
