"""Reads an application's event log into a trace: as a stream, however it is packed, whole or damaged."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from launcher.records.history.file_lines import FileLines
from launcher.records.history.fold.trace_builder import TraceBuilder
from launcher.records.history.parts import local_parts, missing_parts
from launcher.records.history.trace import Trace
from sparkjobs.errors import EventLogError

CHUNK_BYTES = 1 << 20


class Bytes(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True)
class Part:
    """One file of a log, wherever it lies.

    Attributes:
        name: its name.
        place: where it lies, for people.
        open: opens it.
    """

    name: str
    place: str
    open: Callable[[], AbstractContextManager[Bytes]]


def read_trace(path: Path) -> Trace:
    """The trace of one application.

    Args:
        path: an event log: a file, or the folder of a rolled one.

    Raises:
        EventLogError: there is none, it tells of no application, it is packed in a way that is not read
            here, or tasks were dropped from it.
    """
    return trace_of(local(path), str(path))


def trace_of(parts: list[Part], place: str) -> Trace:
    """The trace of a log's files, the oldest first.

    Args:
        parts: the files.
        place: what errors name.

    Raises:
        EventLogError: as ``read_trace``.
    """
    builder = TraceBuilder()
    why = read_parts(parts, builder.take)
    return builder.trace(place, cut=bool(why), why=why)


def read_parts(parts: list[Part], take: Callable[[list[bytes]], None]) -> tuple[str, ...]:
    """Hand on the lines of a log's files, the oldest first.

    Returns:
        What is missing, one sentence each.

    Raises:
        EventLogError: a file cannot be read.
    """
    why = list(missing_parts([part.name for part in parts]))
    for part in parts:
        broken = read_part(part, take)
        if broken is not None:
            why.append(f"{part.name} {broken}")
    return tuple(why)


def read_part(part: Part, take: Callable[[list[bytes]], None]) -> str | None:
    """Hand on the lines of one file.

    Returns:
        What is wrong with it; ``None`` for a file that is whole.

    Raises:
        EventLogError: it cannot be read.
    """
    lines = FileLines(part.place)
    try:
        with part.open() as stream:
            while data := stream.read(CHUNK_BYTES):
                for whole in lines.feed(data):
                    take(whole)
    except OSError as error:
        raise EventLogError(f"{part.place}: {error.strerror or error}") from error
    for whole in lines.end():
        take(whole)
    return lines.damage


def local(path: Path) -> list[Part]:
    """The files of a log on a disk.

    Raises:
        EventLogError: as ``local_parts``, or the folder cannot be read.
    """
    try:
        return [_part(part) for part in local_parts(path)]
    except OSError as error:
        raise EventLogError(f"{path}: {error.strerror or error}") from error


def _part(path: Path) -> Part:
    def opened() -> BinaryIO:
        return path.open("rb")

    return Part(path.name, str(path), opened)
