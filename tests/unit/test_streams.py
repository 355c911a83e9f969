"""A job whose streams are closed, or whose reader has gone, ends as its work did."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WORKED = """
import sys
from sparkjobs import cli
from sparkjobs.result import RunResult
cli._run = lambda name, arguments: (RunResult(name, "r", None, None, "COMMITTED"), {code})
sys.exit(cli.main(["wordcount"]))
"""


def ended(code: int, streams: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'( "$0" -c "$1"; echo $? >&3 ) 3>&2 {streams}', sys.executable]
    environ = {**os.environ, "PYTHONUNBUFFERED": ""}
    return subprocess.run(
        [*command, WORKED.format(code=code)], env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "2>/dev/full", "| true"])
@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_that_of_the_work(code: int, streams: str) -> None:
    done = ended(code, streams)
    assert done.stderr.splitlines()[-1] == str(code)
    assert "Traceback" not in done.stderr


def test_nothing_but_the_result_goes_to_stdout_when_stderr_is_closed() -> None:
    assert [line[:7] for line in ended(0, "2>&-").stdout.splitlines()] == ['{"v": 1']
