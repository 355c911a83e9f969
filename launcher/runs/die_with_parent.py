"""Run a program that dies with its parent: ``THIS_FILE MARKER PROGRAM ARGUMENT...``. Standard library only.

On Linux the kernel kills the program when the process that started it is gone, whatever killed that one.
Elsewhere it only writes the marker. MARKER gets ``PID START`` once the driver's Python is about to run;
``-`` is for another program.
"""

import os
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9


def _tie(parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    # prctl(2): the signal comes when the thread that forked us ends, and the wish outlives execve.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    # The parent may have died before the kernel was told.
    if os.getppid() != parent:
        sys.exit(128 + SIGKILL)


def _own_streams() -> None:
    """Give the driver's Python an end of its input, which Spark leaves open, and an stderr of its own.

    spark-submit merges a driver's stderr into stdout; the launcher offers a pipe for it.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # PythonRunner starts Python with redirectErrorStream(true): of two streams it would pass on one.
    try:
        # Not blocking: nobody may be listening any more.
        pipe = os.open(os.environ.get("SPARKJOBS_STDERR", ""), os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    os.set_blocking(pipe, True)
    os.dup2(pipe, 2)
    os.close(pipe)


def _mark(path: str) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="ascii") as stream:  # noqa: PTH123 pathlib takes 10 ms to import
        stream.write(f"{os.getpid()}\n")
    os.replace(temporary, path)  # noqa: PTH105


if __name__ == "__main__":
    _tie(os.getppid())
    if sys.argv[1] != "-":
        _own_streams()
        _mark(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
