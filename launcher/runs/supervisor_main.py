"""The program of a supervisor's process: ``supervisor_main.py FOLDER``, request and orders on stdin."""

import os
import sys
from pathlib import Path


def fill_streams() -> None:
    """Open nothing where a stream is closed: else the next file, a lock or a log, would stand for stdout."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


if __name__ == "__main__":
    fill_streams()
    # The folder of this file is no place to import from; the one that holds the packages is.
    sys.path[0] = str(Path(__file__).parents[2])
    from launcher.runs.supervisor import main

    sys.exit(main())
