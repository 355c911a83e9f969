"""The words of a batch: what the plain way finds in each text, whatever the texts are."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparkjobs.kernels.plain import find_words
from sparkjobs.transforms.tokens import Tokeniser

# Letters whose case fold is longer, marks that compose with ASCII, apostrophes of both kinds, line ends.
ODD = "aBz09'_ \t\r\n\x00<>=\u0338\u0301\u00dfÉ\u2019\u0130\u212a\u0345\u00a0\u2028\u0660東Я\U0001d400"
TEXTS = st.lists(st.none() | st.text(st.sampled_from(ODD)) | st.text(), max_size=12)


def plain(tokeniser, texts):
    tokens = [tokeniser.tokens(text or "") for text in texts]
    return tokens, [tokeniser.terms(row) for row in tokens]


def batch(tokeniser, texts):
    tokens = tokeniser.token_lists(texts)
    assert tokens.type == pa.list_(pa.string())
    tokens.validate(full=True)
    terms = tokeniser.term_lists(tokens)
    terms.validate(full=True)
    return tokens.to_pylist(), terms.to_pylist()


@given(
    TEXTS, st.integers(1, 3), st.integers(1, 4), st.frozensets(st.sampled_from(["a", "b's", "ss", "é", "z"]))
)
@example(["a'b", "'a'", "a''b", "a'", "'", "b's 'tis a'b'c", "", None], 1, 3, frozenset())
@example(["a", "b", "\u0301c", "d'", "'e"], 1, 2, frozenset())
@example(["<\u0338 a<\u0338b", "DON\u2019T", "\u212a", "stra\u00dfe"], 2, 2, frozenset(["ss"]))
def test_a_batch_gives_what_its_texts_give_alone(texts, min_length, ngrams, stop_words):
    tokeniser = Tokeniser(stop_words, min_length, ngrams)
    assert batch(tokeniser, pa.array(texts, pa.string())) == plain(tokeniser, texts)


@given(TEXTS, st.integers(0, 3), st.integers(0, 3))
@example(["don't", "a", "ß b", "c", None], 1, 1)
def test_a_slice_of_a_batch(texts, skipped, left):
    part = slice(skipped, max(skipped, len(texts) - left))
    tokeniser = Tokeniser(ngrams=2)
    assert batch(tokeniser, pa.array(texts, pa.string())[part]) == plain(tokeniser, texts[part])


def test_every_code_point_of_western_scripts_between_letters():
    texts = [f"a{chr(code)}b {chr(code)}'{chr(code)}" for code in range(0x3000)]
    assert Tokeniser().token_lists(pa.array(texts, pa.string())).to_pylist() == [find_words(t) for t in texts]


def test_long_strings_of_spark():
    # spark.sql.execution.arrow.useLargeVarTypes
    assert Tokeniser().token_lists(pa.array(["It's ÄRGER", None], pa.large_string())).to_pylist() == [
        ["it's", "ärger"], [],
    ]  # fmt: skip


def test_chinese_is_cut_where_it_stands():
    pytest.importorskip("jieba")
    texts = ["我来到北京清华大学 ok", "Plain it's", None, "Ünï 北京"]
    tokeniser = Tokeniser(frozenset(["我"]), 1, 2, chinese=True)
    assert batch(tokeniser, pa.array(texts, pa.string())) == plain(tokeniser, texts)


@pytest.mark.parametrize("ngrams", [1, 2])
def test_terms_are_a_column_of_their_own_only_where_they_are_not_the_tokens(ngrams):
    rows = pa.record_batch({"id": ["1", "2"], "text": ["a b", None]})
    (found,) = Tokeniser(ngrams=ngrams)(iter([rows]))
    assert found.schema.names == ["id", "text", "tokens", *["terms"][: ngrams - 1]]
    assert found.column(2).to_pylist() == [["a", "b"], []]
    assert found.column(found.num_columns - 1).to_pylist()[0] == ["a", "b", "a b"][: ngrams + 1]
