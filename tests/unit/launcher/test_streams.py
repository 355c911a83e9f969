"""Closed, full and abandoned streams change no exit code and let nothing onto the wrong stream."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import os, sys\n{before}\nfrom launcher.cli import main; main(sys.argv[1:])"
FULL = Path("/dev/full")
NO_VERB = ("no-such-verb",)


def ended(tmp_path, *arguments: str, before: str = "", **streams) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM.format(before=before), *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    return subprocess.run(command, env=environ, text=True, check=False, **streams)


def closed(*numbers: int) -> str:
    """Started without these, as by ``>&-``: Python has no stream for them."""
    names = [("stdin", "stdout", "stderr")[number] for number in numbers]
    return "; ".join([*(f"os.close({n})" for n in numbers), *(f"sys.{name} = None" for name in names)])


@pytest.mark.parametrize("numbers", [(1,), (2,), (1, 2), (0, 1, 2), (0,)])
@pytest.mark.parametrize(("arguments", "code"), [(("runs",), 0), (NO_VERB, 2)])
def test_closed_streams_leave_the_exit_code(tmp_path, numbers, arguments, code):
    done = ended(tmp_path, *arguments, before=closed(*numbers))
    assert done.returncode == code, done.stderr


def test_what_belongs_on_a_closed_stderr_does_not_go_to_stdout(tmp_path):
    assert ended(tmp_path, *NO_VERB, before=closed(2)).stdout == ""


@pytest.mark.parametrize(("arguments", "code"), [(("runs",), 0), (NO_VERB, 2)])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_has_gone_leaves_the_exit_code(tmp_path, arguments, code, stream):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = ended(tmp_path, *arguments, **{stream: writer})
    finally:
        os.close(writer)
    assert done.returncode == code
    assert not done.stderr or "Traceback" not in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_an_answer_that_a_full_disk_does_not_take_is_a_failure(tmp_path):
    with FULL.open("w") as full:
        done = ended(tmp_path, "runs", stdout=full)
        assert ended(tmp_path, *NO_VERB, stderr=full).returncode == 2
    assert done.returncode == 1
    assert done.stderr.startswith("error: stdout cannot be written: No space left")
