"""Where a CSV file may be cut: at line ends outside quotes, which all the quotes before them tell.

For files of which a cut was missed (``csv_pieces``), since it takes a reading of its own.
Each piece of a file is scanned by itself, for both states in which it may begin: where its first record would
begin, and whether every quote in it opens a field, closes one or is doubled. Put in order, the states follow
from one another; from the first piece on that is not well formed the rest of the file is read by one task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from sparkjobs.ingest.csv_slow import LONGEST_RECORD_BYTES

CHUNK_BYTES = 4 << 20
# Longer stretches without a line end outside quotes are left to whom reads record by record.
LONGEST_STRETCH_BYTES = LONGEST_RECORD_BYTES // 2
_QUOTE, _LF, _CR = 34, 10, 13
OUTSIDE, INSIDE = 0, 1


@dataclass(frozen=True)
class Scan:
    """What the bytes ``[start, end)`` of a file hold if they begin in some state.

    Attributes:
        fits: every quote is in its place, and no record is overlong.
        first: where the first record begins in them, in bytes of the file; ``None``: none does.
        last: past the last line end outside quotes; ``None``: there is none.
    """

    fits: bool = True
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Piece:
    """A stretch of a file, scanned.

    Attributes:
        start: its first byte.
        end: past its last byte.
        quotes: how many it holds.
        scans: what it holds if it begins outside quotes, and if it begins inside.
    """

    start: int
    end: int
    quotes: int
    scans: tuple[Scan, Scan]


def record_ranges(start: int, end: int, pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Ranges of whole records, to be read each by itself. Pure.

    Args:
        start: where the first record begins, outside quotes.
        end: the file's size.
        pieces: of ``[start, end)``, in order, the first at ``start``.
    """
    ranges: list[tuple[int, int]] = []
    begun, state, last = start, OUTSIDE, start
    quoted = any(piece.quotes for piece in pieces)
    for piece in pieces:
        scan = piece.scans[state]
        if quoted and not _proven(scan, last):
            break
        if scan.first is not None and begun < scan.first < end:
            ranges.append((begun, scan.first))
            begun = scan.first
        last = scan.last or last
        state ^= piece.quotes & 1
    return [*ranges, (begun, end)]


def _proven(scan: Scan, last: int) -> bool:
    """Whether a piece whose first byte lies in a known state tells that of its last."""
    return scan.fits and (scan.first is None or scan.first - last <= LONGEST_STRETCH_BYTES)


def scan_piece(
    stream: IO[bytes], start: int, end: int, delimiter: str, chunk_bytes: int = CHUNK_BYTES
) -> Piece:
    """Scan the bytes ``[start, end)`` of a file.

    Args:
        stream: the file, seekable.
        start: the first byte; greater than 0, since a header stands before all records.
        end: past the last byte.
        delimiter: one ASCII character.
        chunk_bytes: how much is looked at at a time.
    """
    stream.seek(start - 1)
    before = stream.read(1)
    scanner = _Scanner(start, before, ord(delimiter))
    for chunk, after in _chunks(stream, end - start, chunk_bytes):
        scanner.take(chunk, after)
    return Piece(start, end, scanner.quotes, (scanner.scans[OUTSIDE], scanner.scans[INSIDE]))


def scan_bytes(start: int, before: bytes, data: bytes, after: bytes, delimiter: str) -> Piece:
    """Scan bytes that are there. Pure.

    Args:
        start: where they begin in the file, greater than 0.
        before: the byte before them.
        data: the bytes.
        after: the byte after them; a line end at the file's end.
        delimiter: one ASCII character.
    """
    scanner = _Scanner(start, before, ord(delimiter))
    if data:
        scanner.take(data, after)
    return Piece(start, start + len(data), scanner.quotes, (scanner.scans[OUTSIDE], scanner.scans[INSIDE]))


def _chunks(stream: IO[bytes], length: int, chunk_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    """Chunks of the next ``length`` bytes, each with the byte after it (a line end at the file's end)."""
    chunk = stream.read(min(chunk_bytes, length))
    while chunk:
        length -= len(chunk)
        following = stream.read(min(chunk_bytes, length) if length else 1)
        yield chunk, following[:1] or b"\n"
        chunk = following if length else b""


class _Scanner:
    """Both hypotheses, carried from chunk to chunk."""

    def __init__(self, start: int, before: bytes, delimiter: int) -> None:
        self.quotes = 0
        self.scans = [Scan(), Scan()]
        self._position = start
        self._before = before
        self._around = np.zeros(256, bool)
        self._around[[delimiter, _LF, _CR, _QUOTE]] = True
        self._begins = before == b"\n"
        self._returned = before == b"\r"

    def take(self, chunk: bytes, after: bytes) -> None:
        """Look at the next bytes; ``after`` follows them."""
        padded = np.frombuffer(self._before + chunk + after, np.uint8)
        codes = padded[1:-1]
        if self._begins or (self._returned and codes[0] != _LF):
            # The byte before the piece ended a line: outside quotes a record begins with the piece.
            self.scans[OUTSIDE] = Scan(True, self._position, self._position)
        self._begins = self._returned = False
        quotes = np.flatnonzero(codes == _QUOTE)
        ends = np.flatnonzero((codes == _LF) | ((codes == _CR) & (padded[2:] != _LF)))
        order = self.quotes + np.arange(len(quotes))
        opens = self._around[padded[quotes]]  # the byte before each quote
        closes = self._around[padded[quotes + 2]]  # and the one after it
        parity = (self.quotes + np.searchsorted(quotes, ends)) & 1
        for state in (OUTSIDE, INSIDE):
            opening = ((order + state) & 1) == 0
            fits = bool(np.where(opening, opens, closes).all())
            outside = ends[parity == state] + self._position + 1
            self.scans[state] = _joined(self.scans[state], fits, outside)
        self.quotes += len(quotes)
        self._position += len(chunk)
        self._before = chunk[-1:]


def _joined(scan: Scan, fits: bool, starts: np.ndarray) -> Scan:
    if not len(starts):
        return Scan(scan.fits and fits, scan.first, scan.last)
    first = int(starts[0]) if scan.first is None else scan.first
    known = starts if scan.last is None else np.concatenate(([scan.last], starts))
    short = bool((np.diff(known) <= LONGEST_STRETCH_BYTES).all())
    return Scan(scan.fits and fits and short, first, int(starts[-1]))
