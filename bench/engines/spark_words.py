"""The word count in Spark: ours, and the ways that people write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bench.engines.words import WORD


def ours(spark: Any, path: Path, _: Path) -> Any:
    """Our word count, with its account of the rows read."""
    from sparkjobs.ingest.reading import Source
    from sparkjobs.ingest.storage import S3Settings
    from sparkjobs.kernels.options import WordOptions
    from sparkjobs.transforms.words import count_files

    source = Source((str(path),), "text", False, S3Settings(), "0")
    words, _intake = count_files(spark, source, WordOptions())
    return words.toArrow()


def sql(spark: Any, path: Path, _: Path) -> Any:
    """Spark SQL with the same definition of a word, to the client."""
    return counted(spark, path).toArrow()


def counted(spark: Any, path: Path) -> Any:
    """The same as a DataFrame."""
    from pyspark.sql import functions as F

    words = F.regexp_extract_all(F.lower("value"), F.lit(WORD), F.lit(0))
    return _counts(spark.read.text(str(path)).select(F.explode(words).alias("word")))


def spaces(spark: Any, path: Path, _: Path) -> Any:
    """Spark SQL that only splits on spaces."""
    from pyspark.sql import functions as F

    words = spark.read.text(str(path)).select(F.explode(F.split("value", " ")).alias("word"))
    return _counts(words).toArrow()


def rdd(spark: Any, path: Path, _: Path) -> Any:
    """The textbook: flatMap, reduceByKey."""
    pattern = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
    lines = spark.sparkContext.textFile(str(path))
    pairs = lines.flatMap(lambda line: pattern.findall(line.lower())).map(lambda word: (word, 1))
    return spark.createDataFrame(pairs.reduceByKey(lambda a, b: a + b), "word string, count bigint").toArrow()


def _counts(words: Any) -> Any:
    return words.groupBy("word").count()
