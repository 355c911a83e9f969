"""The records of a piece of a CSV file that was cut anywhere, by one reading of its bytes.

Whether a cut lies inside a quoted field depends on all the bytes before it, so no task can know. But where
the records of a piece begin is guessed from the bytes at its cut alone, alike by the task that begins there
and by the one that ends there, and the latter knows whether its last record ends at that place. The first
piece begins at the header's end, and what is read from the beginning of a record depends on nothing before
it: so where no task misses, each began at a record of the whole file, and together they read what one would.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any

import numpy as np

from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.csv_cuts import INSIDE, OUTSIDE, Piece, scan_bytes
from sparkjobs.ingest.csv_records import Records, Shape, read_records
from sparkjobs.ingest.csv_slow import LONGEST_RECORD_BYTES, Feed
from sparkjobs.ingest.lines import iterate
from sparkjobs.ingest.missed import CutMissedError
from sparkjobs.ingest.model import Block, Split
from sparkjobs.ingest.storage import S3Settings, open_bytes
from sparkjobs.kernels.csv_structure import Structure, structure

# The first tells nearly always. Where its lines have another number of fields than the header, a quoted field
# may go on for as long as a record may; and a line without quotes for longer.
WINDOW_BYTES = (64 << 10, 1088 << 10, 4 << 20)
# Of narrow fields every byte takes many of a worker; more at a time is no quicker either.
BLOCK_BYTES = 4 << 20
# Where a quote is out of place, the lines of so many bytes are tried.
_TRIED_BYTES = 16 << 10
_BEYOND_BYTES = 256 << 10


@dataclass(frozen=True)
class _Guess:
    """Where the next record begins if the cut lies in some state, and what speaks for that.

    ``fits``: every quote is in its place, and is closed while a record may be. ``right``: how many of the
    records that follow have as many fields as the header, 0 to 1.
    """

    start: int | None
    fits: bool
    right: float = 0


def read_piece(
    split: Split, shape: Shape, s3: S3Settings, block_bytes: int = BLOCK_BYTES
) -> Iterator[Records]:
    """Records of a split.

    Args:
        split: of the file; its ``start`` and ``end`` may lie anywhere unless it is aligned.
        shape: what records should look like.
        s3: how to reach the file.
        block_bytes: how much is read at a time.

    Raises:
        CutMissedError: its records do not end where those of the next split were guessed to begin.
    """
    if split.compression is not None:
        yield from read_records(read_blocks(split, s3, block_bytes), shape)
        return
    piece = split if split.aligned else _between_guesses(split, shape, s3)
    if piece.start > piece.end:
        raise CutMissedError(f"{shape.file}, byte {piece.end}")
    if piece.start == piece.end:
        return
    blocks = read_blocks(piece, s3, block_bytes)
    if piece.end == piece.size:
        yield from read_records(blocks, shape)
        return
    rest = replace(piece, start=piece.end, end=piece.size, first_line=None)
    beyond = read_blocks(rest, s3, _BEYOND_BYTES)
    yield from read_records(_ending(blocks, piece.end, shape), shape, beyond)


def record_start(stream: IO[bytes], cut: int, size: int, shape: Shape) -> int | None:
    """Where the first record behind a cut seems to begin; the same for every reader of the file.

    Args:
        stream: the file, seekable.
        cut: a byte of it, greater than 0.
        size: the file's bytes.
        shape: what records should look like.

    Returns:
        A line start, or ``size``; ``None`` where no line ends for long.
    """
    guesses: Sequence[_Guess] = ()
    for window in WINDOW_BYTES:
        end = min(cut + window, size)
        before, data, after = _around(stream, cut, end)
        piece = scan_bytes(cut, before, data, after, shape.delimiter)
        guesses = [_guess(piece, state, data, shape, final=end == size) for state in (OUTSIDE, INSIDE)]
        sure = [guess.start for guess in guesses if guess.start is not None and guess.right == 1]
        if len(sure) == 1:
            return sure[0]
        if not any(guess.fits for guess in guesses):
            start = _agreed(before, data, shape, final=end == size)
            if start is not None:
                return cut + start
        if end == size:
            break
    known = [guess for guess in guesses if guess.start is not None]
    # Outside of quotes comes first, which max() prefers.
    return max(known, key=lambda guess: (guess.fits, guess.right)).start if known else None


def _ending(blocks: Iterable[Block], end: int, shape: Shape) -> Iterator[Block]:
    """The blocks, of which the last line has to end where the piece does."""
    position = None
    for block in blocks:
        yield block
        position = block.offset + len(block.data)
    if position != end:
        raise CutMissedError(f"{shape.file}, byte {end}")


def _between_guesses(split: Split, shape: Shape, s3: S3Settings) -> Split:
    start, end = split.start, split.end
    with open_bytes(split.path, s3) as stream:
        if split.first_line is None:
            start = _guessed(stream, start, split.size, shape)
        if end < split.size:
            end = _guessed(stream, end, split.size, shape)
    return replace(split, start=start, end=end, aligned=True)


def _guessed(stream: IO[bytes], cut: int, size: int, shape: Shape) -> int:
    start = record_start(stream, cut, size, shape)
    if start is None:
        raise CutMissedError(f"{shape.file}, byte {cut}")
    return start


def _around(stream: IO[bytes], start: int, end: int) -> tuple[bytes, bytes, bytes]:
    """The byte before, the bytes, and the byte after them."""
    stream.seek(start - 1)
    data = stream.read(end - start + 2)
    return data[:1], data[1 : end - start + 1], data[end - start + 1 :] or b"\n"


def _guess(piece: Piece, state: int, data: bytes, shape: Shape, *, final: bool) -> _Guess:
    scan = piece.scans[state]
    if scan.first is not None:
        found = structure(data[scan.first - piece.start :], ord(shape.delimiter), final=final)
        return _Guess(scan.first, scan.fits, _share(_right(found, shape)) if scan.fits else 0)
    if final and state ^ (piece.quotes & 1) == OUTSIDE:
        return _Guess(piece.end, scan.fits)
    return _Guess(None, scan.fits and not final and len(data) <= LONGEST_RECORD_BYTES)


def _agreed(before: bytes, data: bytes, shape: Shape, *, final: bool) -> int | None:
    """Where a record begins, in bytes of ``data``, whichever of the next lines does; ``None`` if beyond them.

    By the rules of the csv module a quote counts only where a field begins, so that readers who begin at
    different lines soon read the same records.
    """
    lines = list(iterate(Block(before + data, -len(before), None)))
    starts = [offset for _, offset, _ in lines]
    ahead = [start for start in starts[1:] if start <= _TRIED_BYTES] or starts[1:2]
    while len(ahead) > 1:
        number = bisect_left(starts, ahead.pop(0))
        feed = Feed(islice(lines, number, None))
        record = feed.next_record(shape.delimiter)
        if record is None or ((feed.ended or feed.position >= len(data)) and not final):
            return None  # what follows may belong to it
        if (place := bisect_left(ahead, feed.position)) == len(ahead) or ahead[place] != feed.position:
            ahead.insert(place, feed.position)
    return ahead[0] if ahead else None


def _share(right: Any) -> float:
    return float(np.mean(right)) if len(right) else 0


def _right(found: Structure, shape: Shape) -> Any:
    """Of each record that is not blank, whether it has as many fields as the header."""
    return found.widths[found.ends > found.starts] == shape.width
