"""Where the fields of flat JSON objects lie, one object a line, found for a whole block at once.

In a line without a backslash quotes open and close strings by turns, and what stands between two strings
is short: ``:`` or ``:12,`` after a name, ``,`` after a value. Each such piece by itself tells whether the
string before it and the one after it are names or values. Where all pieces of a line have one of these
forms and agree, the line is a flat object; any other line is doubtful and somebody else reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

_QUOTE, _BACKSLASH, _SPACE, _COLON, _COMMA, _OPEN, _CLOSE = b'"\\ :,{}'
_LF, _CR, _FIRST_TEXT = 10, 13, 32
# So many bytes after a string can be looked at.
_PADDING = b"\n\n\n"


@dataclass(frozen=True)
class Fields:
    """The fields of the lines that are flat objects, in the order of the block; those lines are UTF-8.

    Attributes:
        data: the bytes.
        lines: int64 array: the line of each field.
        name_starts: int64 array: first byte of each name, after its quote.
        name_ends: int64 array: past the last byte of each name.
        starts: int64 array: first byte of each value; of a string without its quotes.
        ends: int64 array: past the last byte of each value.
        quoted: bool array: the value is a string; else it is some text without a quote, such as a number.
    """

    data: bytes
    lines: Any
    name_starts: Any
    name_ends: Any
    starts: Any
    ends: Any
    quoted: Any

    def take(self, chosen: Any) -> Fields:
        """Some of the fields, by a bool array or by indexes."""
        return replace(
            self,
            lines=self.lines[chosen],
            name_starts=self.name_starts[chosen],
            name_ends=self.name_ends[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
            quoted=self.quoted[chosen],
        )

    def names(self) -> Any:
        """The names as an Arrow ``string`` array."""
        return slices(self.data, self.name_starts, self.name_ends)

    def texts(self) -> Any:
        """The values as an Arrow ``string`` array."""
        return slices(self.data, self.starts, self.ends)


def flat_objects(data: bytes, starts: Any, stops: Any, doubtful: Any) -> Fields:
    """Find the fields of flat objects.

    Args:
        data: whole lines, less than 2 GiB.
        starts: int64 array: first byte of each line.
        stops: int64 array: past the last byte of each line, its terminator left out.
        doubtful: bool array: lines that are not to be looked at; those that are no flat objects, or for
            which only a JSON parser can tell, are marked in it.
    """
    padded = data + _PADDING
    codes = np.frombuffer(padded, np.uint8)
    quotes = np.flatnonzero(codes == _QUOTE)
    counts = np.diff(np.searchsorted(quotes, stops), prepend=0)
    _mark_unusual(codes, data, starts, stops, doubtful)
    doubtful |= (counts == 0) | (counts % 2 == 1)
    if doubtful.any():
        quotes = quotes[np.repeat(~doubtful, counts)]
    chosen = np.flatnonzero(~doubtful)
    return _fields(padded, codes, quotes, starts, stops, chosen, counts[chosen] // 2, doubtful)


def slices(data: bytes, starts: Any, ends: Any) -> Any:
    """Texts that lie in order inside some bytes, as an Arrow ``string`` array."""
    bounds = np.empty(2 * len(starts), np.int32)
    bounds[::2], bounds[1::2] = starts, ends
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
    # A text, what lies between it and the next one, and so on.
    every = pa.Array.from_buffers(pa.string(), max(0, len(bounds) - 1), buffers)
    return every.take(pa.array(np.arange(0, len(bounds), 2, dtype=np.int32)))


def _mark_unusual(codes: Any, data: bytes, starts: Any, stops: Any, doubtful: Any) -> None:
    """Lines with a backslash, or with a control character, which JSON has in no string."""
    if b"\\" in data:
        doubtful[_line_of(np.flatnonzero(codes == _BACKSLASH), starts)] = True
    controls = np.flatnonzero(codes[: len(data)] < _FIRST_TEXT)
    lines = _line_of(controls, starts)
    inside = controls < stops[lines]
    doubtful[lines[inside]] = True


def _line_of(places: Any, starts: Any) -> Any:
    return np.searchsorted(starts, places, side="right") - 1


def _fields(
    data: bytes, codes: Any, quotes: Any, starts: Any, stops: Any, chosen: Any, strings: Any, doubtful: Any
) -> Fields:
    """Judge every string together with what follows it, up to the next one or the end of the line."""
    opens, closes = quotes[::2], quotes[1::2]
    line = np.repeat(chosen, strings)
    last = np.cumsum(strings) - 1
    first = last - strings + 1
    upto = np.empty_like(opens)
    upto[:-1] = opens[1:]
    upto[last] = stops[chosen]
    is_last = np.zeros(len(opens), bool)
    is_last[last] = True

    sign = codes[closes + 1]
    spaced = codes[closes + 2] == _SPACE
    begin = closes + 2 + spaced
    is_name = sign == _COLON
    bare = begin == upto  # nothing but the sign
    before_string = is_name & bare & ~is_last
    final = codes[upto - 1]
    end = upto - 1 - ((final == _SPACE) & ~is_last)
    closing = np.where(is_last, _CLOSE, _COMMA)
    with_scalar = is_name & (end > begin) & (codes[end] == closing)
    after_value = np.where(is_last, (sign == _CLOSE) & (upto == closes + 2), (sign == _COMMA) & bare)
    right = before_string | with_scalar | after_value
    # A string is a name unless the piece before it announces a value.
    announced = np.ones(len(opens), bool)
    announced[1:] = ~before_string[:-1]
    right &= announced == is_name
    right[first] &= (codes[starts[chosen]] == _OPEN) & (opens[first] == starts[chosen] + 1)
    if not right.all():
        doubtful[line[~right]] = True
        is_name &= ~doubtful[line]
    at = np.flatnonzero(is_name)
    quoted = before_string[at]
    after = np.minimum(at + 1, len(opens) - 1)
    value_starts = np.where(quoted, opens[after] + 1, begin[at])
    value_ends = np.where(quoted, closes[after], end[at])
    return Fields(data, line[at], opens[at] + 1, closes[at], value_starts, value_ends, quoted)
