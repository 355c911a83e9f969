"""Run a program that dies with its parent: ``tied.py MARKER PROGRAM ARGUMENT...``. Standard library only.

On Linux the kernel kills the program when the process that started it is gone, whatever killed that one.
Elsewhere it only writes the marker. MARKER gets ``PID START`` once the program is about to run; ``-`` = none.
"""

import os
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9


def _tie(parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    # The parent may have died before the kernel was told.
    if os.getppid() != parent:
        sys.exit(128 + SIGKILL)


def _mark(path: str) -> None:
    if path == "-":
        return
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="ascii") as stream:  # noqa: PTH123 pathlib takes 10 ms to import
        stream.write(f"{os.getpid()}\n")
    os.replace(temporary, path)  # noqa: PTH105


if __name__ == "__main__":
    _tie(os.getppid())
    _mark(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
