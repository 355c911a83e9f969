"""What the user may choose about words, as one immutable value that travels to the workers."""

from __future__ import annotations

from dataclasses import dataclass

from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class WordOptions:
    """The choices of a word count.

    Args:
        min_length: shortest word that is counted, in characters (code points).
        stop_words: words that are left out, compared after they were normalised as text is.
        ngrams: how many neighbouring words of one line make a counted unit; 1 counts words. Short
            words and stop words are taken out first, so the neighbours are those that remain.

    Raises:
        UsageError: a length or an n below 1.
    """

    min_length: int = 1
    stop_words: frozenset[str] = frozenset()
    ngrams: int = 1

    def __post_init__(self) -> None:
        for name in ("min_length", "ngrams"):
            value = getattr(self, name)
            if value < 1:
                raise UsageError(f"{name} is {value}, it must be 1 or more")
