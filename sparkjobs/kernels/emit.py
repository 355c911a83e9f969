"""From counted tokens to counted words: only the distinct tokens are looked at one by one.

A token is a run of bytes between ASCII separators. Most are plain lower case letters and digits and
are words as they stand. Those with an apostrophe or a byte above 127 are read again by the plain way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.packed import I64, KEY, U64, Counted, tokens_of
from sparkjobs.kernels.plain import count_text, normalise_stop_words

_HIGH = np.uint64(0x8080808080808080)
_ONES = np.uint64(0x0101010101010101)


def _every_byte(byte: bytes) -> np.uint64:
    number: np.uint64 = np.uint64(int.from_bytes(byte * 8, "little"))
    return number


def needs_reading(keys: U64, marks: Iterable[bytes]) -> npt.NDArray[np.bool_]:
    """Which packed tokens hold a byte above 127 or one of the single bytes ``marks``."""
    found = (keys & _HIGH) != 0
    for mark in marks:
        # The classic test for a zero byte, on bytes that are zero where the mark was.
        left = keys ^ _every_byte(mark)
        found |= ((left - _ONES) & ~left & _HIGH) != 0
    rows: npt.NDArray[np.bool_] = found.any(axis=1)
    return rows


def text_of(keys: U64) -> Any:
    """Packed ASCII tokens as an Arrow string array."""
    padded = np.ascontiguousarray(keys, dtype=KEY).view(np.uint8)
    filled = padded != 0
    offsets = np.zeros(len(keys) + 1, np.int32)
    np.cumsum(np.count_nonzero(filled, axis=1), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(padded[filled])]
    return pa.Array.from_buffers(pa.string(), len(keys), buffers)


def _numbers(counts: I64) -> Any:
    # pa.array would import pandas, which takes a good part of a second in each new worker.
    return pa.Array.from_buffers(pa.int64(), len(counts), [None, pa.py_buffer(counts)])


def words_batch(words: Any, counts: Any) -> Any:
    """The record batch ``word string, count int64`` that the kernels hand out."""
    return pa.record_batch([words, counts], names=["word", "count"])


def keep_words(batch: Any, options: WordOptions) -> Any:
    """Leave out the words that are too short or on the stop list."""
    word = batch.column(0)
    if options.min_length > 1:
        batch = batch.filter(pc.greater_equal(pc.utf8_length(word), options.min_length))
    if options.stop_words:
        stop = pa.array(sorted(normalise_stop_words(options)), pa.string())
        batch = batch.filter(pc.invert(pc.is_in(batch.column(0), value_set=stop)))
    return batch


def split_clean(part: Counted, marks: Iterable[bytes]) -> tuple[Any, dict[bytes, int]]:
    """A batch of the tokens that are words already, and the counts of the others."""
    special = needs_reading(part.keys, marks)
    clean = words_batch(text_of(part.keys[~special]), _numbers(part.counts[~special]))
    tokens = tokens_of(part.keys[special])
    return clean, dict(zip(tokens, part.counts[special].tolist(), strict=True))


def read_tokens(tokens: Iterable[tuple[bytes, int]], options: WordOptions) -> Counter[str]:
    """Words of tokens that need the plain way.

    Tokens that occur equally often are read as one text: long tokens (languages without spaces)
    are nearly all of them unique, and one call for all is several times quicker than one for each.
    """
    by_count: dict[int, list[bytes]] = defaultdict(list)
    for token, count in tokens:
        by_count[count].append(token)
    words: Counter[str] = Counter()
    for count, group in by_count.items():
        for word, times in count_text(b"\n".join(group).decode(), options).items():
            words[word] += count * times
    return words


def counter_batch(words: Counter[str]) -> Any:
    """A dictionary of counts as a record batch."""
    encoded = [word.encode() for word in words]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int32, len(encoded)), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    text = pa.Array.from_buffers(pa.string(), len(encoded), buffers)
    return words_batch(text, _numbers(np.fromiter(words.values(), np.int64, len(words))))
