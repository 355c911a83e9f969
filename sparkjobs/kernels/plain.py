"""The plain way to count words: the definition of a word, written down with the standard library.

The fast way is held to this one by property tests.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from sparkjobs.kernels.alphabet import word_pattern
from sparkjobs.kernels.options import WordOptions

_LINE_END = re.compile("\r\n|\n|\r")


def normalise(text: str) -> str:
    """``text`` as words are compared: NFC(casefold(NFC(text))), the curly apostrophe made straight.

    Line ends stay where they are: no character composes with one.
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded).replace("\u2019", "'")


def find_words(text: str) -> list[str]:
    """The words of ``text`` in their order."""
    normal = normalise(text)
    return word_pattern(normal).findall(normal)


def split_lines(text: str) -> list[str]:
    """``text`` cut at LF, CRLF and CR only; U+0085 and U+2028 end no line."""
    return _LINE_END.split(text)


def normalise_stop_words(options: WordOptions) -> frozenset[str]:
    """The stop words as they would appear among counted words."""
    return frozenset(normalise(word) for word in options.stop_words)


def count_text(text: str, options: WordOptions) -> Counter[str]:
    """Count the words, or n-grams, of ``text``.

    Args:
        text: whole lines; words and n-grams never span two of them.
        options: what to count.

    Returns:
        each word, or n-gram joined by one space, with how often it occurs.
    """
    stop = normalise_stop_words(options)
    if options.ngrams == 1:
        return Counter(_keep(find_words(text), options.min_length, stop))
    return Counter(_line_ngrams(text, options, stop))


def _keep(words: Iterable[str], min_length: int, stop: frozenset[str]) -> Iterable[str]:
    if min_length == 1 and not stop:
        return words
    return (word for word in words if len(word) >= min_length and word not in stop)


def _line_ngrams(text: str, options: WordOptions, stop: frozenset[str]) -> Iterator[str]:
    for line in split_lines(text):
        kept = list(_keep(find_words(line), options.min_length, stop))
        yield from map(" ".join, zip(*(kept[shift:] for shift in range(options.ngrams)), strict=False))
