"""``text_features`` beside a plain ``pyspark.ml`` pipeline; TF-IDF alone also beside scikit-learn."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.engines.jobs import job
from bench.engines.spark import write
from bench.engines.words import WORD
from bench.inputs.text import text_file
from bench.model import Contestant, Inputs, Sizes, Suite

_WORDS = 5_000
# Every word is a feature: where a limit cuts equally frequent words off, each engine keeps others.
_FEATURES = 2 * _WORDS
_FLAGS = ("--features", str(_FEATURES), "--min-count", "1", "--vector-size", "50", "--iterations", "1")


def plain(spark: Any, source: Path, output: Path) -> None:
    """The pipeline, and its vectors as the same plain types."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import IDF, CountVectorizer, StandardScaler, Word2Vec
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    documents = spark.read.text(str(source)).withColumnRenamed("value", "text")
    documents = documents.withColumn("id", F.monotonically_increasing_id().cast("string"))
    stages: list[Any] = [
        *_tokens(),
        CountVectorizer(inputCol="tokens", outputCol="counts", vocabSize=_FEATURES, minDF=1),
        IDF(inputCol="counts", outputCol="tfidf"),
        Word2Vec(
            inputCol="tokens",
            outputCol="word2vec",
            vectorSize=50,
            minCount=1,
            windowSize=5,
            maxIter=1,
            seed=17,
        ),
        StandardScaler(inputCol="word2vec", outputCol="standardised", withMean=True, withStd=True),
    ]
    model = Pipeline(stages=stages).fit(documents)
    dense = [vector_to_array(F.col(name)).alias(name) for name in ("word2vec", "standardised")]
    found = model.transform(documents)
    weights = _weights(found, model.stages[2].vocabulary)
    write(
        weights.select("id", "text", "tokens", "tfidf_map", *dense).withColumnRenamed("tfidf_map", "tfidf"),
        output,
        "features",
    )


def our_weights(spark: Any, source: Path, _: Path) -> Any:
    """TF-IDF alone by our transforms: each document's words and their weights."""
    from pyspark.ml.feature import IDF
    from pyspark.sql import functions as F

    from sparkjobs.languages import stopwords
    from sparkjobs.transforms.feature_settings import FeatureSettings
    from sparkjobs.transforms.features import counter, vocabulary
    from sparkjobs.transforms.tokens import Tokeniser, normalised, tokenise

    lines = spark.read.text(str(source)).select(F.lit("").alias("id"), F.col("value").alias("text"))
    tokeniser = Tokeniser(normalised(stopwords.of_language("english")))
    tokens = tokenise(lines, tokeniser, keep=True)
    words = vocabulary(tokens, FeatureSettings(features=_FEATURES, min_count=1))
    counts = counter(spark, words).transform(tokens)
    found = IDF(inputCol="counts", outputCol="tfidf").fit(counts).transform(counts)
    return _long(_weights(found, words))


def spark_weights(spark: Any, source: Path, _: Path) -> Any:
    """TF-IDF alone by the plain pipeline."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import IDF, CountVectorizer

    lines = spark.read.text(str(source)).withColumnRenamed("value", "text")
    counter = CountVectorizer(inputCol="tokens", outputCol="counts", vocabSize=_FEATURES, minDF=1)
    model = Pipeline(stages=[*_tokens(), counter, IDF(inputCol="counts", outputCol="tfidf")]).fit(lines)
    return _long(_weights(model.transform(lines), model.stages[2].vocabulary))


def sklearn_weights(_: Any, source: Path, __: Path) -> Any:
    """TF-IDF by scikit-learn; its smoothed weight of a word is Spark's and 1 more."""
    import numpy as np
    import pyarrow as pa
    import regex
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    from sparkjobs.languages import stopwords

    lines = source.read_text(encoding="utf-8").splitlines()
    find, stop = regex.compile(WORD).findall, stopwords.of_language("english")
    counter = CountVectorizer(analyzer=lambda line: [w for w in find(line.lower()) if w not in stop])
    counts = counter.fit_transform(lines)
    weights = TfidfTransformer(norm=None, smooth_idf=True).fit(counts).idf_ - 1
    found = counts.tocoo()
    terms = pa.array(counter.get_feature_names_out().tolist()).take(pa.array(found.col))
    return pa.table(
        {
            "text": pa.array(lines).take(pa.array(found.row)),
            "term": terms,
            "weight": np.asarray(found.data * weights[found.col], dtype=float),
        }
    )


def _tokens() -> list[Any]:
    from pyspark.ml.feature import RegexTokenizer, StopWordsRemover

    from sparkjobs.languages import stopwords

    stop = sorted(stopwords.of_language("english"))
    return [
        RegexTokenizer(inputCol="text", outputCol="words", pattern=WORD, gaps=False),
        StopWordsRemover(inputCol="words", outputCol="tokens", stopWords=stop, caseSensitive=True),
    ]


def _weights(rows: Any, words: list[str]) -> Any:
    """Add ``tfidf_map``, from each word of a document to its weight."""
    from pyspark.sql import functions as F

    names = F.split(F.lit("\n".join(words)), "\n")
    sparse = F.unwrap_udt("tfidf")
    found = F.transform(sparse["indices"], lambda index: names[index])
    return rows.withColumn("tfidf_map", F.map_from_arrays(found, sparse["values"]))


def _long(rows: Any) -> Any:
    from pyspark.sql import functions as F

    return rows.select("text", F.explode("tfidf_map").alias("term", "weight")).toArrow()


def documents_file(size_bytes: int) -> Path:
    """A text of few words; each line is a document."""
    return text_file(size_bytes, _WORDS)


def _inputs(sizes: Sizes) -> Inputs:
    size = sizes.documents_bytes
    return Inputs(documents_file(size), documents_file(int(size * sizes.sample)))


def _sklearn() -> dict[str, Contestant]:
    return {"scikit-learn": Contestant("scikit-learn", sklearn_weights)} if find_spec("sklearn") else {}


SUITES = {
    "text_features": Suite(
        title="text_features",
        job="text_features",
        inputs=_inputs,
        contestants={
            "ours": Contestant("ours", job("text_features", *_FLAGS, table="features")),
            "spark-ml": Contestant("spark", plain, aim=1.0),
        },
        tables={"features": ("text", "tokens", "tfidf")},
        note="The vectors of Word2Vec hang on the order of the documents and are not compared.",
    ),
    "text_features-tfidf": Suite(
        title="TF-IDF alone",
        job="text_features",
        inputs=_inputs,
        contestants={
            "ours": Contestant("ours", our_weights),
            "spark-ml": Contestant("spark", spark_weights, aim=1.0),
            **_sklearn(),
        },
    ),
}
