"""CSV records of a split by RFC 4180: quotes may hold separators, doubled quotes and line ends.

Blocks are cut whole, see ``kernels.csv_structure``. Where a quote stands out of place, ``csv_slow`` reads
record by record, and the quick way takes over again after a while. Both ways give the same records; a row
that breaks the rules comes back as a bad row. Blank lines are not rows.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.ingest.blocks import LONGEST_LINE_BYTES
from sparkjobs.ingest.csv_slow import LONGEST_RECORD_BYTES, Feed, Refused, SlowRecord
from sparkjobs.ingest.lines import iterate, line_ends
from sparkjobs.ingest.missed import CutMissedError
from sparkjobs.ingest.model import BadRow, Block, readable
from sparkjobs.ingest.not_text import fault_of
from sparkjobs.kernels.csv_structure import Structure, column, structure
from sparkjobs.kernels.lines import is_utf8, line_count

# Records that are read one by one after a quote out of place; doubled while such quotes go on.
FEWEST_SLOW, MOST_SLOW = 64, 65_536


@dataclass(frozen=True)
class Records:
    """Some accepted records, column by column, and the rows refused among them.

    Attributes:
        columns: one ``string`` array for each wanted column.
        refuse: makes a bad row of the record of this index, for this reason.
        places: text, offset and line number of each record, as Arrow arrays.
        bad: rows that are no records.
    """

    columns: tuple[Any, ...]
    refuse: Callable[[int, str], BadRow]
    places: Callable[[], tuple[Any, Any, Any]]
    bad: tuple[BadRow, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What records should look like.

    Attributes:
        file: the file's name for the quarantine.
        width: how many fields the header has.
        positions: indexes of the wanted fields.
        delimiter: one ASCII character.
    """

    file: str
    width: int
    positions: tuple[int, ...]
    delimiter: str


def read_records(
    blocks: Iterable[Block], shape: Shape, beyond: Iterable[Block] | None = None
) -> Iterator[Records]:
    """Records of a split.

    Args:
        blocks: whole lines in order; the first begins outside quotes.
        shape: what records should look like.
        beyond: what follows in the file, read only as far as a record goes on in it; ``None``: the file
            ends with the blocks.

    Raises:
        CutMissedError: no record ends where the blocks do.
    """
    csv.field_size_limit(LONGEST_LINE_BYTES)  # as long as a line may be; the limit is the process's
    left = Block(b"", 0, None)
    slow = FEWEST_SLOW
    for block, last in _with_last(blocks):
        final = last and beyond is None
        left = _joined(left, block)
        while left.data:
            found = _within_limit(structure(left.data, ord(shape.delimiter), final=final))
            if len(found):
                yield _quick(found, left, shape)
                left = _after(left, found.end)
            if not found.broken and (final or len(left.data) <= LONGEST_RECORD_BYTES):
                break
            slow = FEWEST_SLOW if len(found) > slow else min(2 * slow, MOST_SLOW)
            records, left, whole = _one_by_one(left, shape, slow, final=final)
            yield records
            if not whole:
                break
    if left.data and beyond is not None:
        yield _to_the_end(left, beyond, shape)


def first_record(data: bytes, delimiter: str) -> tuple[list[str], int, int] | None:
    """The header of a file.

    Args:
        data: the file's first bytes, at least one whole record.
        delimiter: one character.

    Returns:
        Its fields, its length in bytes with terminator (and BOM), and its number of lines; ``None``
        for a file without content.

    Raises:
        ValueError: it is not UTF-8 or not CSV; the text says why.
    """
    bom = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    feed = Feed(iterate(Block(data[bom:], bom, 1)))
    while (record := feed.next_record(delimiter)) is not None:
        if isinstance(record, Refused):
            raise ValueError(record.reason)
        if record.fields:
            return record.fields, feed.position, feed.lines_read
    return None


def _with_last(blocks: Iterable[Block]) -> Iterator[tuple[Block, bool]]:
    """Each block, and whether it is the last."""
    before: Block | None = None
    for block in blocks:
        if before is not None:
            yield before, False
        before = block
    if before is not None:
        yield before, True


def _joined(left: Block, block: Block) -> Block:
    return Block(left.data + block.data, left.offset, left.first_line) if left.data else block


def _after(block: Block, end: int) -> Block:
    """What follows the first ``end`` bytes of a block."""
    lines = None if block.first_line is None else block.first_line + line_count(block.data[:end])
    return Block(block.data[end:], block.offset + end, lines)


def _within_limit(found: Structure) -> Structure:
    """Records of several lines may not be longer than a lost quote is looked for."""
    lengths = np.append(found.starts[1:], found.end) - found.starts
    for index in np.flatnonzero(lengths > LONGEST_RECORD_BYTES):
        start, end = int(found.starts[index]), int(found.ends[index])
        if line_count(found.data[start:end]) > 1:
            return found.until(int(index))
    return found


def _quick(found: Structure, block: Block, shape: Shape) -> Records:
    good, bad = _whole(found, block, shape)
    last = shape.width - 1
    columns = tuple(
        column(found, good, position, last=position == last, delimiter=shape.delimiter)
        for position in shape.positions
    )

    def refuse(index: int, reason: str) -> BadRow:
        return _bad_row(found, block, shape, int(good[index]), reason)

    def places() -> tuple[Any, Any, Any]:
        return _places(found, good, block)

    return Records(columns, refuse, places, bad)


