"""``python -m bench.streams [--cut]``: run what is missing, publish what there is."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import report
from bench.six_workers import MOST_CPU, workers
from bench.streams import latency_run, latency_tables, scaling_run, scaling_tables
from bench.streams.latency_run import LADDER_S, LADDER_STEPS, Timed
from bench.streams.scaling_run import POLICIES, Scaled

RESULTS = Path(__file__).parents[1] / "results"
SCALING, LATENCY = "streams-scaling", "streams-latency"
_DAY_S, _SPIKE_S, _LATENCY_S, _ROUNDS = 600.0, 300.0, 45.0, 3
_CUT_S = 30.0

Runs = dict[str, dict[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps that have no result yet; what is there is kept, so that it can be gone on with."""
    asked = _parser().parse_args(argv)
    kept = asked.runs or Path(tempfile.gettempdir()) / "sparkjobs-streams"
    kept.mkdir(parents=True, exist_ok=True)
    ends = time.monotonic() + asked.minutes * 60
    if asked.only != "latency":
        _scale(kept, _curves(asked), ends, asked.results, cut=asked.cut)
    if asked.only != "scaling" and not asked.cut:
        _time(kept, ends, asked.results)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.streams", description=__doc__)
    parser.add_argument("--cut", action="store_true", help="a minute: shows that it works")
    parser.add_argument("--only", choices=("scaling", "latency"), help="one of the two parts")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no further run after so many")
    parser.add_argument("--day", type=float, default=_DAY_S, help="seconds of the day and of the ramp's like")
    parser.add_argument("--spike", type=float, default=_SPIKE_S, help="seconds of the curve with a spike")
    parser.add_argument("--runs", type=Path, help="folder of the runs; what it holds is not run again")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    return parser


def _curves(asked: argparse.Namespace) -> list[Scaled]:
    if asked.cut:
        return [Scaled("spike", "ours", _CUT_S)]
    lengths = {"diurnal": asked.day, "spike": asked.spike}
    return [Scaled(curve, policy, length) for curve, length in lengths.items() for policy in POLICIES]


def _scale(kept: Path, curves: Sequence[Scaled], ends: float, results: Path, *, cut: bool) -> None:
    runs = _read(kept / f"{SCALING}.json")
    missing = [scaled for scaled in curves if scaled.key not in runs]
    if missing:
        with workers(kept) as profile:
            for scaled in missing:
                if time.monotonic() > ends:
                    break
                play = partial(scaling_run.run, profile, scaled=scaled)
                runs[scaled.key] = _alone(kept, scaled.key, play) if cut else _valid(kept, scaled.key, play)
                _keep(kept / f"{SCALING}.json", runs)
    _publish(results, SCALING, scaling_tables.section(runs), scaling_tables.document(runs))


def _time(kept: Path, ends: float, results: Path) -> None:
    runs = _read(kept / f"{LATENCY}.json")
    timed = [
        Timed(kind, who, number, _LATENCY_S)
        for number in range(1, _ROUNDS + 1)
        for kind in ("append", "windowed")
        for who in ("ours", "plain")
    ]
    timed += [Timed("ladder", who, 1, LADDER_S * LADDER_STEPS) for who in ("ours", "plain")]
    for one in timed:
        if one.key not in runs and time.monotonic() < ends:
            runs[one.key] = _alone(kept, one.key, partial(latency_run.run, timed=one))
            _keep(kept / f"{LATENCY}.json", runs)
    _publish(results, LATENCY, latency_tables.section(runs), latency_tables.document(runs))


def _valid(kept: Path, key: str, run: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """One run; one that the machine had no time for is done again, once."""
    found = _alone(kept, key, run)
    if scaling_tables.valid(found):
        return found
    print(f"  {key}: {found['cpu_share']:.0%} busy, above {MOST_CPU:.0%}; again", file=sys.stderr, flush=True)
    return _alone(kept, key, run)


def _alone(kept: Path, key: str, run: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """One run in a folder of its own, of which only the numbers stay."""
    folder = kept / key.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    found = run(folder)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"  {key}: {json.dumps(found)}", file=sys.stderr, flush=True)
    return found


def _read(file: Path) -> Runs:
    if not file.is_file():
        return {}
    found: Runs = json.loads(file.read_text(encoding="utf-8"))
    return found


def _keep(file: Path, runs: Runs) -> None:
    file.write_text(json.dumps(runs, indent=1), encoding="utf-8")


def _publish(results: Path, name: str, section: str, content: Mapping[str, Any]) -> None:
    report.write(results, name, section + "\n", content)
    print((results / f"{name}.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
