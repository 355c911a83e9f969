"""A cluster of one-core workers on this machine, and the command that runs on it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
MOST = 6
# Two cores that are busier than this do not let tasks sleep as they should: what was measured is void.
MOST_CPU = 0.60
_RUN_S = 600


def sparkjob(state: Path, *arguments: str, code: Sequence[Path] = (), within_s: float = _RUN_S) -> str:
    """Call the command; its stdout.

    Args:
        state: folder of its records.
        arguments: of the command.
        code: folders of further jobs.
        within_s: seconds that it may take.

    Raises:
        SystemExit: it failed.
    """
    argv = [sys.executable, "-c", "from launcher.cli import main; main()", *arguments]
    done = subprocess.run(
        argv,
        env=environ(state, code),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=within_s,
    )
    if done.returncode:
        raise SystemExit(f"sparkjob {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def environ(state: Path, code: Sequence[Path] = ()) -> dict[str, str]:
    """The environment of a command whose records lie in a folder of its own."""
    return {
        **os.environ,
        "XDG_STATE_HOME": str(state),
        "XDG_CONFIG_HOME": str(state / "config"),
        "PYTHONPATH": os.pathsep.join(map(str, [ROOT, *code])),
    }


@contextlib.contextmanager
def workers(folder: Path, number: int = MOST) -> Iterator[Path]:
    """Start a cluster; it ends with the block, with what runs on it, also where a signal asks for that.

    Args:
        folder: keeps its records.
        number: workers of one core.

    Yields:
        The profile.
    """
    before = signal.signal(signal.SIGTERM, _leave)
    daemons = folder / "daemons"
    told = json.loads(
        sparkjob(daemons, "cluster", "start", "--workers", str(number), "--cores", "1", "-o", "json")
    )
    profile = folder / "six.yaml"
    profile.write_text(
        f"manager: standalone\naddress: {told['master']}\nweb: {told['rest']}\n"
        f"nodes: {{count: {number}, cores: 1, memory: 2g}}\n"
        # JVMs that warm up would take the two cores from the tasks that are to sleep.
        "conf: {spark.executor.extraJavaOptions: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'}\n",
        encoding="utf-8",
    )
    try:
        yield profile
    finally:
        sparkjob(daemons, "cluster", "stop")
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _: object) -> None:
    """An exception ends the command that is waited for; by default its application would stay."""
    raise SystemExit(128 + number)


def busy(before: Any, after: Any) -> float:
    """The part of all cores that was busy between two looks (``psutil.cpu_times``)."""
    spent = [late - early for early, late in zip(before, after, strict=True)]
    idle = after.idle - before.idle + after.iowait - before.iowait
    return 1 - float(idle) / sum(spent)


def cpu_now() -> Any:
    """The first of two looks."""
    return psutil.cpu_times()
