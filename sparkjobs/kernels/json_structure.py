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
_FIRST_TEXT = 32
# So many bytes can be looked at from the last one on.
_PADDING = b"\n" * 8


@dataclass(frozen=True)
class Marks:
    """The quotes of a block, line by line.

    Attributes:
        data: whole lines and some bytes more, which belong to no line.
        codes: the same as a uint8 array.
        starts: int64 array: first byte of each line.
        stops: int64 array: past the last byte of each line, its terminator left out.
        lines: int64 array: the lines that may be flat objects, in order.
        counts: int64 array: how many quotes each of those has, an even number above 0.
        quotes: int64 array: where these quotes stand.
    """

    data: bytes
    codes: Any
    starts: Any
    stops: Any
    lines: Any
    counts: Any
    quotes: Any

    def of(self, chosen: Any) -> Marks:
        """The marks of some of ``lines``, by a bool array over them."""
        if chosen.all():
            return self
        quotes = self.quotes[np.repeat(chosen, self.counts)]
        return replace(self, lines=self.lines[chosen], counts=self.counts[chosen], quotes=quotes)

    def first(self) -> Marks:
        """The marks of the first of ``lines``."""
        count = self.counts[:1]
        return replace(self, lines=self.lines[:1], counts=count, quotes=self.quotes[: count[0]])


@dataclass(frozen=True)
class Values:
    """Values of fields, in the order of the block.

    Attributes:
        data: the bytes, UTF-8 in these lines.
        starts: int64 array: first byte of each value; of a string without its quotes.
        ends: int64 array: past the last byte of each value.
        quoted: bool array: the value is a string; else it is some text without a quote, such as a number.
    """

    data: bytes
    starts: Any
    ends: Any
    quoted: Any

    def take(self, chosen: Any) -> Values:
        """Some of them, by a bool array or by indexes."""
        return Values(self.data, self.starts[chosen], self.ends[chosen], self.quoted[chosen])

    def texts(self) -> Any:
        """The values as an Arrow ``string`` array."""
        return slices(self.data, self.starts, self.ends)


@dataclass(frozen=True)
class Fields:
    """The fields of flat objects, in the order of the block.

    Attributes:
        lines: int64 array: the line of each field.
        name_starts: int64 array: first byte of each name, after its quote.
        name_ends: int64 array: past the last byte of each name.
        values: their values.
    """

    lines: Any
    name_starts: Any
    name_ends: Any
    values: Values

    def names(self) -> Any:
        """The names as an Arrow ``string`` array."""
        return slices(self.values.data, self.name_starts, self.name_ends)


def marks(data: bytes, starts: Any, stops: Any, text: Any) -> Marks:
    """Find the quotes, and the lines whose quotes all open or close a string.

    Args:
        data: whole lines, less than 2 GiB.
        starts: int64 array: first byte of each line.
        stops: int64 array: past the last byte of each line, its terminator left out.
        text: bool array: the lines that are UTF-8.
    """
    padded = data + _PADDING
    codes = np.frombuffer(padded, np.uint8)
    quotes = np.flatnonzero(codes == _QUOTE)
    counts = _counts(quotes, starts, stops)
    plain = text & (counts > 0) & (counts % 2 == 0)
    for unusual in _unusual(codes[: len(data)], data, starts, stops):
        plain[np.searchsorted(starts, unusual, side="right") - 1] = False
    every = Marks(padded, codes, starts, stops, np.arange(len(starts)), counts, quotes)
    return every.of(plain)


def _counts(quotes: Any, starts: Any, stops: Any) -> Any:
    """How many quotes each line has; mostly all have as many."""
    each, rest = divmod(len(quotes), max(1, len(starts)))
    if each and not rest:
        rows = quotes.reshape(len(starts), each)
        if (rows[:, 0] >= starts).all() and (rows[:, -1] < stops).all():
            return np.full(len(starts), each)
    return np.diff(np.searchsorted(quotes, stops), prepend=0)


def _unusual(codes: Any, data: bytes, starts: Any, stops: Any) -> list[Any]:
    """Where backslashes stand, and control characters, which JSON has in no string."""
    found = [np.flatnonzero(codes == _BACKSLASH)] if b"\\" in data else []
    controls = codes < _FIRST_TEXT
    terminators = len(data) - int((stops - starts).sum())
    if np.count_nonzero(controls) == terminators:
        return found
    places = np.flatnonzero(controls)
    inside = places < stops[np.searchsorted(starts, places, side="right") - 1]
    return [*found, places[inside]]


def flat_objects(found: Marks) -> tuple[Fields, Any]:
    """Judge every string together with what follows it, up to the next one or the end of the line.

    Returns:
        The fields of the lines that are flat objects, and a bool array over ``found.lines`` of those.
    """
    codes, opens, closes = found.codes, found.quotes[::2], found.quotes[1::2]
    strings = found.counts // 2
    line = np.repeat(np.arange(len(strings)), strings)
    last = np.cumsum(strings) - 1
    first = last - strings + 1
    upto = np.empty_like(opens)
    upto[:-1] = opens[1:]
    upto[last] = found.stops[found.lines]
    is_last = np.zeros(len(opens), bool)
    is_last[last] = True

    sign = codes[closes + 1]
    begin = closes + 2 + (codes[closes + 2] == _SPACE)
    is_name = sign == _COLON
    bare = begin == upto  # nothing but the sign
    before_string = is_name & bare & ~is_last
    end = upto - 1 - ((codes[upto - 1] == _SPACE) & ~is_last)
    before_scalar = is_name & (end > begin) & (codes[end] == np.where(is_last, _CLOSE, _COMMA))
    after_value = np.where(is_last, (sign == _CLOSE) & (upto == closes + 2), (sign == _COMMA) & bare)
    right = before_string | before_scalar | after_value
    # A string is a name unless the piece before it announces a value.
    announced = np.ones(len(opens), bool)
    announced[1:] = ~before_string[:-1]
    right &= announced == is_name
    begins = found.starts[found.lines]
    right[first] &= (codes[begins] == _OPEN) & (opens[first] == begins + 1)
    flat = np.ones(len(strings), bool)
    flat[line[~right]] = False

    at = np.flatnonzero(is_name & flat[line])
    quoted = before_string[at]
    after = np.minimum(at + 1, len(opens) - 1)
    value_starts = np.where(quoted, opens[after] + 1, begin[at])
    value_ends = np.where(quoted, closes[after], end[at])
    values = Values(found.data, value_starts, value_ends, quoted)
    return Fields(found.lines[line[at]], opens[at] + 1, closes[at], values), flat


def slices(data: bytes, starts: Any, ends: Any) -> Any:
    """Texts that lie in order inside some bytes, as an Arrow ``string`` array."""
    bounds = np.empty(2 * len(starts), np.int32)
    bounds[::2], bounds[1::2] = starts, ends
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
    # A text, what lies between it and the next one, and so on.
    every = pa.Array.from_buffers(pa.string(), max(0, len(bounds) - 1), buffers)
    return every.take(pa.array(np.arange(0, len(bounds), 2, dtype=np.int32)))
