"""The word count: from the text to all words and their counts in the client, and to a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.engines import spark_words, words
from bench.engines.jobs import job
from bench.engines.spark import write
from bench.inputs.text import text_file
from bench.model import Contestant, Inputs, Sizes, Suite


def _inputs(sizes: Sizes) -> Inputs:
    return Inputs(text_file(sizes.text_bytes), text_file(int(sizes.text_bytes * sizes.sample)))


def _written(spark: Any, source: Path, output: Path) -> None:
    write(spark_words.counted(spark, source), output, "words")


SUITES = {
    "wordcount": Suite(
        title="Word count",
        job="wordcount",
        inputs=_inputs,
        contestants={
            "ours": Contestant("ours", spark_words.ours),
            "duckdb": Contestant("duckdb", words.duckdb_same, aim=1.5),
            "duckdb-spaces": Contestant("duckdb", words.duckdb_spaces, same_result=False, aim=0.6),
            "polars": Contestant("polars", words.polars),
            "spark-sql": Contestant("spark", spark_words.sql, aim=3.0),
            "spark-sql-spaces": Contestant("spark", spark_words.spaces, same_result=False),
            "spark-rdd": Contestant("spark", spark_words.rdd, sample_only=True),
        },
        fresh=True,
    ),
    "wordcount-job": Suite(
        title="Word count, to a Delta table",
        job="wordcount-job",
        inputs=_inputs,
        contestants={
            "ours": Contestant("ours", job("wordcount", table="words")),
            "spark-sql": Contestant("spark", _written, aim=3.0),
        },
        tables={"words": ()},
    ),
}
