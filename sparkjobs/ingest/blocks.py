"""Bytes of a split, cut at line ends (LF, CRLF or CR).

A line belongs to the split in which its first byte lies. A split that starts inside a line leaves
that line to the one before, which reads on past its own end to finish it; so every line is read by
exactly one task, at any cutting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from sparkjobs.errors import DataError
from sparkjobs.ingest.model import BadRow, Block, Split, displayed, readable
from sparkjobs.ingest.not_text import fault_of
from sparkjobs.ingest.storage import UNREADABLE, S3Settings, open_split
from sparkjobs.kernels.lines import is_text, line_count

BLOCK_BYTES = 8 << 20
LONGEST_LINE_BYTES = 256 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CheckedBlock:
    """A block whose every line is text; the lines that were not (no UTF-8, a NUL) are in ``bad``.

    ``lines`` counts the good lines in ``data``.
    """

    data: bytes
    lines: int
    bad: tuple[BadRow, ...]


def read_blocks(split: Split, s3: S3Settings, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Read a split as blocks of whole lines, about ``block_bytes`` each.

    Raises:
        DataError: a compressed file is cut or damaged, or a line is longer than 256 MiB; the
            message names the file.
    """
    try:
        with open_split(split, s3) as stream:
            yield from _blocks(_Reader(split, stream, block_bytes))
    except UNREADABLE as error:
        if split.compression is None or (isinstance(error, OSError) and error.errno is not None):
            raise
        raise DataError(
            f"{displayed(split.path)} is cut or damaged ({split.compression}): {error}",
            "Fetch the file again; nothing was written.",
        ) from error


def check(block: Block, file: str) -> CheckedBlock:
    """Take the lines that are no text out of a block.

    Args:
        block: whole lines.
        file: the file's name for the quarantine.
    """
    if is_text(block.data):
        return CheckedBlock(block.data, line_count(block.data), ())
    good: list[bytes] = []
    bad: list[BadRow] = []
    offset = block.offset
    for index, line in enumerate(split_lines(block.data)):
        fault = fault_of(line, offset)
        if fault is None:
            # One terminator for all: a lone CR and a lone LF must not become neighbours.
            good.append(line.rstrip(b"\r\n") + b"\n")
        else:
            number = None if block.first_line is None else block.first_line + index
            bad.append(BadRow(file, number, offset, fault, readable(line.rstrip(b"\r\n"))))
        offset += len(line)
    return CheckedBlock(b"".join(good), len(good), tuple(bad))


def split_lines(data: bytes) -> list[bytes]:
    """Lines with their terminators; only LF, CRLF and CR end a line (bytes.splitlines agrees)."""
    return data.splitlines(keepends=True)


class _Reader:
    """A stream with the place it has reached, in bytes of the (decompressed) file."""

    def __init__(self, split: Split, stream: IO[bytes], block_bytes: int) -> None:
        self.split = split
        self.stream = stream
        self.block_bytes = block_bytes
        self.position = 0

    def seek(self, position: int) -> None:
        if self.split.compression is None:
            self.stream.seek(position)
            self.position = position
            return
        while self.position < position and self.read(min(1 << 20, position - self.position)):
            pass

    def read(self, size: int) -> bytes:
        data = self.stream.read(size)
        self.position += len(data)
        return data

    @property
    def end(self) -> int | None:
        """Where the split's lines may no longer begin; a compressed file is read to its end."""
        return None if self.split.compression else self.split.end


def _blocks(reader: _Reader) -> Iterator[Block]:
    offset = _find_start(reader)
    if offset is None:
        return
    number = reader.split.first_line
    kept = b""
    while True:
        kept, more = _fill(reader, kept, offset)
        data, kept = _take(reader, kept, offset, more)
        if data:
            if offset == 0 and data.startswith(_BOM):
                data, offset = data[len(_BOM) :], len(_BOM)
            yield Block(data, offset, number)
            offset += len(data)
            number = None if number is None else number + line_count(data)
        if not more or (reader.end is not None and offset >= reader.end):
            return


def _find_start(reader: _Reader) -> int | None:
    """The first line start in the split, or ``None`` when no line begins in it."""
    split = reader.split
    if split.first_line is not None or split.start == 0 or split.aligned:
        reader.seek(split.start)
        return split.start
    reader.seek(split.start - 1)
    previous = b""
    while True:
        chunk = reader.read(1 << 16)
        end = _first_line_end(previous + chunk, final=not chunk)
        base = reader.position - len(chunk) - len(previous)
        if end is not None:
            start = base + end
            if start >= split.end:
                return None
            reader.seek(start)
            return start
        if not chunk or base >= split.end:
            return None
        previous = chunk[-1:] if chunk.endswith(b"\r") else b""


def _first_line_end(data: bytes, *, final: bool) -> int | None:
    """Index just past the first terminator; a CR at the very end waits for what follows it."""
    lf, cr = data.find(b"\n"), data.find(b"\r")
    if cr != -1 and (lf == -1 or cr < lf):
        if cr + 1 == len(data):
            return cr + 1 if final else None
        return cr + 2 if data[cr + 1 : cr + 2] == b"\n" else cr + 1
    return None if lf == -1 else lf + 1


def _fill(reader: _Reader, kept: bytes, offset: int) -> tuple[bytes, bool]:
    """Read until a whole line is there; the flag tells whether the file goes on."""
    parts, length = [kept], len(kept)
    while True:
        wanted = reader.block_bytes
        if reader.end is not None:
            left = reader.end - (offset + length)
            wanted = min(wanted, left) if left > 0 else 1 << 16
        chunk = reader.read(wanted)
        if not chunk:
            return b"".join(parts), False
        parts.append(chunk)
        length += len(chunk)
        if length > LONGEST_LINE_BYTES:
            raise DataError(
                f"{displayed(reader.split.path)}: a line at byte {offset} is longer than 256 MiB",
                "Is it a text file with line ends?",
            )
        if _has_line_end(chunk) or (len(parts) > 1 and parts[-2].endswith(b"\r")):
            return b"".join(parts), True


def _has_line_end(chunk: bytes) -> bool:
    return b"\n" in chunk or chunk.find(b"\r", 0, -1) != -1


def _take(reader: _Reader, data: bytes, offset: int, more: bool) -> tuple[bytes, bytes]:
    """Divide into whole lines that begin in this split, and the rest."""
    if reader.end is not None and offset + len(data) >= reader.end:
        last = _last_owned(data, reader.end - offset, more)
        if last is not None:
            return data[:last], b""
    if not more:
        return data, b""
    cut = _last_line_end(data)
    return data[:cut], data[cut:]


def _last_owned(data: bytes, limit: int, more: bool) -> int | None:
    """Where the line that covers byte ``limit - 1`` ends, or ``None`` when it is not all here."""
    tail = _first_line_end(data[limit - 1 :], final=not more)
    if tail is not None:
        return limit - 1 + tail
    return None if more else len(data)


def _last_line_end(data: bytes) -> int:
    """Index just past the last terminator that is surely whole (a final CR may be half a CRLF)."""
    body = data[:-1] if data.endswith(b"\r") else data
    return max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
