"""Reading and typing text into a sink that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.engines.jobs import reading
from bench.engines.reading import Read, failfast, strict
from bench.engines.spark import discard
from bench.model import Contestant, Query, Suite
from bench.suites.sum_by_key import TYPES, csv_file, inputs_of, jsonl_file, quoted_file, text_rows

_CSV_AIM, _JSON_AIM = 2.0, 1.5


def _plain(read: Read) -> Query:
    def query(spark: Any, source: Path, _: Path) -> None:
        discard(read(spark, source))

    return query


def _suite(title: str, kind: str, spark_kind: str, make: Callable[[int], Path], aim: float) -> Suite:
    ours = reading("sum_by_key", "--format", kind)
    return Suite(
        title=f"Reading and typing {title} into a sink",
        job="reading",
        inputs=inputs_of(make, text_rows),
        contestants={
            "ours": Contestant("ours", ours),
            "spark-failfast": Contestant("spark", _plain(failfast(spark_kind, TYPES)), aim=aim),
            "spark-strict": Contestant("spark", _plain(strict(spark_kind, TYPES)), aim=aim),
        },
        tables={},
        note="The sink keeps nothing to compare; `sum_by_key` compares what the same readers give.",
    )


SUITES = {
    "reading-csv": _suite("CSV", "csv", "csv", csv_file, _CSV_AIM),
    "reading-csv-quoted": _suite("CSV with quotes", "csv", "csv", quoted_file, _CSV_AIM),
    "reading-jsonl": _suite("JSON lines", "jsonl", "json", jsonl_file, _JSON_AIM),
}
