"""A cluster of six one-core workers on this machine, and one run on it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.closed_loop.steps import MOST, Step, flags

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
_RUN_S = 600


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
        before = psutil.cpu_times()
        script = APPS / f"{step.application}.py"
        told = self._sparkjob(
            step, "run", str(script), *flags(step), "--target", str(self.profile), "-o", "json"
        )
        run = Path(json.loads(told)["record"]).parent
        facts = json.loads((run / "facts.json").read_text(encoding="utf-8"))
        record = json.loads((run / "record.json").read_text(encoding="utf-8"))
        return {
            "run_id": record["run_id"],
            "seconds": facts["seconds"],
            "executor_seconds": facts["executor_seconds"],
            "cpu_share": _share(before, psutil.cpu_times()),
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


def sparkjob(state: Path, *arguments: str) -> str:
    """Call the command; its stdout.

    Raises:
        SystemExit: it failed.
    """
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(state),
        "XDG_CONFIG_HOME": str(state / "config"),
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-c", "from launcher.cli import main; main()", *arguments]
    done = subprocess.run(
        argv, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_RUN_S
    )
    if done.returncode:
        raise SystemExit(f"sparkjob {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start it; it ends with the block. ``folder`` keeps the records of the runs."""
    daemons = folder / "daemons"
    told = json.loads(
        sparkjob(daemons, "cluster", "start", "--workers", str(MOST), "--cores", "1", "-o", "json")
    )
    profile = folder / "six.yaml"
    profile.write_text(
        f"manager: standalone\naddress: {told['master']}\nweb: {told['rest']}\n"
        f"nodes: {{count: {MOST}, cores: 1, memory: 2g}}\n"
        # Six JVMs that warm up would take the two cores from the tasks that are to sleep.
        "conf: {spark.executor.extraJavaOptions: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'}\n",
        encoding="utf-8",
    )
    try:
        yield Cluster(profile, folder)
    finally:
        sparkjob(daemons, "cluster", "stop")


def _share(before: Any, after: Any) -> float:
    """The part of all cores that was busy between two looks."""
    spent = [late - early for early, late in zip(before, after, strict=True)]
    idle = after.idle - before.idle + after.iowait - before.iowait
    return 1 - float(idle) / sum(spent)


def _size(settings: Sequence[dict[str, str]]) -> dict[str, str]:
    """The settings that size the executors."""
    found = {one["key"]: one["value"] for one in settings}
    return {
        key: value
        for key, value in found.items()
        if key.startswith("spark.dynamicAllocation.") or key == "spark.executor.instances"
    }
