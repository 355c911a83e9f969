"""The program of a supervisor's process, before it does anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from launcher.runs import supervisor_main

OPENED = """
import os, sys
os.close(1)
from sparkjobs.standard_streams import fill_streams
fill_streams()
print(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), os.readlink("/proc/self/fd/1"), file=sys.stderr)
"""


def test_a_closed_stdout_is_never_a_file_of_the_run(tmp_path):
    root = str(Path(supervisor_main.__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path / "lock")], env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    number, first = ended.stderr.split()
    assert int(number) > 2
    assert first == "/dev/null"
