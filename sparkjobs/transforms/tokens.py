"""Text to tokens and terms, with the same definition of a word as the word count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.kernels.plain import find_words, normalise
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TOKENS_DDL = "id string, text string, tokens array<string>, terms array<string>"


@dataclass(frozen=True)
class Tokeniser:
    """Cuts texts. Travels to the workers.

    Attributes:
        stop_words: words left out, normalised.
        min_length: shortest word kept, in characters.
        ngrams: longest run of neighbouring words that makes a term.
        chinese: whether runs of Chinese characters are cut into words first.
    """

    stop_words: frozenset[str] = frozenset()
    min_length: int = 1
    ngrams: int = 1
    chinese: bool = False

    def tokens(self, text: str) -> list[str]:
        """The words that are kept, in their order."""
        if self.chinese:
            from sparkjobs.languages.chinese import cut_text

            text = cut_text(text)
        words = find_words(text)
        return [word for word in words if len(word) >= self.min_length and word not in self.stop_words]

    def terms(self, tokens: Sequence[str]) -> list[str]:
        """The tokens, then their runs of two, three, ... joined by one space."""
        return [term for length in range(1, self.ngrams + 1) for term in _runs(tokens, length)]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Runs in the workers: batches of ``id, text`` to batches of ``TOKENS_DDL``."""
        import pyarrow as pa

        words = pa.list_(pa.string())
        for batch in batches:
            texts = batch.column(1).to_pylist()
            tokens = [self.tokens(text or "") for text in texts]
            terms = [self.terms(row) for row in tokens]
            arrays = [batch.column(0), batch.column(1), pa.array(tokens, words), pa.array(terms, words)]
            yield pa.record_batch(arrays, names=["id", "text", "tokens", "terms"])
        forget_archives()


def normalised(words: Iterable[str]) -> frozenset[str]:
    """Stop words as they would appear among tokens."""
    return frozenset(normalise(word) for word in words)


def tokenise(documents: DataFrame, tokeniser: Tokeniser) -> DataFrame:
    """``id, text`` to ``id, text, tokens, terms``; a null text has no tokens."""
    return documents.select("id", "text").mapInArrow(tokeniser, TOKENS_DDL)


def _runs(tokens: Sequence[str], length: int) -> Iterable[str]:
    return map(" ".join, zip(*(tokens[shift:] for shift in range(length)), strict=False))
