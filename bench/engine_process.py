"""A worker as the contest sees it: a process that is asked and answers."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.worker import MARK

_ROOT = Path(__file__).resolve().parent.parent


class EngineProcess:
    """One engine's process; ended when the block ends."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", engine],
            cwd=_ROOT,
            env={**os.environ, "POLARS_MAX_THREADS": str(os.cpu_count() or 2)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Of the worker; what it starts is below it."""
        return self._process.pid

    def ask(self, suite: str, contestant: str, source: Path, output: Path) -> dict[str, Any]:
        """Let the engine answer one query.

        Raises:
            SystemExit: it ended instead; says how.
        """
        request = {"suite": suite, "contestant": contestant, "source": str(source), "output": str(output)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: what it said is told below
            print(json.dumps(request), file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            if line.startswith(MARK):
                found: dict[str, Any] = json.loads(line.removeprefix(MARK))
                return found
        self._errors.seek(0)
        raise SystemExit(f"{suite} {contestant} failed:\n{self._errors.read()[-4000:]}")

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()
