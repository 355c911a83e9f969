"""text_features: weights by hand, vectors by numpy, models that are kept, applied and refused."""

from __future__ import annotations

import csv
import json
import math
import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from sparkjobs.kernels.plain import find_words
from sparkjobs.languages.stopwords import of_language
from tests.spark.conftest import rows_of

NAMES = "alpha beta gamma delta epsilon zeta straße äpfel 42 don’t".split()


def documents(count, seed=3):
    chosen = random.Random(seed)
    texts = [
        " ".join(chosen.choices([*NAMES, "the", "and"], k=chosen.randrange(1, 12))) for _ in range(count)
    ]
    return {f"d{number:03}": text for number, text in enumerate(texts)}


def write_csv(path, texts):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "body"])
        writer.writerows(texts.items())
    return path


COLUMNS = ("--format", "csv", "--id-column", "key", "--text-column", "body")
SMALL = ("--vector-size", "4", "--iterations", "1", "--ngrams", "2", "--min-count", "3", "--features", "25")


def expected_weights(tokens):
    """TF-IDF by hand: count * ln((documents + 1) / (documents with the term + 1))."""
    terms = {key: [*words, *map(" ".join, pairwise(words))] for key, words in tokens.items()}
    total = Counter(term for row in terms.values() for term in row)
    holding = Counter(term for row in terms.values() for term in set(row))
    known = sorted((t for t in total if total[t] >= 3), key=lambda t: (-total[t], t))[:25]
    weight = {term: math.log((len(terms) + 1) / (holding[term] + 1)) for term in known}
    return {
        key: {term: count * weight[term] for term, count in Counter(row).items() if term in weight}
        for key, row in terms.items()
    }


def test_train_keep_and_apply(run_job, spark, tmp_path):
    from pyspark.ml import PipelineModel

    texts = {**documents(60), "empty": "", "stops": "the and"}
    source = write_csv(tmp_path / "in.csv", texts)
    model = tmp_path / "model"
    arguments = ("--input", source, "--output", tmp_path / "out", *COLUMNS)
    ran = run_job("text_features", *arguments, *SMALL, "--save-model", model, "--interval", "2026-01-01")
    assert ran.code == 0, ran.result.error
    rows = {row["id"]: row for row in rows_of(tmp_path / "out")}
    assert rows.keys() == texts.keys()

    stop = of_language("english")
    tokens = {key: [word for word in find_words(text) if word not in stop] for key, text in texts.items()}
    assert {key: row["tokens"] for key, row in rows.items()} == tokens
    assert {"straße", "strasse"} & {word for row in tokens.values() for word in row} == {"strasse"}

    weights = expected_weights(tokens)
    for key, row in rows.items():
        assert dict(row["tfidf"]) == pytest.approx(weights[key], rel=1e-9)

    stages = PipelineModel.load(f"file://{model}/pipeline").stages
    vector = {row.word: np.array(row.vector) for row in stages[2].getVectors().collect()}
    means = {
        key: sum((vector.get(word, np.zeros(4)) for word in row), np.zeros(4)) / max(1, len(row))
        for key, row in tokens.items()
    }
    stacked = np.stack([means[key] for key in texts])
    for key, row in rows.items():
        scaled = (means[key] - stacked.mean(axis=0)) / stacked.std(axis=0, ddof=1)
        assert row["word2vec"] == pytest.approx(means[key], rel=1e-6, abs=1e-9)
        assert row["standardised"] == pytest.approx(scaled, rel=1e-5, abs=1e-6)

    new = {"same": texts["d001"], "odd": "unheard words alpha", "none": ""}
    source = write_csv(tmp_path / "new.csv", new)
    applied = run_job(
        "text_features", "--input", source, "--output", tmp_path / "new", *COLUMNS, "--model", model
    )
    assert applied.code == 0, applied.result.error
    again = {row["id"]: row for row in rows_of(tmp_path / "new")}
    for column in ("tokens", "tfidf", "word2vec", "standardised"):
        assert again["same"][column] == rows["d001"][column]
        assert again["none"][column] == rows["empty"][column]
    assert {term for term, _ in again["odd"]["tfidf"]} == {"alpha"}
    assert again["odd"]["word2vec"] == pytest.approx(list(vector["alpha"] / 3), rel=1e-6)


def test_the_model_does_not_depend_on_partitions(spark):
    from sparkjobs.transforms.feature_settings import FeatureSettings
    from sparkjobs.transforms.features import train
    from sparkjobs.transforms.tokens import Tokeniser, tokenise

    settings = FeatureSettings(vector_size=5, iterations=1, min_count=1, features=7)
    rows = list(documents(80).items())
    found = []
    for seed, partitions in ((1, 1), (2, 5)):
        random.Random(seed).shuffle(rows)
        frame = spark.createDataFrame(rows, "id string, text string").repartition(partitions)
        stages = train(tokenise(frame, Tokeniser()), settings).stages
        vectors = {row.word: tuple(row.vector) for row in stages[2].getVectors().collect()}
        found.append((stages[0].vocabulary, tuple(stages[1].idf), vectors, tuple(stages[3].std)))
    assert found[0] == found[1]


