"""The word counter of a worker: the fast one where numpy is there, else the plain one."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any, Protocol

from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.plain import count_text

_LOG = logging.getLogger(__name__)


class WordCounter(Protocol):
    """Counts blocks of whole lines and hands the counts out as record batches ``word, count``."""

    @property
    def distinct(self) -> int:
        """How many distinct things are held, about; drain when it grows too large."""

    def add(self, block: bytes) -> None:
        """Count a block of valid UTF-8."""

    def drain(self) -> list[Any]:
        """All that was counted; a word may come more than once."""


class PlainCounter:
    """The plain way behind the same face; needs the standard library and pyarrow."""

    def __init__(self, options: WordOptions) -> None:
        self._options = options
        self._counts: Counter[str] = Counter()

    @property
    def distinct(self) -> int:
        """Distinct words or n-grams held."""
        return len(self._counts)

    def add(self, block: bytes) -> None:
        """Count a block of valid UTF-8."""
        self._counts.update(count_text(block.decode(), self._options))

    def drain(self) -> list[Any]:
        """All that was counted, as one record batch, or none."""
        import pyarrow as pa

        counts, self._counts = self._counts, Counter()
        if not counts:
            return []
        columns = [pa.array(list(counts), pa.string()), pa.array(list(counts.values()), pa.int64())]
        return [pa.record_batch(columns, names=["word", "count"])]


def word_counter(options: WordOptions) -> WordCounter:
    """The quickest counter that can do what is asked; a fallback is logged with its reason."""
    if options.ngrams > 1:
        _LOG.info("plain word count: n-grams need the words in their order")
        return PlainCounter(options)
    try:
        from sparkjobs.kernels.fast import FastCounter
    except ImportError as error:
        _LOG.warning("plain word count, several times slower: %s", error)
        return PlainCounter(options)
    return FastCounter(options)
