"""The regular expressions that find words, built from the Unicode tables of this Python.

A word is ``[\\p{L}\\p{M}\\p{Nd}]+(?:'[\\p{L}\\p{M}\\p{Nd}]+)*``. The ``re`` module has no ``\\p{..}``, so the
character class is built once per process by asking ``unicodedata`` for every code point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

ASCII_END, BMP_END, UNICODE_END = 0x80, 0x10000, 0x110000


@lru_cache(maxsize=1)
def _has_astral() -> re.Pattern[str]:
    return re.compile("[\U00010000-\U0010ffff]")


def is_word_character(character: str) -> bool:
    """Whether one code point is a letter, a mark or a decimal digit."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def word_ranges(end: int) -> Iterator[tuple[int, int]]:
    """Runs ``(first, last)`` of word characters below the code point ``end``."""
    first = None
    for code in range(end):
        if is_word_character(chr(code)):
            first = code if first is None else first
        elif first is not None:
            yield first, code - 1
            first = None
    if first is not None:
        yield first, end - 1


@lru_cache(maxsize=3)
def _pattern_below(end: int) -> re.Pattern[str]:
    ranges = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in word_ranges(end))
    return re.compile(f"[{ranges}]+(?:'[{ranges}]+)*")


def word_pattern(text: str) -> re.Pattern[str]:
    """The pattern that finds the words of ``text``, as narrow as the text allows.

    ``re`` tests ranges above U+FFFF one after the other for each character that is no word character,
    which makes the full pattern several times slower: it is used only where the text needs it.
    """
    if text.isascii():
        return _pattern_below(ASCII_END)
    return _pattern_below(UNICODE_END if _has_astral().search(text) else BMP_END)
