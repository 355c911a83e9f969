"""Text to tokens and terms, with the same definition of a word as the word count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.kernels.plain import find_words, normalise
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_TOKENS_DDL = "id string, text string, tokens array<string>"
_TERMS_DDL = f"{_TOKENS_DDL}, terms array<string>"


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
        words = self._words(text)
        return [word for word in words if len(word) >= self.min_length and word not in self.stop_words]

    def terms(self, tokens: Sequence[str]) -> list[str]:
        """The tokens, then their runs of two, three, ... joined by one space."""
        return [term for length in range(1, self.ngrams + 1) for term in _runs(tokens, length)]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Runs in the workers: batches of ``id, text`` to ``id, text, tokens`` and, of n-grams, ``terms``."""
        import pyarrow as pa

        for batch in batches:
            tokens = self.token_lists(batch.column(1))
            columns = {"id": batch.column(0), "text": batch.column(1), "tokens": tokens}
            if self.ngrams > 1:
                columns["terms"] = self.term_lists(tokens)
            yield pa.record_batch(columns)
        forget_archives()

    def token_lists(self, texts: Any) -> Any:
        """``tokens`` of each text of an Arrow array; a null has none."""
        from sparkjobs.kernels.token_arrays import cut, leave_out

        return leave_out(cut(texts, self._words), self.min_length, self.stop_words)

    def term_lists(self, tokens: Any) -> Any:
        """``terms`` of each list of tokens of an Arrow array."""
        from sparkjobs.kernels.token_arrays import with_runs

        return with_runs(tokens, self.ngrams)

    def _words(self, text: str) -> list[str]:
        if self.chinese:
            from sparkjobs.languages.chinese import cut_text

            text = cut_text(text)
        return find_words(text)


def normalised(words: Iterable[str]) -> frozenset[str]:
    """Stop words as they would appear among tokens."""
    return frozenset(normalise(word) for word in words)


def tokenise(documents: DataFrame, tokeniser: Tokeniser, *, keep: bool = False) -> DataFrame:
    """``id, text`` to ``id, text, tokens, terms``; a null text has no tokens.

    Args:
        documents: what to cut.
        tokeniser: how.
        keep: whether the result is kept in memory and on disk, for who reads it several times.
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    apart = tokeniser.ngrams > 1
    rows = documents.select("id", "text").mapInArrow(tokeniser, _TERMS_DDL if apart else _TOKENS_DDL)
    kept = rows.persist(StorageLevel.MEMORY_AND_DISK) if keep else rows
    return kept if apart else kept.withColumn("terms", F.col("tokens"))


def _runs(tokens: Sequence[str], length: int) -> Iterable[str]:
    return map(" ".join, zip(*(tokens[shift:] for shift in range(length)), strict=False))