def _places(found: Structure, rows: Any, block: Block) -> tuple[Any, Any, Any]:
    starts, ends = found.starts[rows].tolist(), found.ends[rows].tolist()
    texts = [readable(found.data[start:end]) for start, end in zip(starts, ends, strict=True)]
    offsets = pa.array(found.starts[rows] + block.offset, pa.int64())
    if block.first_line is None:
        return pa.array(texts, pa.string()), offsets, pa.nulls(len(texts), pa.int64())
    feeds = line_ends(np.frombuffer(found.data, np.uint8))
    numbers = np.searchsorted(feeds, found.starts[rows], side="right") + block.first_line
    return pa.array(texts, pa.string()), offsets, pa.array(numbers, pa.int64())


def _whole(found: Structure, block: Block, shape: Shape) -> tuple[Any, tuple[BadRow, ...]]:
    """Indexes of the records that are rows and have their width, and the rows that are refused."""
    filled = found.ends > found.starts
    good = filled & (found.widths == shape.width)
    reasons = {
        int(i): _wrong_width(int(found.widths[i]), shape.width) for i in np.flatnonzero(filled & ~good)
    }
    if b"\0" in found.data or not is_utf8(found.data[: found.end]):
        reasons |= _no_text(found, filled, block.offset)
        good[list(reasons)] = False
    bad = tuple(_bad_row(found, block, shape, index, reasons[index]) for index in sorted(reasons))
    return np.flatnonzero(good), bad


def _no_text(found: Structure, filled: Any, offset: int) -> dict[int, str]:
    spans = zip(found.starts[filled].tolist(), found.ends[filled].tolist(), strict=True)
    faults = (fault_of(found.data[start:end], offset + start) for start, end in spans)
    return {int(i): fault for i, fault in zip(np.flatnonzero(filled), faults, strict=True) if fault}


def _bad_row(found: Structure, block: Block, shape: Shape, index: int, reason: str) -> BadRow:
    start, end = int(found.starts[index]), int(found.ends[index])
    number = None if block.first_line is None else block.first_line + line_count(found.data[:start])
    return BadRow(shape.file, number, block.offset + start, reason, readable(found.data[start:end]))


def _wrong_width(fields: int, width: int) -> str:
    return f"{fields} fields, the header has {width}"


def _one_by_one(left: Block, shape: Shape, most: int, *, final: bool) -> tuple[Records, Block, bool]:
    """Up to ``most`` records, what is left, and whether the last of them could be read whole."""
    feed = Feed(iterate(left))
    end = left.offset
    good: list[SlowRecord] = []
    bad: list[BadRow] = []
    whole = True
    for _ in range(most):
        record = feed.next_record(shape.delimiter)
        if record is None:
            break
        if feed.ended and not final and _may_go_on(record, left, end):
            whole = False
            break
        end = feed.position
        _sort(record, shape, good, bad)
    return _gathered(good, bad, shape), _after(left, end - left.offset), whole


def _to_the_end(left: Block, beyond: Iterable[Block], shape: Shape) -> Records:
    """The last records of a split, of which one goes on past its end or is refused there."""
    end = left.offset + len(left.data)
    feed = Feed(chain(iterate(left), chain.from_iterable(map(iterate, beyond))), position=left.offset)
    good: list[SlowRecord] = []
    bad: list[BadRow] = []
    while feed.position < end and (record := feed.next_record(shape.delimiter)) is not None:
        _sort(record, shape, good, bad)
    if feed.position != end:
        raise CutMissedError(f"{shape.file}, byte {end}")
    return _gathered(good, bad, shape)


def _may_go_on(record: SlowRecord | Refused, left: Block, start: int) -> bool:
    """A record that took all there is may be one whose end lies in the next block."""
    return isinstance(record, Refused) and len(left.data) - (start - left.offset) <= LONGEST_RECORD_BYTES


def _sort(record: SlowRecord | Refused, shape: Shape, good: list[SlowRecord], bad: list[BadRow]) -> None:
    if isinstance(record, Refused):
        bad.append(BadRow(shape.file, record.number, record.offset, record.reason, record.raw))
    elif record.fields and len(record.fields) != shape.width:
        reason = _wrong_width(len(record.fields), shape.width)
        bad.append(BadRow(shape.file, record.number, record.offset, reason, record.raw))
    elif record.fields:
        good.append(record)


def _gathered(good: Sequence[SlowRecord], bad: Sequence[BadRow], shape: Shape) -> Records:
    columns = tuple(pa.array([record.fields[i] for record in good], pa.string()) for i in shape.positions)

    def refuse(index: int, reason: str) -> BadRow:
        record = good[index]
        return BadRow(shape.file, record.number, record.offset, reason, record.raw)

    def places() -> tuple[Any, Any, Any]:
        texts = pa.array([record.raw for record in good], pa.string())
        offsets = pa.array([record.offset for record in good], pa.int64())
        return texts, offsets, pa.array([record.number for record in good], pa.int64())

    return Records(columns, refuse, places, tuple(bad))
