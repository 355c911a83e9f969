"""``python -m bench.closed_loop [--cut]``: run what is missing, publish what there is."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import report
from bench.closed_loop.cluster import Cluster, cluster
from bench.closed_loop.steps import SIZES, Step, steps
from bench.closed_loop.tables import document, section, valid
from bench.six_workers import MOST_CPU

RESULTS = Path(__file__).parents[1] / "results"
NAME = "closed-loop"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps that have no result yet; what is there is kept, so that it can be gone on with."""
    requested = _parser().parse_args(argv)
    kept = requested.runs or Path(tempfile.gettempdir()) / "sparkjobs-closed-loop"
    kept.mkdir(parents=True, exist_ok=True)
    runs = _read(kept / "runs.json")
    ends = time.monotonic() + requested.minutes * 60
    missing = [step for step in steps(requested.cut) if step.key not in runs]
    if missing:
        with cluster(kept) as on:
            for step in missing:
                if time.monotonic() > ends:
                    break
                runs[step.key] = _run(on, step, again=not requested.cut)
                (kept / "runs.json").write_text(json.dumps(runs, indent=1), encoding="utf-8")
    report.write(requested.results, NAME, section(runs) + "\n", document(runs))
    print((requested.results / f"{NAME}.md").read_text(encoding="utf-8"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.closed_loop", description=__doc__)
    parser.add_argument("--cut", action="store_true", help="three minutes: shows that it works")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no further run after so many")
    parser.add_argument("--runs", type=Path, help="folder of the runs; what it holds is not run again")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    return parser


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _run(on: Cluster, step: Step, *, again: bool) -> dict[str, Any]:
    """One run; one that the machine had no time for is done once more, where time is not short."""
    run = on.run(step)
    if again and not valid(run) and step.kind != "loop":
        print(
            f"  {step.key}: {run['cpu_share']:.0%} busy, above {MOST_CPU:.0%}; again",
            file=sys.stderr,
            flush=True,
        )
        run = on.run(step)
    if step.kind == "seen":
        run["predicted"] = on.predicted(step, run["run_id"], SIZES)
    said = f"{run['seconds']:.1f} s, {run['executor_seconds']:.0f} executor-s, {run['cpu_share']:.0%} busy"
    print(f"  {step.key}: {said}", file=sys.stderr, flush=True)
    return run


if __name__ == "__main__":
    sys.exit(main())
