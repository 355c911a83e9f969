"""CSV records of a split by RFC 4180: quotes may hold separators, doubled quotes and line ends.

Lines without a quote are cut in Arrow, whole blocks at a time. From the first quote on, Python's
csv module reads record by record, because only it knows where a quoted field ends. Both ways give
the same records; a row that breaks the rules comes back as a bad row and reading goes on at the
line after its first line, so that one lost quote costs one row and not the rest of the file.
Blank lines are not rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.blocks import LONGEST_LINE_BYTES
from sparkjobs.ingest.lines import LineTable, iterate, tabulate
from sparkjobs.ingest.model import BadRow, Block, readable
from sparkjobs.ingest.not_text import fault_of

LONGEST_RECORD_BYTES = 1 << 20
BATCH_ROWS = 20_000
RawLine = tuple[bytes, int, int | None]


@dataclass(frozen=True)
class Records:
    """Some accepted records, column by column, and the rows refused among them.

    Attributes:
        columns: one ``string`` array for each header column.
        raw: ``string`` array, each record as it stood in the file.
        offsets: int64 array, first byte of each record.
        numbers: int64 array of line numbers (of the first line), or ``None`` where unknown.
    """

    columns: list[Any]
    raw: Any
    offsets: Any
    numbers: Any | None
    bad: tuple[BadRow, ...] = ()


def read_records(blocks: Iterable[Block], file: str, width: int, delimiter: str) -> Iterator[Records]:
    """Records of a split.

    Args:
        blocks: whole lines in order.
        file: the file's name for the quarantine.
        width: how many fields the header has.
        delimiter: one character.
    """
    rest = iter(blocks)
    for block in rest:
        if b'"' in block.data:
            lines = chain.from_iterable(iterate(one) for one in chain([block], rest))
            yield from _quoted(_Feed(lines), file, width, delimiter)
            return
        yield _plain(block, file, width, delimiter)


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
    feed = _Feed(iterate(Block(data[bom:], bom, 1)))
    while (record := feed.next_record(delimiter)) is not None:
        if isinstance(record, _Refused):
            raise ValueError(record.reason)
        if record.fields:
            return record.fields, feed.position, feed.lines_read
    return None


def _plain(block: Block, file: str, width: int, delimiter: str) -> Records:
    table, bad = tabulate(block, file)
    table = _drop(table, pc.equal(pc.binary_length(table.values), 0))
    parts = pc.split_pattern(table.values, delimiter)
    wrong = pc.not_equal(pc.list_value_length(parts), width).to_numpy(zero_copy_only=False)
    refused = [_refuse_line(table, int(i), file, width, delimiter) for i in np.flatnonzero(wrong)]
    good = _drop(table, pa.array(wrong))
    flat = pc.list_flatten(parts.filter(pa.array(~wrong)))
    columns = [flat.take(pa.array(np.arange(i, len(good) * width, width))) for i in range(width)]
    return Records(columns, good.values, good.offsets, good.numbers, (*bad, *refused))


def _drop(table: LineTable, mask: Any) -> LineTable:
    keep = ~mask.to_numpy(zero_copy_only=False)
    if keep.all():
        return table
    numbers = None if table.numbers is None else table.numbers[keep]
    return LineTable(table.values.filter(pa.array(keep)), table.offsets[keep], numbers)


def _refuse_line(table: LineTable, index: int, file: str, width: int, delimiter: str) -> BadRow:
    raw = table.values[index].as_py()
    reason = _wrong_width(raw.count(delimiter) + 1, width)
    return BadRow(file, table.number(index), int(table.offsets[index]), reason, raw)


def _wrong_width(fields: int, width: int) -> str:
    return f"{fields} fields, the header has {width}"


@dataclass(frozen=True)
class _Record:
    fields: list[str]
    raw: str
    offset: int
    number: int | None


@dataclass(frozen=True)
class _Refused:
    reason: str
    raw: str
    offset: int
    number: int | None


class _TooLongError(Exception):
    pass


@dataclass
class _Feed:
    """Lines for the csv module that remembers what a record took, so that it can be given back."""

    lines: Iterator[RawLine]
    back: list[RawLine] = field(default_factory=list)
    taken: list[RawLine] = field(default_factory=list)
    taken_bytes: int = 0
    position: int = 0
    lines_read: int = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.back.pop() if self.back else next(self.lines)
        self.taken.append(line)
        self.taken_bytes += len(line[0])
        if self.taken_bytes > LONGEST_RECORD_BYTES and len(self.taken) > 1:
            raise _TooLongError
        return line[0].decode("utf-8", errors="surrogateescape")

    def next_record(self, delimiter: str) -> _Record | _Refused | None:
        """The next record, ``None`` at the end. Blank lines come as records without fields."""
        self.taken, self.taken_bytes = [], 0
        reason: str | None = None
        fields: list[str] = []
        try:
            fields = next(csv.reader(self, delimiter=delimiter, strict=True))
        except StopIteration:
            if not self.taken:
                return None
            reason = _UNCLOSED
        except _TooLongError:
            reason = _UNCLOSED
        except csv.Error as error:
            # A record of several lines that breaks is one whose first line lost a quote.
            lost = len(self.taken) > 1 or "end of data" in str(error)
            reason = _UNCLOSED if lost else f"not CSV: {error}"
        return self._finished(fields, reason)

    def _finished(self, fields: list[str], reason: str | None) -> _Record | _Refused:
        if reason is not None:
            self.back += reversed(self.taken[1:])
            self.taken = self.taken[:1]
        data = b"".join(line for line, _, _ in self.taken)
        _, offset, number = self.taken[0]
        self.position = offset + len(data)
        self.lines_read += len(self.taken)
        raw = readable(data.rstrip(b"\r\n"))
        # Pythons differ in what they say of a NUL; the line's own fault comes first.
        reason = fault_of(data, offset) or reason
        return _Refused(reason, raw, offset, number) if reason else _Record(fields, raw, offset, number)


_UNCLOSED = "a quote is not closed"


def _quoted(feed: _Feed, file: str, width: int, delimiter: str) -> Iterator[Records]:
    csv.field_size_limit(LONGEST_LINE_BYTES)  # as long as a line may be; the limit is the process's
    good: list[_Record] = []
    bad: list[BadRow] = []
    while (record := feed.next_record(delimiter)) is not None:
        if isinstance(record, _Refused):
            bad.append(BadRow(file, record.number, record.offset, record.reason, record.raw))
        elif record.fields and len(record.fields) != width:
            reason = _wrong_width(len(record.fields), width)
            bad.append(BadRow(file, record.number, record.offset, reason, record.raw))
        elif record.fields:
            good.append(record)
        if len(good) + len(bad) >= BATCH_ROWS:
            yield _gather(good, bad, width)
            good, bad = [], []
    yield _gather(good, bad, width)


def _gather(good: list[_Record], bad: list[BadRow], width: int) -> Records:
    columns = [pa.array([record.fields[i] for record in good], pa.string()) for i in range(width)]
    numbers = None
    if good and good[0].number is not None:
        numbers = np.array([record.number for record in good], dtype=np.int64)
    offsets = np.array([record.offset for record in good], dtype=np.int64)
    return Records(columns, pa.array([r.raw for r in good], pa.string()), offsets, numbers, tuple(bad))
