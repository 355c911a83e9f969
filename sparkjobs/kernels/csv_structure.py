"""Where the fields and records of a block of CSV lie, found for the whole block at once.

A separator counts outside quotes only, and whether a byte is outside is the parity of the quotes before it.
That parity is right only while every quote opens a field, closes one or is doubled inside one; the first
quote that does none of these ends what is known, and its record is read by the rules of the csv module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_QUOTE, _LF, _CR = 34, 10, 13


@dataclass(frozen=True)
class Structure:
    """The whole records at the beginning of some bytes.

    Attributes:
        data: the bytes.
        bounds: int32 array: where each field begins; one more than there are fields, the last is the end.
        first: int64 array: index of the first field of each record.
        widths: int64 array: fields of each record.
        starts: int64 array: first byte of each record.
        ends: int64 array: past the last byte of each record, its terminator left out.
        end: past the last whole record, terminator included; what follows is not told of.
        quoted: there are quotes.
        broken: the record that begins at ``end`` has a quote that RFC 4180 does not know.
    """

    data: bytes
    bounds: Any
    first: Any
    widths: Any
    starts: Any
    ends: Any
    end: int
    quoted: bool
    broken: bool

    def __len__(self) -> int:
        return len(self.starts)

    def until(self, index: int) -> Structure:
        """The records before one that somebody else has to read."""
        return replace(
            self,
            first=self.first[:index],
            widths=self.widths[:index],
            starts=self.starts[:index],
            ends=self.ends[:index],
            end=int(self.starts[index]),
            broken=True,
        )


def structure(data: bytes, delimiter: int, *, final: bool) -> Structure:
    """Find fields and records from the beginning of ``data``, which is outside quotes.

    Args:
        data: at most 2 GiB.
        delimiter: one ASCII byte.
        final: the file ends with ``data``, so that a last record needs no terminator.
    """
    codes = np.frombuffer(data, dtype=np.uint8)
    separators, fault = _separators(codes, data, delimiter)
    terminators = np.flatnonzero(codes[separators] != delimiter)
    if fault is None and final and data.count(b'"') % 2:
        fault = len(codes)  # a quote that nothing closes
    if fault is not None:
        # Only what ended before the record of the fault is known to be right.
        terminators = terminators[: np.searchsorted(separators[terminators], fault)]
    elif final and len(codes) and not (len(terminators) and separators[terminators[-1]] == len(codes) - 1):
        separators = np.append(separators, len(codes))
        terminators = np.append(terminators, len(separators) - 1)
    return _records(data, codes, separators, terminators, fault is not None)


def _records(data: bytes, codes: Any, separators: Any, terminators: Any, broken: bool) -> Structure:
    last = int(terminators[-1]) + 1 if len(terminators) else 0
    bounds = np.empty(last + 1, np.int32)
    bounds[0] = 0
    np.minimum(separators[:last] + 1, len(codes), out=bounds[1:], casting="unsafe")
    first = np.concatenate(([0], terminators[:-1] + 1)) if len(terminators) else np.empty(0, np.int64)
    starts = bounds[first].astype(np.int64)
    ends = separators[terminators].astype(np.int64)
    if b"\r" in data:
        # CRLF: the line feed is the terminator that was found, the return before it belongs to it.
        returns = (ends > starts) & (codes[np.minimum(ends, len(codes)) - 1] == _CR)
        feeds = np.append(codes, _LF)[ends] == _LF
        ends = ends - (returns & feeds & (ends < len(codes)))
    end = int(bounds[-1])
    return Structure(data, bounds, first, terminators + 1 - first, starts, ends, end, b'"' in data, broken)


def _separators(codes: Any, data: bytes, delimiter: int) -> tuple[Any, int | None]:
    """Positions of delimiters and terminators outside quotes, and the first quote out of place."""
    marks = (codes == delimiter) | (codes == _LF)
    if b"\r" in data:
        marks |= _lone_returns(codes)
    if b'"' not in data:
        return np.flatnonzero(marks), None
    quotes = codes == _QUOTE
    places = np.flatnonzero(marks | quotes)
    is_quote = quotes[places]
    outside = (np.cumsum(is_quote) & 1) == 0
    return places[outside & ~is_quote], _first_fault(codes, np.flatnonzero(quotes), delimiter)


def _lone_returns(codes: Any) -> Any:
    """Each CR that no LF follows; one at the very end may still be followed by one, and waits."""
    returns = codes == _CR
    returns[:-1] &= codes[1:] != _LF
    return returns


def _first_fault(codes: Any, quotes: Any, delimiter: int) -> int | None:
    """The first quote that neither opens a field, nor closes one, nor is doubled."""
    around = np.zeros(256, bool)
    around[[delimiter, _LF, _CR, _QUOTE]] = True
    opens, closes = quotes[::2], quotes[1::2]
    before = around[codes[np.maximum(opens - 1, 0)]] | (opens == 0)
    after = around[codes[np.minimum(closes + 1, len(codes) - 1)]] | (closes == len(codes) - 1)
    wrong = np.concatenate((opens[~before], closes[~after]))
    return int(wrong.min()) if len(wrong) else None


def column(found: Structure, rows: Any, position: int, *, last: bool, delimiter: str) -> Any:
    """One column as an Arrow ``string`` array, unquoted.

    Args:
        found: the structure; its data is UTF-8 in the chosen rows.
        rows: int64 array: indexes of records that have the field.
        position: index of the field in its record.
        last: it is the last field of its record.
        delimiter: the separator.
    """
    fields = found.first[rows] + position
    buffers = [None, pa.py_buffer(found.bounds), pa.py_buffer(found.data)]
    every = pa.Array.from_buffers(pa.binary(), len(found.bounds) - 1, buffers)
    taken = every.take(pa.array(fields)).cast(pa.string())
    plain = pc.ascii_rtrim(taken, "\r\n" if last else delimiter)
    if not found.quoted:
        return plain
    codes = np.frombuffer(found.data, dtype=np.uint8)
    starts = np.minimum(found.bounds[fields], len(codes) - 1)
    return _unquoted(plain, pa.array((codes[starts] == _QUOTE) & (pc.binary_length(plain).to_numpy() > 0)))


def _unquoted(values: Any, quoted: Any) -> Any:
    if not pc.any(quoted).as_py():
        return values
    every = pc.all(quoted).as_py()
    held = (values if every else values.filter(quoted)).cast(pa.binary())
    inner = pc.replace_substring(pc.binary_slice(held, 1, -1).cast(pa.string()), '""', '"')
    return inner if every else pc.replace_with_mask(values, quoted, inner)
