"""What Python code does beside Spark: files, processes, network and the JVM itself are out of bounds.

An audit hook sees these before they happen, whatever library they come through.
"""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from sparkjobs.qualify.frames import callers, is_library, is_ours, is_python, shown
from sparkjobs.qualify.recorder import Recorder

# Doors into the JVM: what goes on behind them can be neither seen nor held back.
_DOORS = frozenset({"_jvm", "_jsc", "_jdf", "_jsparkSession", "_jrdd", "_gateway", "_jwrite"})
# Setting a key for an object store is what everybody does there, and harms nobody.
_PASSAGE = "hadoopConfiguration"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROCESSES = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})
_LOOPBACK = ("127.", "::1", "localhost")


def _below(arguments: tuple[Any, ...]) -> list[Any]:
    """The path of an event whose last argument is the folder's descriptor, or -1."""
    path, *_, folder = arguments
    if folder == -1 or not Path("/proc/self/fd").is_dir():
        return [path]
    return [str(Path(f"/proc/self/fd/{folder}").readlink() / _text(path))]


# Which of an event's arguments are the paths that change.
_CHANGED: dict[str, Callable[[tuple[Any, ...]], Sequence[Any]]] = {
    "os.remove": _below,
    "os.rmdir": _below,
    "os.mkdir": _below,
    "os.rename": lambda arguments: arguments[:2],
    "os.link": lambda arguments: arguments[1:2],
    "os.symlink": lambda arguments: arguments[1:2],
    "os.truncate": lambda arguments: arguments[:1],
}


class Outside:
    """Watches the process from now on; it cannot be taken out again."""

    def __init__(self, recorder: Recorder, scratch: Path) -> None:
        self._recorder = recorder
        self._scratch = str(scratch.resolve()) + os.sep

    def install(self) -> None:
        """Begin."""
        sys.addaudithook(self.watch)

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse an audit event that leaves a trace outside the scratch folder."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and not self._ours(path):
                self._refuse(f"it writes the file {_text(path)}")
        elif event in _CHANGED:
            for path in _CHANGED[event](arguments):
                if not self._ours(path):
                    self._refuse(f"it changes files: {event} {_text(path)}")
        elif event in _PROCESSES and _called_by_application():
            self._refuse("it starts another process")
        elif event == "socket.connect" and not _local(arguments[1]):
            self._refuse(f"it talks to {arguments[1]} past Spark")
        elif event == "exec":
            self._look_into(arguments[0])

    def _ours(self, path: Any) -> bool:
        if isinstance(path, int):
            return True
        return os.path.realpath(_text(path)).startswith((self._scratch, "/dev/"))

    def _look_into(self, code: CodeType) -> None:
        if is_library(code.co_filename) or is_ours(code.co_filename):
            return
        for line, name in doors(code):
            self._refuse(f"it reaches into Spark's JVM by {name}", f"{shown(code.co_filename)}:{line}")

    def _refuse(self, reason: str, place: str = "") -> None:
        self._recorder.halt("refused", f"{reason}, which cannot be undone", place=place)


def doors(code: CodeType) -> Iterator[tuple[int, str]]:
    """Lines of ``code``, and of the functions in it, that open a door into the JVM."""
    line = code.co_firstlineno
    instructions = list(dis.get_instructions(code))
    following = [item.argval for item in instructions[1:]] + [None]
    for item, after in zip(instructions, following, strict=True):
        line = item.starts_line or line
        if item.opname.startswith("LOAD_") and item.argval in _DOORS and after != _PASSAGE:
            yield line, str(item.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from doors(constant)


def _called_by_application() -> bool:
    """Libraries ask the machine about itself by small commands; applications mean what they start."""
    files = (file for file, _ in callers())
    asking = next((file for file in files if not is_python(file) and not file.startswith(__file__)), "")
    return bool(asking) and not is_library(asking)


def _local(address: Any) -> bool:
    return not isinstance(address, tuple) or str(address[0]).startswith(_LOOPBACK)


def _text(path: Any) -> str:
    return os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else str(path)
