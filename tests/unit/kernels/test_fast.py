"""The fast way equals the plain way: on any text, at any cutting into blocks and chunks."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sparkjobs.kernels import fast
from sparkjobs.kernels.fast import FastCounter
from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.plain import count_text
from sparkjobs.kernels.words import PlainCounter, WordCounter, word_counter

# Text that is nasty for tokens: separators, apostrophes, marks, characters that fold or compose.
NASTY = "aBzZ09 '’\t\n\r\0_-<=>(;`\x85\u2028\u0301\u0338\u0327\u0345\u0344ßİŉſKﬁéΣς٣½中あ𐐀\u3000—"
nasty = st.text(st.sampled_from(NASTY), max_size=60)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
words = st.text(st.sampled_from("abcé'"), min_size=1, max_size=40)
sentences = st.lists(words, max_size=30).map(" ".join)
texts = st.one_of(nasty, anything, sentences, st.tuples(nasty, anything, sentences).map("".join))
options = st.builds(
    WordOptions,
    min_length=st.integers(1, 4),
    stop_words=st.frozensets(st.sampled_from(["a", "AB", "é", "ss", "don’t"]), max_size=3),
)


def counted(counter: WordCounter, blocks: Iterable[bytes]) -> Counter[str]:
    for block in blocks:
        counter.add(block)
    return total(counter.drain())


def total(batches: Iterable[object]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for batch in batches:
        for row in batch.to_pylist():  # type: ignore[attr-defined]
            counts[row["word"]] += row["count"]
    return counts


def cut(text: str, every: int) -> list[bytes]:
    """Blocks of ``every`` lines; a line ends with LF, CRLF or CR."""
    lines = re.findall("[^\r\n]*(?:\r\n|\r|\n|$)", text)
    return ["".join(lines[i : i + every]).encode() for i in range(0, len(lines), every)]


@settings(max_examples=600, deadline=None)
@given(texts, options, st.integers(1, 3), st.sampled_from([1, 2, 7, 64, 1 << 19]))
@example("a<\u0338b =\u0338 >\u0327\u0338c", WordOptions(), 1, 1)
@example("x" * 200 + " y", WordOptions(), 1, 2)
def test_fast_equals_plain(text: str, options: WordOptions, every: int, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "CHUNK_BYTES", chunk)
        assert counted(FastCounter(options), cut(text, every)) == count_text(text, options)


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(1, 3), st.integers(1, 3))
def test_blocks_do_not_change_ngrams(text: str, every: int, ngrams: int) -> None:
    options = WordOptions(ngrams=ngrams)
    assert counted(word_counter(options), cut(text, every)) == count_text(text, options)


@pytest.mark.parametrize("separator", [chr(code) for code in range(128) if not chr(code).isalnum()])
def test_every_ascii_separator_before_every_kind_of_mark(separator: str) -> None:
    marks = "\u0301\u0338\u0344\u0345\u0327\u0bbe\u3099\u1fef\u037e"
    text = "".join(f"a{separator}{mark}b{separator}{mark}\u0338C " for mark in marks)
    assert counted(FastCounter(WordOptions()), [text.encode()]) == count_text(text, WordOptions())


def test_many_distinct_words_of_every_length() -> None:
    text = " ".join(f"{'w' * (i % 45)}{i}" for i in range(60_000))
    assert counted(FastCounter(WordOptions()), [text.encode()] * 2) == Counter(dict.fromkeys(text.split(), 2))


def test_drain_forgets() -> None:
    counter = FastCounter(WordOptions())
    assert counted(counter, [b"A b a'c " + b"x" * 50]) == Counter(["a", "b", "a'c", "x" * 50])
    assert counter.distinct == 0
    assert counter.drain() == []


def test_without_numpy_the_plain_way_counts_and_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, "sparkjobs.kernels.fast")
    monkeypatch.setitem(sys.modules, "numpy", None)
    for name in ("emit", "packed"):
        monkeypatch.delitem(sys.modules, f"sparkjobs.kernels.{name}")
    counter = word_counter(WordOptions())
    assert isinstance(counter, PlainCounter)
    assert "numpy" in caplog.text
    assert counted(counter, ["Ü ü".encode()]) == Counter({"ü": 2})
