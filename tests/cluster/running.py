"""What the tests of ``sparkjob run`` share: a world of its own, and looking for what is left of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from launcher.records.record import Record
from launcher.records.store import RunFolder, Store

T = TypeVar("T")
TIMEOUT_S = 180.0
SPARKJOB = [sys.executable, "-c", "from launcher.cli import main; main()"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The last line of stdout."""
        found: dict[str, Any] = json.loads(self.stdout.splitlines()[-1])
        return found


class World:
    """A user with an empty state folder, whose configuration and caches are the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "state/sparkjobs/runs")
        self.environ = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(_root())}

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        """Start ``sparkjob`` and go on."""
        return subprocess.Popen(
            [*SPARKJOB, *map(str, arguments)], env=self.environ, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for what was begun."""
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        return Ended(process.returncode, stdout, stderr)

    def sparkjob(self, *arguments: object) -> Ended:
        """Run ``sparkjob`` to its end."""
        return self.end(self.begin(*arguments))

    def script(self, name: str, text: str) -> Path:
        """A PySpark script."""
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self) -> RunFolder:
        """The newest run, once there is one."""
        return until(lambda: next(iter(self.store.all()), None), "a run")

    def record(self, fits: Callable[[Record], bool], what: str) -> Record:
        """The newest run's record, once it fits."""
        folder = self.run()
        return until(lambda: found if fits(found := folder.read()) else None, what)

    def left(self) -> list[psutil.Process]:
        """Every living process that a run of this world started: they carry its id in their environment."""
        ids = {folder.run_id for folder in self.store.all()}
        return [process for process in psutil.process_iter() if _run_of(process) in ids]

    def gone(self) -> None:
        """Wait until nothing of any run is left."""
        until(lambda: True if not self.left() else None, f"the end of {self.left()}")


def until(found: Callable[[], T | None], what: str) -> T:
    """Look until something is there."""
    deadline = time.monotonic() + TIMEOUT_S
    while (answer := found()) is None:
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer


def _run_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("SPARKJOBS_RUN_ID")
    except psutil.Error:
        return None


def _root() -> Path:
    return Path(__file__).parents[2]
