"""Tokens and terms, and the settings that stay with a model."""

from __future__ import annotations

import json

import pytest

from sparkjobs.errors import DataError, UsageError
from sparkjobs.transforms.feature_settings import FeatureSettings, ModelCard, read_card, resolve
from sparkjobs.transforms.tokens import Tokeniser, normalised


def test_tokens_are_the_words_of_the_word_count():
    kept = Tokeniser(normalised(["The", "DON’T"]), min_length=2)
    assert kept.tokens("The Straße, don’t it’s 42 a Ünï") == ["strasse", "it's", "42", "ünï"]


def test_terms_are_runs_of_neighbours():
    assert Tokeniser(ngrams=3).terms(["a", "b", "c"]) == ["a", "b", "c", "a b", "b c", "a b c"]
    assert Tokeniser(ngrams=3).terms(["a"]) == ["a"]


def test_chinese_is_cut_into_words():
    pytest.importorskip("jieba")
    assert Tokeniser(chinese=True).tokens("我来到北京清华大学 ok") == ["我", "来到", "北京", "清华大学", "ok"]


CARD = ModelCard(FeatureSettings(ngrams=2, own_stop_words=("x",)), ("a", "x"), 7, {"job": "j"}, True)


def test_a_card_comes_back_as_it_was():
    assert read_card(CARD.to_json(), "here") == CARD


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"settings": {"colour": 1}}, {"settings": None}, {"more": 1}, {"finished": None, "v": None}],
)
def test_other_cards_are_refused(change):
    text = json.dumps({**json.loads(CARD.to_json()), **change})
    with pytest.raises(DataError, match="here"):
        read_card(text, "here")


@pytest.mark.parametrize("text", ["", "[]", "{}", "3"])
def test_what_is_no_card(text):
    with pytest.raises(DataError, match="here"):
        read_card(text, "here")


def test_settings_come_from_the_model_unless_they_differ():
    model = FeatureSettings(vector_size=50)
    assert resolve({}, model) == model
    assert resolve({"vector_size": 50}, model) == model
    assert resolve({"vector_size": 20}, None) == FeatureSettings(vector_size=20)
    with pytest.raises(UsageError, match="--vector-size is 100, but the model was trained with 50"):
        resolve({"vector_size": 100}, model)
    with pytest.raises(UsageError, match="--stop-words is a list of 1 words"):
        resolve({"own_stop_words": ("x",)}, model)
