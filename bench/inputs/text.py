"""Text of words: the same bytes on every machine.

It has Zipf's distribution, capitals, punctuation, apostrophes and about 2 % of lines with
letters beyond ASCII, all of them letters whose lower case is their case fold, and composed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.inputs.folder import kept

_CHUNK_WORDS = 1 << 20
_LEAST_BYTES = 5  # of a word and what follows it, in the mean: a small file is not a whole piece
_SYLLABLES = [c + v for c in "b c d f g h j k l m n p r s t v w z th st".split() for v in "aeiou"]
_FOREIGN = np.array("été über Ñandú Größer ÉLAN привет Москва день αλφα ŽIVOT smörgås 東京 123".split())
# Case folding must equal lower case for the peers' sake: a sharp s does not.
_FOREIGN = np.array([word for word in _FOREIGN if word.lower() == word.casefold()])
_ENDS = np.array([" ", " ", " ", " ", " ", " ", " ", ", ", "; ", " - ", "'s "])


def text_file(size_bytes: int, vocabulary: int = 60_000) -> Path:
    """A text file of at least this size, made of so many different words."""
    return kept(f"zipf-{size_bytes}-{vocabulary}.txt", lambda path: _write_text(path, size_bytes, vocabulary))


def _write_text(path: Path, size_bytes: int, vocabulary: int) -> None:
    draw = np.random.default_rng(1)
    words = np.array(_vocabulary(draw, vocabulary))
    weights = 1 / np.arange(1, vocabulary + 1) ** 1.05
    edges = np.cumsum(weights / weights.sum())
    with path.open("w", encoding="utf-8", newline="") as file:
        while file.tell() < size_bytes:
            left = (size_bytes - file.tell()) // _LEAST_BYTES
            count = min(_CHUNK_WORDS, max(1000, left))
            chosen = np.searchsorted(edges, draw.random(count)).clip(max=vocabulary - 1)
            file.write(_sentences(words[chosen].tolist(), draw))


def _vocabulary(draw: np.random.Generator, size: int) -> list[str]:
    """Distinct words, the frequent ones short."""
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = 1 + len(words).bit_length() // 7 + int(draw.integers(0, 2))
        word = "".join(_SYLLABLES[i] for i in draw.integers(0, len(_SYLLABLES), syllables))
        words[word[: -1 if draw.random() < 0.5 else None]] = None
    return list(words)


def _sentences(words: list[str], draw: np.random.Generator) -> str:
    lines = []
    ends = _ENDS[draw.integers(0, len(_ENDS), len(words))].tolist()
    start = 0
    for length in draw.integers(5, 20, len(words) // 5).tolist():
        line = words[start : start + length]
        if not line:
            break
        if draw.random() < 0.02:
            line[-1] = str(_FOREIGN[draw.integers(len(_FOREIGN))])
        body = "".join(map("".join, zip(line, ends[start : start + length], strict=False))).rstrip(" ,;-")
        lines.append(body[:1].upper() + body[1:] + ".\n")
        start += length
    return "".join(lines)
