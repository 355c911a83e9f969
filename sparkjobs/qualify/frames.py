"""Where in the application we are: the innermost line that is not of a library."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType, TracebackType

_HERE = str(Path(__file__).parent) + os.sep
_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_PATHS = sysconfig.get_paths()
_LIBRARIES = tuple(
    folder + os.sep
    for folder in {_PATHS["stdlib"], _PATHS["platstdlib"], _PATHS["purelib"], _PATHS["platlib"]}
)


def is_library(file: str) -> bool:
    """Whether code of ``file`` belongs to Python, to an installed package or to this one.

    The jobs of the catalogue are applications here, wherever they are installed; so is the script that runs.
    """
    if file == sys.argv[0]:
        return False
    if is_ours(file):
        return file.startswith(_HERE)
    spark = os.environ.get("SPARK_HOME")
    return file.startswith(("<", *_LIBRARIES)) or bool(spark and file.startswith(spark + os.sep))


def is_ours(file: str) -> bool:
    """Whether ``file`` is of the package of jobs that we are in."""
    return file.startswith(_PACKAGE)


def is_python(file: str) -> bool:
    """Whether ``file`` is of Python itself."""
    installed = (_PATHS["purelib"] + os.sep, _PATHS["platlib"] + os.sep)
    own = (_PATHS["stdlib"] + os.sep, _PATHS["platstdlib"] + os.sep)
    return file.startswith("<") or (file.startswith(own) and not file.startswith(installed))


def callers() -> Iterator[tuple[str, int]]:
    """Files and lines of the running functions, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back


def here() -> str:
    """``file:line`` of the application's innermost line; empty when none of it is running."""
    return first_of_application(callers())


def of_error(error: BaseException) -> str:
    """``file:line`` of the application's innermost line that an error came through."""
    return first_of_application(reversed(list(_traceback(error.__traceback__))))


def first_of_application(lines: Iterable[tuple[str, int]]) -> str:
    """The first line that is not of a library, as ``file:line``."""
    found = next(((file, line) for file, line in lines if not is_library(file)), None)
    return f"{shown(found[0])}:{found[1]}" if found else ""


def shown(file: str) -> str:
    """A path below the working folder or this package as people write it, the script's name, or all of it."""
    if is_ours(file):
        return os.path.relpath(file, Path(_PACKAGE).parent)
    inside = os.path.relpath(file)
    if not inside.startswith(".."):
        return inside
    return Path(file).name if file == sys.argv[0] else file


def _traceback(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
