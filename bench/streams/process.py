"""A stream in a process of its own, started as a user starts it, and watched until it is ready."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.six_workers import ROOT, environ
from bench.streams.measures import progress
from launcher.records.history.kept_trace import unpack_trace
from launcher.records.history.trace import Trace

APPS = Path(__file__).parent / "apps"
_READY_S = 180.0


class StreamProcess:
    """``sparkjob run`` of a stream that reads ``folder/arrived`` and writes ``folder/table``.

    Args:
        folder: of this run alone.
        profile: where it runs.
        job: the stream.
        of_run: flags of ``sparkjob run``.
        of_job: flags of the stream.
    """

    def __init__(
        self, folder: Path, profile: Path, job: str, of_run: Sequence[str], of_job: Sequence[str]
    ) -> None:
        self.folder = folder
        self.arrived, self.table = folder / "arrived", folder / "table"
        argv = [
            sys.executable, "-c", "from launcher.cli import main; main()",
            "run", job, "--no-history", "--target", str(profile), *of_run, "-o", "json", "--",
            "--input", str(self.arrived), "--output", str(self.table), *of_job,
        ]  # fmt: skip
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self._process = subprocess.Popen(
                argv, env=environ(folder / "state", [APPS]), cwd=ROOT, stdout=out, stderr=err
            )

    def __enter__(self) -> StreamProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A supervisor that is told to end takes the whole run along.
        if self.running:
            self._process.terminate()
        self._process.wait()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def text(self) -> str:
        """What it has told people so far."""
        return (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")

    def progress(self) -> list[dict[str, Any]]:
        """Its batches so far."""
        return progress(self.folder / "table_checkpoint")

    def ready(self) -> None:
        """Wait for the first batch.

        Raises:
            SystemExit: it ended before, or needs too long.
        """
        deadline = time.monotonic() + _READY_S
        while not self.progress():
            if not self.running:
                raise SystemExit(f"the stream ended before its first batch:\n{self.text[-4000:]}")
            if time.monotonic() > deadline:
                raise SystemExit(f"the stream did no batch within {_READY_S:.0f} s:\n{self.text[-4000:]}")
            time.sleep(0.2)

    def result(self) -> dict[str, Any]:
        """Wait for its end; its result.

        Raises:
            SystemExit: it failed.
        """
        if self._process.wait(timeout=_READY_S):
            raise SystemExit(f"the stream failed:\n{self.text[-4000:]}")
        found: dict[str, Any] = json.loads((self.folder / "stdout").read_text(encoding="utf-8"))
        return found

    def trace(self) -> Trace:
        """What its event log told; after its end."""
        file = Path(self.result()["record"]).with_name("trace.zst")
        return unpack_trace(file.read_bytes(), str(file))
