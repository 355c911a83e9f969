"""TF-IDF, Word2Vec and standardised vectors of tokenised documents, by a pyspark.ml pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.errors import DataError
from sparkjobs.ingest.reading import slots
from sparkjobs.jvm import jvm_of
from sparkjobs.transforms.feature_settings import FeatureSettings

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import CountVectorizerModel
    from pyspark.sql import DataFrame, SparkSession

FEATURES_DDL = (
    "id string, text string, tokens array<string>, tfidf map<string,double>, "
    "word2vec array<double>, standardised array<double>"
)

_BETWEEN = "\n"  # no term has one: words are letters, marks, digits and apostrophes, terms have spaces too

# Half a second of work or less, most of it the writing of vectors.
_TASK_DOCUMENTS = 10_000


def spread(documents: DataFrame, count: int) -> DataFrame:
    """Give every core documents: what one task reads at once is much work afterwards.

    Args:
        documents: with ``id``.
        count: how many they are.
    """
    wanted = min(slots(documents.sparkSession), -(-count // _TASK_DOCUMENTS))
    return documents.repartition(wanted, "id") if documents.rdd.getNumPartitions() < wanted else documents


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
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import IDF, StandardScaler, Word2Vec

    counts = counter(documents.sparkSession, vocabulary(documents, settings))
    # Documents with a term are counted in integers: here no order matters, and every core can help.
    weights = IDF(inputCol="counts", outputCol="tfidf").fit(counts.transform(documents))
    vectors = Word2Vec(
        vectorSize=settings.vector_size,
        minCount=settings.min_count,
        windowSize=settings.window,
        maxIter=settings.iterations,
        seed=settings.seed,
        inputCol="tokens",
        outputCol="word2vec",
    )
    scaler = StandardScaler(withMean=True, withStd=True, inputCol="word2vec", outputCol="standardised")
    ordered = documents.select("id", "tokens").repartition(1).sortWithinPartitions("id", "tokens")
    kept = ordered.select("tokens").persist()
    try:
        words = vectors.fit(kept)
        return PipelineModel([counts, weights, words, scaler.fit(words.transform(kept))])
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


def counter(spark: SparkSession, words: Sequence[str]) -> CountVectorizerModel:
    """The stage that counts the terms of a vocabulary."""
    from pyspark.ml.feature import CountVectorizerModel

    # CountVectorizerModel.from_vocabulary calls the JVM once for each word (JavaWrapper._new_java_array).
    pattern = jvm_of(spark).java.util.regex.Pattern.compile(_BETWEEN)
    model = CountVectorizerModel._create_from_java_class(
        "org.apache.spark.ml.feature.CountVectorizerModel", pattern.split(_BETWEEN.join(words))
    )
    return model.setInputCol("terms").setOutputCol("counts")._set(vocabSize=len(words))


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
