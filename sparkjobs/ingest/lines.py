"""Lines of a block as Arrow arrays with their places, without a Python loop over good lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.blocks import check
from sparkjobs.ingest.model import BadRow, Block
from sparkjobs.kernels.lines import is_text, is_utf8, line_count

_LF, _CR = 10, 13


@dataclass(frozen=True)
class LineTable:
    """The lines of a block without their terminators.

    Attributes:
        values: ``string`` array, one line an item.
        offsets: int64 array, the byte in the file at which each line begins.
        numbers: int64 array of line numbers, or ``None`` where they are unknown.
    """

    values: Any
    offsets: Any
    numbers: Any | None

    def __len__(self) -> int:
        return len(self.values)

    def number(self, index: int) -> int | None:
        """The line number of an item, counted from 1."""
        return None if self.numbers is None else int(self.numbers[index])


def tabulate(block: Block, file: str) -> tuple[LineTable, tuple[BadRow, ...]]:
    """Cut a block into lines; those that are no text come back as bad rows."""
    values, starts = _cut(block.data)
    numbers = None if block.first_line is None else np.arange(len(starts)) + block.first_line
    table = LineTable(values, starts + block.offset, numbers)
    if is_text(block.data):
        return table, ()
    bad = check(block, file).bad
    broken = np.isin(table.offsets, np.array([row.offset for row in bad], dtype=np.int64))
    return _without(table, broken), bad


@dataclass(frozen=True)
class TextLines:
    """Where the lines of a block lie in its bytes.

    Attributes:
        starts: int64 array: first byte of each line.
        stops: int64 array: past the last byte of each, its terminator left out.
        text: bool array: the line is text.
        bad: the rows of those that are none.
    """

    starts: Any
    stops: Any
    text: Any
    bad: tuple[BadRow, ...]


def text_lines(block: Block, file: str) -> TextLines:
    """Find the lines of a block.

    Args:
        block: whole lines.
        file: the file's name for the quarantine.
    """
    codes = np.frombuffer(block.data, np.uint8)
    ends = _ends(codes)
    starts = np.concatenate(([0], ends))[:-1]
    last = codes[ends - 1]
    feed = last == _LF
    returned = feed & (ends - starts > 1) & (codes[ends - 2] == _CR)
    stops = ends - (feed | (last == _CR)) - returned
    if is_text(block.data):
        return TextLines(starts, stops, np.ones(len(starts), bool), ())
    bad = check(block, file).bad
    broken = np.isin(starts + block.offset, np.array([row.offset for row in bad], np.int64))
    return TextLines(starts, stops, ~broken, bad)


def pieces(block: Block, size_bytes: int) -> Iterator[Block]:
    """Cut a block at line feeds into blocks of about ``size_bytes``."""
    begin, number = 0, block.first_line
    while begin < len(block.data):
        end = block.data.find(b"\n", begin + size_bytes - 1) + 1 or len(block.data)
        piece = Block(block.data[begin:end], block.offset + begin, number)
        yield piece
        begin = end
        number = None if number is None else number + line_count(piece.data)


def iterate(block: Block) -> Iterator[tuple[bytes, int, int | None]]:
    """Lines with terminators, their offsets and numbers, one by one."""
    offset = block.offset
    for index, line in enumerate(block.data.splitlines(keepends=True)):
        yield line, offset, None if block.first_line is None else block.first_line + index
        offset += len(line)


def _cut(data: bytes) -> tuple[Any, Any]:
    """Line values and their starts inside the block; values are unchecked bytes until it is UTF-8."""
    ends = _ends(np.frombuffer(data, dtype=np.uint8))
    bounds = np.concatenate(([0], ends))
    # Arrow's binary type has offsets of 32 bits; a block is far below 2 GiB (LONGEST_LINE_BYTES).
    buffers = [None, pa.py_buffer(bounds.astype(np.int32).tobytes()), pa.py_buffer(data)]
    whole = pa.Array.from_buffers(pa.binary(), len(ends), buffers)
    return _trim(whole, data), bounds[:-1]


def _trim(lines: Any, data: bytes) -> Any:
    if is_utf8(data):
        # The cast to string checks UTF-8 and raises, so a block that is none goes line by line.
        return pc.utf8_rtrim(lines.cast(pa.string()), characters="\r\n")
    return pa.array([line.rstrip(b"\r\n") for line in lines.to_pylist()], pa.binary())


def _ends(codes: Any) -> Any:
    """Index just past each line; the last one may have no terminator."""
    ends = line_ends(codes)
    return np.append(ends, len(codes)) if len(codes) and not (len(ends) and ends[-1] == len(codes)) else ends


def line_ends(bytes_: Any) -> Any:
    """Index just past each terminator: every LF, and every CR that no LF follows."""
    ends = np.flatnonzero(bytes_ == _LF) + 1
    returns = np.flatnonzero(bytes_ == _CR)
    if not len(returns):
        return ends
    followed = np.append(bytes_, 0)[returns + 1] == _LF
    return np.sort(np.concatenate((ends, returns[~followed] + 1)))


def _without(table: LineTable, broken: Any) -> LineTable:
    keep = ~broken
    values = table.values.filter(pa.array(keep)).cast(pa.string())
    numbers = None if table.numbers is None else table.numbers[keep]
    return LineTable(values, table.offsets[keep], numbers)
