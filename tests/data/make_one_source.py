"""How ``one_source`` was made: streams of the time when they read folders alone, with what 0.1.0 had not.

``python tests/data/make_one_source.py HOME`` where HOME is a checkout of that time, set up as for
``make_v0_1_0.py``, which tells the placeholders.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.data.make_v0_1_0 import HASHED, ONE, SERIES, keep, kill_between_two_tables

HERE = Path(__file__).parent / "one_source"
STREAMS = {
    # Its second file cannot be read and stands in skipped.jsonl.
    "torn_stream": ("analytics_stream", "--input", "in/torn", "--output", "lake/torn_stream", *SERIES, *ONE,
                    "--bad-files", "quarantine"),
    "killed_stream": ("analytics_stream", "--input", "in/killed", "--output", "lake/killed_stream",
                      *SERIES, *ONE),
}  # fmt: skip


def write_input(place: Path) -> None:
    """The files that the streams read."""
    for folder in ("torn", "killed"):
        for number in range(3):
            rows = "".join(f"2026-01-31T0{number}:{m:02}:00,{number * 10 + m},k{m % 2}\n" for m in range(4))
            header = "timestamp,other\n" if (folder, number) == ("torn", 1) else "timestamp,value,key\n"
            path = place / f"in/{folder}/{number}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(header + rows)


def main(home: Path) -> None:
    """Make everything in a temporary folder, then keep it without the machine's paths."""
    place = Path(tempfile.mkdtemp(prefix="made-"))
    write_input(place)
    environ = {**os.environ, "XDG_STATE_HOME": str(place / "state")}

    def call(*command: str) -> str:
        found = subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)
        if found.returncode:
            sys.exit(f"{command}: {found.returncode}\n{found.stdout}\n{found.stderr}")
        return found.stdout

    python = str(home / ".venv/bin/python")
    hashes = {name: tuple(json.loads(call(python, "-c", HASHED, *flags))) for name, flags in STREAMS.items()}
    call(str(home / ".venv/bin/sparkjob"), "run", "analytics_stream", "--", *STREAMS["torn_stream"][1:])
    kill_between_two_tables(home, place, STREAMS["killed_stream"])
    shutil.rmtree(place / "state", ignore_errors=True)
    keep(place, home, hashes, HERE)
    shutil.rmtree(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
