"""The definition of a word, case by case."""

from __future__ import annotations

from collections import Counter

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.kernels.alphabet import UNICODE_END, is_word_character, word_pattern, word_ranges
from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.plain import count_text, find_words, split_lines

CASES = {
    "plain words and a number": ("The 3 Cats", ["the", "3", "cats"]),
    "apostrophe inside only": ("'tis the dogs' rock'n'roll", ["tis", "the", "dogs", "rock'n'roll"]),
    "two apostrophes part words": ("a''b", ["a", "b"]),
    "curly apostrophe becomes straight": ("don’t DON'T", ["don't", "don't"]),
    "underscore and hyphen part words": ("snake_case well-known", ["snake", "case", "well", "known"]),
    "decomposed equals composed": ("Cafe\u0301 CAFÉ", ["café", "café"]),
    "folding may lengthen": ("Straße STRASSE ﬁn", ["strasse", "strasse", "fin"]),
    "final sigma": ("ΟΔΟΣ οδος οδοσ", ["οδοσ", "οδοσ", "οδοσ"]),
    "dotted capital I": ("İ", ["i\u0307"]),
    "kelvin sign is k": ("\u212a", ["k"]),
    "a mark alone is a word": ("( \u0301)", ["\u0301"]),
    "a mark that composes with <": ("a<\u0338b", ["a", "b"]),
    "the same mark elsewhere": ("a(\u0338b", ["a", "\u0338b"]),
    "digits of other scripts": ("٣٤ ४", ["٣٤", "४"]),
    "number letters and fractions are no words": ("Ⅷ ½ x²", ["x"]),
    "nul parts words": ("a\0b", ["a", "b"]),
    "letters above U+FFFF": ("𐐀 𠀀", ["𐐨", "𠀀"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "words"), CASES.values(), ids=CASES.keys())
def test_words(text: str, words: list[str]) -> None:
    assert find_words(text) == words


def test_word_ranges_agree_with_the_categories() -> None:
    inside = {code for first, last in word_ranges(UNICODE_END) for code in range(first, last + 1)}
    assert inside == {code for code in range(UNICODE_END) if is_word_character(chr(code))}


@pytest.mark.parametrize("extra", ["", "é", "\U00010400"])
def test_each_pattern_reads_ascii_alike(extra: str) -> None:
    text = "it's 9 o'clock_" + extra
    assert word_pattern(text).findall(text)[:3] == ["it's", "9", "o'clock"]


def test_only_lf_crlf_and_cr_end_lines() -> None:
    assert split_lines("a\nb\r\nc\rd\x85e\u2028f\x0bg") == ["a", "b", "c", "d\x85e\u2028f\x0bg"]


def test_ngrams_stay_in_their_line() -> None:
    assert count_text("a b c\nd e\n\nf", WordOptions(ngrams=2)) == Counter(["a b", "b c", "d e"])


def test_ngrams_are_of_the_words_that_remain() -> None:
    options = WordOptions(ngrams=2, min_length=2, stop_words=frozenset({"The"}))
    assert count_text("big the x cat", options) == Counter(["big cat"])


def test_stop_words_are_normalised_and_lengths_are_characters() -> None:
    options = WordOptions(min_length=2, stop_words=frozenset({"CAFE\u0301", "don’t"}))
    assert count_text("café don't éé é", options) == Counter(["éé"])


@pytest.mark.parametrize("options", [{"min_length": 0}, {"ngrams": 0}])
def test_options_below_one_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="must be 1 or more"):
        WordOptions(**options)