def test_every_core_gets_documents(spark, monkeypatch):
    from sparkjobs.transforms import features

    monkeypatch.setattr(features, "slots", lambda session: 3)
    rows = spark.range(0, 25_000, 1, 1).selectExpr("cast(id as string) id", "'a b' text")
    spread = features.spread(rows, 25_000)
    assert spread.rdd.getNumPartitions() == 3
    assert sorted(spread.collect()) == sorted(rows.collect())
    assert features.spread(rows, 10_000) is rows
    assert features.spread(spread, 25_000) is spread


@pytest.fixture
def unfinished(tmp_path):
    from sparkjobs.transforms.feature_settings import FeatureSettings, ModelCard

    folder = tmp_path / "unfinished"
    folder.mkdir()
    card = ModelCard(FeatureSettings(vector_size=9), (), 1, {"job": "text_features", "run_id": "r1"}, False)
    (folder / "sparkjobs.json").write_text(card.to_json())
    return folder


def test_models_that_are_refused(run_job, tmp_path, unfinished):
    source = write_csv(tmp_path / "in.csv", documents(5))
    finished = tmp_path / "finished"
    finished.mkdir()
    card = json.loads((unfinished / "sparkjobs.json").read_text())
    (finished / "sparkjobs.json").write_text(json.dumps({**card, "finished": True}))
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    cases = [
        (("--model", tmp_path / "absent"), "--model"),
        (("--model", unfinished), "did not finish"),
        (
            ("--model", finished, "--vector-size", "10"),
            "--vector-size is 10, but the model was trained with 9",
        ),
        (("--model", finished, "--save-model", tmp_path / "x"), "--model and --save-model"),
        (("--save-model", foreign), "other files"),
        (("--save-model", foreign, "--force"), "other files"),
        (("--save-model", finished), "a model of run r1"),
    ]
    for flags, said in cases:
        ran = run_job("text_features", "--input", source, "--output", tmp_path / "out", *COLUMNS, *flags)
        assert ran.code == 2, flags
        assert said in ran.result.error.message
    assert (foreign / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "out").exists()


def test_a_killed_training_may_write_again_and_force_writes_over(spark, tmp_path, unfinished):
    from sparkjobs.errors import UsageError
    from sparkjobs.identity import RunIdentity
    from sparkjobs.transforms.model_store import refuse_occupied

    card = json.loads((unfinished / "sparkjobs.json").read_text())
    card["identity"] = {"job": "text_features", "interval": "2026-01-01", "config_hash": "c", "run_id": "r1"}
    (unfinished / "sparkjobs.json").write_text(json.dumps(card))
    own = RunIdentity("text_features", "2026-01-01", "c", "r2")
    other = RunIdentity("text_features", "2026-01-02", "c", "r3")
    refuse_occupied(spark, str(unfinished), own, force=False)
    refuse_occupied(spark, str(unfinished), other, force=True)
    refuse_occupied(spark, str(tmp_path / "new"), other, force=False)
    with pytest.raises(UsageError, match="a model of run r1"):
        refuse_occupied(spark, str(unfinished), other, force=False)


def test_nothing_to_learn_from(run_job, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    arguments = ("--input", empty, "--output", tmp_path / "out", "--save-model", tmp_path / "model")
    assert run_job("text_features", *arguments).code == 1
    ran = run_job("text_features", *arguments, "--allow-empty")
    assert ran.result.outcome == "EMPTY", ran.result.error
    assert rows_of(tmp_path / "out") == []
    assert any("no model was saved" in warning for warning in ran.result.warnings)
    empty.write_text("each word once\n")
    ran = run_job("text_features", *arguments)
    assert (ran.code, "occurs 2 times" in ran.result.error.message) == (1, True)


def test_an_edited_model_or_list_is_other_work(tmp_path, unfinished):
    from sparkjobs.batch.text_features import Params
    from sparkjobs.params import canonical, parse

    words = tmp_path / "stop.txt"
    words.write_text("alpha beta")
    flags = ["--input", "x", "--output", "y", "--stop-words", str(words), "--model", str(unfinished)]
    params = parse(Params, flags)
    first = canonical(params)
    words.write_text("beta\nalpha\n")
    assert canonical(params) == first
    words.write_text("beta")
    second = canonical(params)
    (unfinished / "sparkjobs.json").write_text("{}")
    assert len({json.dumps(value) for value in (first, second, canonical(params))}) == 3
