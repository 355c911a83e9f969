"""A cluster of six one-core workers on this machine, and one run on it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.closed_loop.steps import MOST, Step, flags
from bench.six_workers import busy, cpu_now, sparkjob, workers

APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs, and where what is known of its runs lies."""

    profile: Path
    folder: Path

    def run(self, step: Step) -> dict[str, Any]:
        """Run an application; answers what its event log tells.

        Raises:
            SystemExit: it failed.
        """
        before = cpu_now()
        script = APPS / f"{step.application}.py"
        asked = (str(script), *flags(step), "--target", str(self.profile), "-o", "json")
        arguments = ("--", *step.arguments) if step.arguments else ()
        told = self._sparkjob(step, "run", *asked, *arguments)
        run = Path(json.loads(told)["record"]).parent
        facts = json.loads((run / "facts.json").read_text(encoding="utf-8"))
        record = json.loads((run / "record.json").read_text(encoding="utf-8"))
        return {
            "run_id": record["run_id"],
            "seconds": facts["seconds"],
            "executor_seconds": facts["executor_seconds"],
            "cpu_share": busy(before, cpu_now()),
            "size": _size(record["plan"]["settings"]),
            "forecast": record["forecast"],
        }

    def predicted(self, step: Step, run_id: str, sizes: Sequence[int]) -> list[dict[str, Any]]:
        """What ``sparkjob simulate`` says of other sizes."""
        wanted = ",".join(map(str, sizes))
        told = self._sparkjob(step, "simulate", run_id, "--executors", wanted, "-o", "json")
        found: list[dict[str, Any]] = json.loads(told)["cases"]
        return found

    def _sparkjob(self, step: Step, *arguments: str) -> str:
        # What the rounds of a loop learn from is theirs alone.
        state = self.folder / ("loop" if step.kind == "loop" else "fixed")
        return sparkjob(state, *arguments)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start it; it ends with the block. ``folder`` keeps the records of the runs."""
    with workers(folder, MOST) as profile:
        yield Cluster(profile, folder)


def _size(settings: Sequence[dict[str, str]]) -> dict[str, str]:
    """The settings that size the executors."""
    found = {one["key"]: one["value"] for one in settings}
    return {
        key: value
        for key, value in found.items()
        if key.startswith("spark.dynamicAllocation.") or key == "spark.executor.instances"
    }
