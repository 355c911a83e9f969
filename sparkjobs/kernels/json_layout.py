"""Lines that are written as the first one is: the same fields in the same order, with other values.

Whoever writes JSON lines mostly writes all of them alike. Then what lies between the values need not be
understood once more: where it is the same to the byte as in the first line, the line is a flat object too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sparkjobs.kernels.json_structure import Marks, Values, flat_objects

_WORD = 8
_QUOTE = b'"'


@dataclass(frozen=True)
class Alike:
    """Lines that are written alike.

    Attributes:
        names: the fields of each line, in order.
        values: the values of each of these fields, one for each line.
        chosen: bool array over the lines of the marks: which these are.
    """

    names: tuple[str, ...]
    values: tuple[Values, ...]
    chosen: Any


def like_first(found: Marks) -> Alike | None:
    """The lines that are written as the first one is; ``None`` where that one is no flat object."""
    if not len(found.lines):
        return None
    fields, flat = flat_objects(found.first())
    if not flat[0]:
        return None
    between = _between(found, fields.values)
    chosen = found.counts == found.counts[0]
    alike = found.of(chosen)
    places, same = _places(alike, between)
    if not same.all():
        chosen[np.flatnonzero(chosen)[~same]] = False
        places = [place[same] for place in places]
    count = len(places[0])
    values = [
        Values(found.data, place + len(text), end, np.full(count, text.endswith(_QUOTE)))
        for place, end, text in zip(places, places[1:], between, strict=False)
    ]
    return Alike(tuple(fields.names().to_pylist()), tuple(values), chosen)


def _between(found: Marks, values: Values) -> list[bytes]:
    """What stands before, between and after the values of a line."""
    line = found.lines[0]
    begins = [int(found.starts[line]), *values.ends.tolist()]
    ends = [*values.starts.tolist(), int(found.stops[line])]
    return [found.data[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _places(alike: Marks, between: list[bytes]) -> tuple[list[Any], Any]:
    """Where each text between values has to stand in each line, and whether all of them do.

    The first and the last are found from the ends of the line, each other one by its first quote: there are
    as many quotes in a line as in all the texts, so none is left for the values.
    """
    quotes = alike.quotes.reshape(len(alike.lines), -1)
    before = np.cumsum([0, *(text.count(_QUOTE) for text in between)])
    places = [alike.starts[alike.lines]]
    places += [quotes[:, before[i]] - between[i].index(_QUOTE) for i in range(1, len(between) - 1)]
    places.append(alike.stops[alike.lines] - len(between[-1]))
    words = np.ndarray((len(alike.data) - _WORD + 1,), "<u8", alike.data, strides=(1,))
    same = np.ones(len(alike.lines), bool)
    for place, text in zip(places, between, strict=True):
        same &= _stands(words, place, text)
    return places, same


def _stands(words: Any, place: Any, text: bytes) -> Any:
    """Whether a text stands at some places, eight bytes at a time."""
    same = np.ones(len(place), bool)
    for begin in range(0, len(text), _WORD):
        part = text[begin : begin + _WORD]
        at = np.minimum(place + begin, len(words) - 1) if begin else place
        wanted, mask = int.from_bytes(part, "little"), (1 << 8 * len(part)) - 1
        same &= (words[at] & np.uint64(mask)) == np.uint64(wanted)
    return same
