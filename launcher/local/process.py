"""Run spark-submit as a child; signals to us reach it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from launcher.local.streams import STDERR_VARIABLE, Write, chunks, copy_but_last_line, stderr_door
from sparkjobs.errors import EnvironmentProblem

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Ended:
    """How the child ended.

    Attributes:
        exit_code: its own, or 128 + signal.
        last_line: the last line of its stdout, not yet printed.
    """

    exit_code: int
    last_line: bytes


def run(argv: Sequence[str], environ: Mapping[str, str]) -> Ended:
    """Start, copy both streams, wait.

    Raises:
        EnvironmentProblem: spark-submit cannot be started.
    """
    with _stderr_path() as door:
        child = _start(argv, {**environ, STDERR_VARIABLE: str(door)})
        assert child.stdout is not None  # asked for by _start
        with _passing_signals_to(child):
            last = copy_but_last_line(chunks(child.stdout), _writer(sys.stdout.buffer))  # type: ignore[arg-type]
            code = child.wait()
    return Ended(code if code >= 0 else 128 - code, last)


def _stderr_path() -> AbstractContextManager[Path]:
    # On a terminal the child writes to it directly, and knows it for one: its progress line is rewritten.
    if sys.stderr.isatty():
        return nullcontext(Path(os.ttyname(sys.stderr.fileno())))
    return stderr_door(_writer(sys.stderr.buffer))


def _start(argv: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv), env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
    except OSError as error:
        raise EnvironmentProblem(f"{argv[0]} cannot be started: {error}", "See sparkjob doctor.") from error


def _writer(stream: BinaryIO) -> Write:
    def write(data: bytes) -> None:
        stream.write(data)
        stream.flush()

    return write


@contextmanager
def _passing_signals_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    try:
        yield
    except BaseException:
        child.terminate()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
