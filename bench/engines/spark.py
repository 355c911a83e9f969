"""Spark: ours, and the ways that people write."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from bench.engines.peers import CORES, WORD


def start() -> Any:
    """A local session with the settings that a laptop would have, the same for ours and for the others."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    import pyspark
    from pyspark.sql import SparkSession

    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    builder = SparkSession.builder.master(f"local[{CORES}]").appName("bench")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "3g",
        "spark.sql.shuffle.partitions": str(2 * CORES),
        "spark.log.level": "ERROR",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def our_words(spark: Any, path: Path) -> Any:
    """Our word count, with its account of the rows read."""
    from sparkjobs.ingest.reading import Source
    from sparkjobs.ingest.storage import S3Settings
    from sparkjobs.kernels.options import WordOptions
    from sparkjobs.transforms.words import count_files

    spark.catalog.clearCache()
    source = Source((str(path),), "text", False, S3Settings(), "0")
    words, _ = count_files(spark, source, WordOptions())
    return words.toArrow()


def sql_words(spark: Any, path: Path) -> Any:
    """Spark SQL with the same definition of a word."""
    from pyspark.sql import functions as F

    words = F.regexp_extract_all(F.lower("value"), F.lit(WORD), F.lit(0))
    return _counted(spark.read.text(str(path)).select(F.explode(words).alias("word")))


def sql_spaces(spark: Any, path: Path) -> Any:
    """Spark SQL that only splits on spaces."""
    from pyspark.sql import functions as F

    return _counted(spark.read.text(str(path)).select(F.explode(F.split("value", " ")).alias("word")))


def rdd_words(spark: Any, path: Path) -> Any:
    """The textbook: flatMap, reduceByKey."""
    pattern = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
    lines = spark.sparkContext.textFile(str(path))
    pairs = lines.flatMap(lambda line: pattern.findall(line.lower())).map(lambda word: (word, 1))
    return spark.createDataFrame(pairs.reduceByKey(lambda a, b: a + b), "word string, count bigint").toArrow()


def our_statistics(spark: Any, path: Path) -> Any:
    """Our group-by with an exact median."""
    from sparkjobs.transforms.exact_median import grouped_statistics

    return grouped_statistics(spark.read.parquet(str(path)), ["id4", "id5"], "v3").toArrow()


def sql_statistics(spark: Any, path: Path) -> Any:
    """Spark's own aggregate functions."""
    from pyspark.sql import functions as F

    names = {"sum": F.sum, "mean": F.avg, "median": F.median, "min": F.min, "max": F.max, "stddev": F.stddev}
    measures = [function("v3").alias(name) for name, function in names.items()]
    rows = spark.read.parquet(str(path))
    return rows.groupBy("id4", "id5").agg(F.count("v3").alias("count"), *measures).toArrow()


def _counted(words: Any) -> Any:
    return words.groupBy("word").count().toArrow()
