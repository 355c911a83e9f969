"""The words of a batch of texts as Arrow arrays, without a Python loop over texts of ASCII.

The plain way (``sparkjobs.kernels.plain``) defines what a word is; property tests hold this one to it.
A text with a byte above 127 is read by the plain way, and its words, with spaces between them, take its
place: then one cut at ASCII separators finds the words of all texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_SPACE, _APOSTROPHE = b" '"
_BETWEEN = "\n"


def _lowered(byte: int) -> int:
    character = chr(byte)
    if byte >= 0x80 or byte == _APOSTROPHE:
        return byte
    return ord(character.lower()) if character.isalnum() else _SPACE


_LOWER = bytes(map(_lowered, range(256)))


def cut(texts: Any, plain: Callable[[str], Sequence[str]]) -> Any:
    """The words of each text.

    Args:
        texts: string array; a null has no words.
        plain: the words of one text that is not all ASCII.

    Returns:
        a ``list<string>`` array as long.
    """
    # Offsets of 64 bits: the joined batch may be longer than 2 GiB.
    texts = _respelled(pc.fill_null(texts, "").cast(pa.large_string()), plain)
    lengths = pc.binary_length(texts).to_numpy() + len(_BETWEEN)
    joined = pc.binary_join(
        pa.ListArray.from_arrays([0, len(texts)], texts), pa.scalar(_BETWEEN, texts.type)
    )[0]
    codes = np.frombuffer(joined.as_buffer().to_pybytes().translate(_LOWER), np.uint8)
    kept = _in_words(codes)
    edges = np.flatnonzero(kept[1:] != kept[:-1])
    starts, ends = edges[::2], edges[1::2]
    words = _strings(codes[kept[1:-1]], ends - starts)
    return _lists(words, np.searchsorted(starts, np.append(0, np.cumsum(lengths))))


def leave_out(lists: Any, short_of: int, stop_words: frozenset[str]) -> Any:
    """Lists without the words that have fewer than ``short_of`` characters and those on the stop list."""
    words = lists.values
    kept = np.ones(len(words), bool)
    if short_of > 1:
        kept &= pc.greater_equal(pc.utf8_length(words), short_of).to_numpy(zero_copy_only=False)
    if stop_words:
        stop = pa.array(sorted(stop_words), pa.string())
        kept &= ~pc.is_in(words, value_set=stop).to_numpy(zero_copy_only=False)
    if kept.all():
        return lists
    return _lists(words.filter(pa.array(kept)), np.append(0, np.cumsum(kept))[lists.offsets.to_numpy()])


def with_runs(lists: Any, longest: int) -> Any:
    """The words of each list, then its runs of 2, 3, ... ``longest`` neighbours, joined by one space."""
    words, bounds = lists.values, lists.offsets.to_numpy()
    owner = np.repeat(np.arange(len(lists)), np.diff(bounds))
    runs, owners = [words], [owner]
    for length in range(2, longest + 1):
        first = np.flatnonzero(owner[: 1 - length] == owner[length - 1 :])
        parts = [words.take(pa.array(first + shift)) for shift in range(length)]
        runs.append(pc.binary_join_element_wise(*parts, " "))
        owners.append(owner[first])
    whose = np.concatenate(owners)
    sizes = np.bincount(whose, minlength=len(lists))
    order = np.argsort(whose, kind="stable")
    return _lists(pa.concat_arrays(runs).take(pa.array(order)), np.append(0, np.cumsum(sizes)))


def _respelled(texts: Any, plain: Callable[[str], Sequence[str]]) -> Any:
    other = pc.invert(pc.string_is_ascii(texts))
    if not pc.any(other).as_py():
        return texts
    words = [" ".join(plain(text)) for text in texts.filter(other).to_pylist()]
    return pc.replace_with_mask(texts, other, pa.array(words, texts.type))


def _in_words(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which bytes belong to words, with one byte before and one after them that do not."""
    letter = np.zeros(len(codes) + 2, bool)
    letter[1:-1] = (codes != _SPACE) & (codes != _APOSTROPHE)
    kept: npt.NDArray[np.bool_] = letter.copy()
    # An apostrophe belongs to a word where it has a letter, mark or digit on each side.
    kept[1:-1] |= (codes == _APOSTROPHE) & letter[:-2] & letter[2:]
    return kept


def _strings(codes: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int64]) -> Any:
    offsets = np.append(0, np.cumsum(lengths))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(codes)]
    return pa.Array.from_buffers(pa.large_string(), len(lengths), buffers).cast(pa.string())


def _lists(words: Any, bounds: npt.NDArray[np.int64]) -> Any:
    return pa.ListArray.from_arrays(pa.array(bounds.astype(np.int32)), words)
