"""Which files of a batch are at fault when it cannot be read. Pure.

Spark's readers and ours end at the first fault they meet, each in words of its own. So the files are
read apart, in halves, until each that fails stands alone: whatever the format, and whatever is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sparkjobs.causes import with_root_cause
from sparkjobs.errors import BadRowsError, DataError
from sparkjobs.ingest.model import displayed
from sparkjobs.streaming.sources.files.arrivals import Arrival
from sparkjobs.streaming.sources.files.skips import way_out

# How Spark's errors about files begin; its other errors are not a file's fault. They are looked for in
# the Java exceptions, because inside foreachBatch Spark's errors are not turned into those of Python.
_SPARK_CANNOT_READ = ("[FAILED_READ_FILE", "[CANNOT_READ_FILE_FOOTER")
Fault = tuple[Arrival, DataError]
Trial = Callable[[Sequence[Arrival]], "DataError | None"]


def file_fault(error: Exception) -> DataError | None:
    """The error as one of a file, or ``None`` where it is about rows, the machine or Spark itself."""
    if isinstance(error, BadRowsError):
        return None
    if isinstance(error, DataError):
        return error
    message = _message_of_spark(error)
    if message is None:
        return None
    return DataError(
        " ".join(f"{message} {with_root_cause(error)}".split()), "Fetch the file again or repair it."
    )


def _message_of_spark(error: Exception) -> str | None:
    java: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    while java is not None:
        message = str(java.getMessage() or "")
        if message.startswith(_SPARK_CANNOT_READ):
            return message.splitlines()[0]
        java = java.getCause()
    return None


def named_in(message: str, files: Sequence[Arrival]) -> Arrival | None:
    """The file that a message names; of two whose names begin alike, the longer."""
    named = [item for item in files if displayed(item.file.path) in message]
    return max(named, key=lambda item: len(item.file.path), default=None)


def stopping_rows(error: BadRowsError, files: Sequence[Arrival]) -> BadRowsError:
    """The error of too many bad rows, with the ways on that a stream has beside those of a batch job."""
    hints = [error.hint] if error.hint else []
    if "unknown field" in error.message:
        hints.append("Pass over unknown fields with --extra-columns ignore.")
    named = named_in(error.message, files)
    if named is not None:
        hints.append(way_out(named.file.path, quarantine=False))
    return BadRowsError(error.rows_read, error.rows_bad, error.message, " ".join(hints))


def culprits(files: Sequence[Arrival], trial: Trial) -> list[Fault]:
    """Find the files that cannot be read.

    Args:
        files: files that could not be read together.
        trial: reads files and says what is wrong with them, ``None`` if nothing.

    Returns:
        Each file that fails when it is read alone; none where they only fail together.
    """
    if not files:
        return []
    fault = trial(files)
    if fault is None:
        return []
    if len(files) == 1:
        return [(files[0], fault)]
    half = len(files) // 2
    return [*culprits(files[:half], trial), *culprits(files[half:], trial)]
