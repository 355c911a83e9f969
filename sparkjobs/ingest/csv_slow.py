"""CSV records one by one, by Python's csv module: what a quote out of place means, only it can tell.

A row that breaks the rules is refused, and reading goes on at the line after its first line, so that one lost
quote costs one row and not the rest of the file. Blank lines come as records without fields.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from sparkjobs.ingest.model import readable
from sparkjobs.ingest.not_text import fault_of

LONGEST_RECORD_BYTES = 1 << 20
RawLine = tuple[bytes, int, int | None]


@dataclass(frozen=True)
class SlowRecord:
    """A record: its fields, its text, and where it begins."""

    fields: list[str]
    raw: str
    offset: int
    number: int | None


@dataclass(frozen=True)
class Refused:
    """A line that is no record, and why."""

    reason: str
    raw: str
    offset: int
    number: int | None


class _TooLongError(Exception):
    pass


@dataclass
class Feed:
    """Lines for the csv module that remembers what a record took, so that it can be given back."""

    lines: Iterator[RawLine]
    back: list[RawLine] = field(default_factory=list)
    taken: list[RawLine] = field(default_factory=list)
    taken_bytes: int = 0
    position: int = 0
    lines_read: int = 0
    ended: bool = False

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> str:
        line = self.back.pop() if self.back else next(self.lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self.taken_bytes += len(line[0])
        if self.taken_bytes > LONGEST_RECORD_BYTES and len(self.taken) > 1:
            raise _TooLongError
        return line[0].decode("utf-8", errors="surrogateescape")

    def next_record(self, delimiter: str) -> SlowRecord | Refused | None:
        """The next record, ``None`` at the end. Blank lines come as records without fields."""
        self.taken, self.taken_bytes, self.ended = [], 0, False
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
        return self._ended(fields, reason)

    def _ended(self, fields: list[str], reason: str | None) -> SlowRecord | Refused:
        if reason is not None:
            self.back += reversed(self.taken[1:])
            self.taken = self.taken[:1]
        data = b"".join(line for line, _, _ in self.taken)
        _, offset, number = self.taken[0]
        self.position = offset + len(data)
        self.lines_read += len(self.taken)
        raw = readable(data.rstrip(b"\r\n"))
        # Pythons differ in what they say of a NUL; the line's own fault comes first.
        reason = fault_of(data.rstrip(b"\r\n"), offset) or reason
        return Refused(reason, raw, offset, number) if reason else SlowRecord(fields, raw, offset, number)


_UNCLOSED = "a quote is not closed"
