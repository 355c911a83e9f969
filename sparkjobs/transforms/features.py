"""TF-IDF, Word2Vec and standardised vectors of tokenised documents, by a pyspark.ml pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkjobs.errors import DataError
from sparkjobs.transforms.feature_settings import FeatureSettings

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

FEATURES_DDL = (
    "id string, text string, tokens array<string>, tfidf map<string,double>, "
    "word2vec array<double>, standardised array<double>"
)

_BETWEEN = "\n"  # no term has one: words are letters, marks, digits and apostrophes, terms have spaces too


def train(documents: DataFrame, settings: FeatureSettings) -> PipelineModel:
    """Fit the pipeline.

    The same documents give the same model however they were partitioned: the vocabulary is ordered by
    count and then by code point, and Word2Vec and the scaler, whose sums depend on the order of rows,
    see the documents sorted, in one partition (Spark's Word2Vec trains in one task anyhow).

    Args:
        documents: ``id, tokens, terms``; read several times, so keep them.
        settings: what to make.

    Raises:
        DataError: no word occurs often enough.
    """
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import IDF, CountVectorizerModel, StandardScaler, Word2Vec

    words = vocabulary(documents, settings)
    stages: list[Any] = [
        CountVectorizerModel.from_vocabulary(words, inputCol="terms", outputCol="counts"),
        IDF(inputCol="counts", outputCol="tfidf"),
        Word2Vec(
            vectorSize=settings.vector_size,
            minCount=settings.min_count,
            windowSize=settings.window,
            maxIter=settings.iterations,
            seed=settings.seed,
            inputCol="tokens",
            outputCol="word2vec",
        ),
        StandardScaler(withMean=True, withStd=True, inputCol="word2vec", outputCol="standardised"),
    ]
    ordered = documents.select("id", "tokens", "terms").repartition(1).sortWithinPartitions("id", "tokens")
    kept = ordered.persist()
    try:
        return Pipeline(stages=stages).fit(kept)
    finally:
        kept.unpersist()


def vocabulary(documents: DataFrame, settings: FeatureSettings) -> list[str]:
    """The most frequent terms; equally frequent ones in the order of code points.

    Raises:
        DataError: no term occurs ``min_count`` times.
    """
    from pyspark.sql import functions as F

    terms = documents.select(F.explode("terms").alias("term")).groupBy("term").count()
    best = terms.where(F.col("count") >= settings.min_count).orderBy(F.desc("count"), "term")
    words = [row.term for row in best.limit(settings.features).collect()]
    if not words:
        raise DataError(
            f"no word occurs {settings.min_count} times in the input", "Lower --min-count, or give more text."
        )
    return words


def apply(documents: DataFrame, model: PipelineModel) -> DataFrame:
    """Compute the features of tokenised documents, as plain types that every Delta reader knows.

    ``tfidf`` maps each known term of a document to its weight (0 for a term that every document has).
    """
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    terms: list[str] = model.stages[0].vocabulary  # type: ignore[attr-defined]
    # Folded into one constant (ConstantFolding), that all rows share: joined to the documents the vocabulary
    # would be copied into each of them (BroadcastNestedLoopJoinExec projects whole rows).
    names = F.split(F.lit(_BETWEEN.join(terms)), _BETWEEN)
    sparse = F.unwrap_udt("tfidf")
    found = F.transform(sparse["indices"], lambda index: names[index])
    return model.transform(documents).select(
        "id",
        "text",
        "tokens",
        F.map_from_arrays(found, sparse["values"]).alias("tfidf"),
        vector_to_array(F.col("word2vec")).alias("word2vec"),
        vector_to_array(F.col("standardised")).alias("standardised"),
    )
