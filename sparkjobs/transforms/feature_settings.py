"""What a text model is made with, kept beside it so that new text is treated alike. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sparkjobs.errors import DataError, UsageError

FORMAT = 1


@dataclass(frozen=True)
class FeatureSettings:
    """The settings of a text model.

    Attributes:
        language: whose stop words are left out; ``chinese`` also cuts text into words.
        own_stop_words: the user's list, as given.
        min_length: shortest word kept, in characters.
        ngrams: terms are runs of 1 to so many neighbouring words.
        features: most terms in the vocabulary of TF-IDF.
        min_count: times that a word or term occurs in the training text to be known to the model.
        vector_size: dimensions of the word vectors.
        window: words on each side that Word2Vec looks at.
        iterations: passes of Word2Vec over the text.
        seed: of Word2Vec's random start.
    """

    language: str = "english"
    own_stop_words: tuple[str, ...] = ()
    min_length: int = 1
    ngrams: int = 1
    features: int = 1000
    min_count: int = 2
    vector_size: int = 100
    window: int = 5
    iterations: int = 5
    seed: int = 17


DEFAULTS = FeatureSettings()
NAMES = tuple(field.name for field in fields(FeatureSettings))


@dataclass(frozen=True)
class ModelCard:
    """The description beside a saved model.

    Attributes:
        settings: what it was trained with.
        stop_words: every word that was left out, so that later lists of ours do not change the model.
        documents: rows that it was trained on.
        identity: job, interval, config hash and run id of the training run.
        finished: false while the model is being written.
    """

    settings: FeatureSettings
    stop_words: tuple[str, ...]
    documents: int
    identity: Mapping[str, Any]
    finished: bool

    def to_json(self) -> str:
        """The card as a JSON document."""
        return json.dumps({"v": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def read_card(text: str, where: str) -> ModelCard:
    """Read a card from JSON.

    Raises:
        DataError: it is no card, or one of another version.
    """
    try:
        value = json.loads(text)
        version = value.pop("v")
        settings = FeatureSettings(**_tuples(value.pop("settings")))
        card = ModelCard(settings=settings, **_tuples(value))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{where} does not describe a text model: {error}", "Train it again.") from error
    if version != FORMAT:
        raise DataError(f"{where} has version {version}, this job knows {FORMAT}", "Train it again.")
    return card


def resolve(given: Mapping[str, Any], model: FeatureSettings | None) -> FeatureSettings:
    """The settings of a run: those of the model, else the given ones over the defaults.

    Args:
        given: the settings that the user named, by field name.
        model: the settings of the model to apply; ``None`` when one is trained.

    Raises:
        UsageError: a given setting is not the model's; names the flag and both values.
    """
    if model is None:
        return FeatureSettings(**given)
    for name, value in given.items():
        trained = getattr(model, name)
        if trained != value:
            flag = "--stop-words" if name == "own_stop_words" else "--" + name.replace("_", "-")
            raise UsageError(
                f"{flag} is {_shown(value)}, but the model was trained with {_shown(trained)}",
                f"Leave {flag} out, or train another model.",
            )
    return model


def _tuples(value: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}


def _shown(value: Any) -> str:
    return f"a list of {len(value)} words" if isinstance(value, tuple) else str(value)
