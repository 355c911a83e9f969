"""Features of text: tokens, TF-IDF, Word2Vec, standardised vectors; the fitted model can be kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import checks
from sparkjobs.errors import EnvironmentProblem, UsageError
from sparkjobs.ingest.parameter_files import read_parameter_file
from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.languages import stopwords
from sparkjobs.params import param
from sparkjobs.transforms.feature_settings import DEFAULTS, NAMES, FeatureSettings, ModelCard, resolve
from sparkjobs.transforms.model_store import card_text, load_card
from sparkjobs.transforms.tokens import Tokeniser, normalised

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext

LANGUAGES = ("none", "english", "chinese")


def _own_words(path: str | None) -> tuple[str, ...] | None:
    return None if path is None else tuple(sorted(set(read_parameter_file("--stop-words", path).split())))


def _card(folder: str | None) -> str | None:
    return None if folder is None else card_text(folder)


def _setting(name: str, help: str, **more: Any) -> Any:
    """A flag whose default is the model's setting, or ours where a model is trained."""
    default = getattr(DEFAULTS, name)
    return param(None, help=f"{help} (default: that of --model, else {default})", **more)


@dataclass(frozen=True)
class Params(BatchParams):
    """Flags of ``text_features``."""

    text_column: str | None = param(None, help="column of the text, for formats that have columns")
    id_column: str | None = param(None, help="column of the documents' id (default: a hash of the text)")
    model: str | None = param(
        None, help="apply this saved model instead of training one", metavar="DIR", fingerprint=_card
    )
    # Part of the identity: asked for again with another folder, the run must not be skipped.
    save_model: str | None = param(None, help="keep the trained model in this folder", metavar="DIR")
    language: str | None = _setting("language", "whose stop words are left out", choices=LANGUAGES)
    stop_words: str | None = param(
        None, help="file of more words to leave out, separated by white space", metavar="FILE",
        fingerprint=_own_words,
    )  # fmt: skip
    min_length: int | None = _setting(
        "min_length", "shortest word kept, in characters", check=checks.at_least(1)
    )
    ngrams: int | None = _setting(
        "ngrams", "terms of TF-IDF are runs of 1 to so many words", check=checks.between(1, 10)
    )
    features: int | None = _setting(
        "features", "most terms in the vocabulary of TF-IDF", check=checks.between(1, 1 << 18)
    )
    min_count: int | None = _setting(
        "min_count", "times that a word must occur to be known", check=checks.at_least(1)
    )
    vector_size: int | None = _setting(
        "vector_size", "dimensions of the word vectors", check=checks.between(1, 4096)
    )
    window: int | None = _setting(
        "window", "words on each side that Word2Vec looks at", check=checks.at_least(1)
    )
    iterations: int | None = _setting("iterations", "passes of Word2Vec", check=checks.between(1, 100))
    seed: int | None = _setting("seed", "start of Word2Vec's random numbers")

    def given(self) -> dict[str, Any]:
        """The settings that the user named."""
        named = {
            **{name: getattr(self, name, None) for name in NAMES},
            "own_stop_words": _own_words(self.stop_words),
        }
        return {name: value for name, value in named.items() if value is not None}


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """One table, see ``docs/jobs/text_features.md``."""
    _require_numpy()
    from sparkjobs.transforms import model_store

    if params.save_model is not None:
        model_store.refuse_occupied(context.spark, params.save_model, context.identity, params.force)
    card = None if params.model is None else load_card(params.model)
    settings = resolve(params.given(), card.settings if card else None)
    stop_words = frozenset(card.stop_words) if card else _stop_words(settings)
    documents = _documents(context, params)
    features = _features(context, params, settings, stop_words, documents)
    return [OutputTable("features", features, keys=("id",), at_root=True)]


def _features(
    context: JobContext,
    params: Params,
    settings: FeatureSettings,
    stop_words: frozenset[str],
    documents: DataFrame,
) -> DataFrame:
    from sparkjobs.transforms.features import FEATURES_DDL, apply, spread
    from sparkjobs.transforms.model_store import load_pipeline
    from sparkjobs.transforms.tokens import tokenise

    count = context.rows_accepted()
    if count == 0:
        if params.save_model is not None:
            context.warn("no model was saved: the input is empty")
        return context.spark.createDataFrame([], FEATURES_DDL)
    chinese = settings.language == "chinese"
    tokeniser = Tokeniser(stop_words, settings.min_length, settings.ngrams, chinese)
    tokens = tokenise(spread(documents, count), tokeniser, keep=True)
    if params.model is not None:
        return apply(tokens, load_pipeline(params.model))
    return apply(tokens, _trained(context, params, settings, stop_words, tokens, count))


def _trained(
    context: JobContext,
    params: Params,
    settings: FeatureSettings,
    stop_words: frozenset[str],
    tokens: DataFrame,
    count: int,
) -> PipelineModel:
    from sparkjobs.transforms import model_store
    from sparkjobs.transforms.features import train

    model = train(tokens, settings)
    if params.save_model is not None:
        identity = json.loads(context.identity.metadata())
        card = ModelCard(settings, tuple(sorted(stop_words)), count, identity, finished=False)
        model_store.save(model, card, params.save_model)
    return model


def _documents(context: JobContext, params: Params) -> DataFrame:
    """``id, text`` of each document."""
    from pyspark.sql import functions as F

    if params.text_column is None:
        lines = context.read_lines()
        return lines.select(F.concat_ws(":", "file", "offset").alias("id"), F.col("value").alias("text"))
    columns = [Column("text", "string", required=False, source=params.text_column)]
    if params.id_column is not None:
        columns.append(Column("id", "string", source=params.id_column))
    rows = context.read_rows(columns)
    if params.id_column is None:
        rows = rows.withColumn("id", F.sha2(F.coalesce("text", F.lit("")), 256))
    return rows.select("id", "text")


def _stop_words(settings: FeatureSettings) -> frozenset[str]:
    return normalised(stopwords.of_language(settings.language) | set(settings.own_stop_words))


def _require_numpy() -> None:
    try:
        import numpy  # noqa: F401
    except ImportError as error:
        raise EnvironmentProblem(
            "text_features needs the Python package numpy, which pyspark.ml uses", "pip install numpy"
        ) from error


def _check(params: Params) -> None:
    has_columns = params.format not in (None, "text")
    if has_columns and params.text_column is None:
        raise UsageError(f"--format {params.format} needs --text-column", "Name the column of the text.")
    if not has_columns and (params.text_column or params.id_column):
        raise UsageError("--text-column and --id-column go with --format csv, jsonl, parquet or delta")
    if params.text_column is not None and params.text_column == params.id_column:
        raise UsageError("--text-column and --id-column are the same column")
    if params.model is not None and params.save_model is not None:
        raise UsageError("--model and --save-model contradict each other", "Train a model or apply one.")
    # Before Spark starts: a model that cannot be applied, or was trained with other settings.
    if params.model is not None:
        resolve(params.given(), load_card(params.model).settings)


JOB = Job(
    name="text_features",
    summary="Tokens, TF-IDF, Word2Vec and standardised vectors of documents.",
    params=Params,
    run=run,
    default_format="text",
    check=_check,
    operators=lambda params: ("tokens", "features"),
)
