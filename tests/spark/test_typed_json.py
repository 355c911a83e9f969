"""JSON lines typed in the workers are what Spark makes of their texts: the same rows, bad rows and places."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from sparkjobs.ingest import rows as reading
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.rows import read_rows
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.typing import Column
from tests.spark.test_typed_text import KINDS, NUMBERS, TIMES

COLUMNS = (
    *(Column(f"c{i}", kind, required=i == 0) for i, kind in enumerate(KINDS)),
    Column("part", "string", required=False, source="c0", partition=True),
)
WORDS = (
    "null",
    "true",
    "false",
    "{}",
    "[1]",
    "-0.0",
    "1E400",
    "1e99999999999999999999",
    '"\\ud800"',
    '"\\u00e9"',
)


def source(path, form="jsonl", bad="100%"):
    return Source((str(path),), form, False, S3Settings(), bad, ignore_extra=True)


def hostile_lines(seed: int) -> list[str]:
    """One value of every column is strange, or none, or the line itself is."""
    draw = random.Random(seed)
    fit = ['"a"', "12", "1.5", "true", '"2026-01-31"', "12.5", "12.25", "9"]
    found = []
    strange = [*NUMBERS, *(json.dumps(text, ensure_ascii=False) for text in (*NUMBERS, *TIMES)), *WORDS]
    for value in strange:
        for at in range(len(fit)):
            values = [value if i == at else usual for i, usual in enumerate(fit)]
            pairs = [f'"c{i}": {text}' for i, text in enumerate(values)]
            if draw.random() < 0.2:
                draw.shuffle(pairs)
            if draw.random() < 0.2:
                pairs.append(
                    draw.choice(['"x": 1', '"x": nul', '"c0": 1', '"x": 1, "x": 2', '"x": {"y": []}'])
                )
            found.append("{" + draw.choice([", ", ", ", ",", " ,"]).join(pairs) + "}")
    return [*found, "", "   ", "\u3000", "{", "[]", "{}" * 2, '{"c0": 1}']


def answer(spark, path):
    from pyspark.sql import functions as F

    read = read_rows(spark, source(path), COLUMNS)
    intake = read.intake
    # Python has no year 0.
    moments = {column.name: F.unix_micros(column.name) for column in COLUMNS if column.kind == "timestamp"}
    good = sorted(map(repr, read.rows.withColumns(moments).collect()))
    bad = sorted(map(repr, intake.bad.collect())) if intake.bad is not None else []
    counts = (intake.rows_read, intake.rows_accepted, intake.rows_quarantined)
    spark.catalog.clearCache()
    return counts, good, bad


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_workers_give_what_spark_gives(spark, tmp_path, monkeypatch, end):
    path = tmp_path / "in.jsonl"
    text = end.join(hostile_lines(1)).encode()
    path.write_bytes(
        b"\xef\xbb\xbf" + text + end.encode() + b'{"c0": "\xff"}' + end.encode() + b'{"c0": "\0"}'
    )
    by_worker = answer(spark, path)
    assert by_worker[0][1] > 100
    assert by_worker[0][2] > 100
    monkeypatch.setattr(reading, "typed_in_worker", lambda columns, times: False)
    by_spark = answer(spark, path)
    assert by_worker == by_spark


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_several_compressed_files(spark, tmp_path, form):
    for part in range(4):
        rows = [(f"k{part}", n) for n in range(1000)]
        header = "k,n\n" if form == "csv" else ""
        write = "{},{}\n".format if form == "csv" else '{{"k": "{}", "n": {}}}\n'.format
        text = header + "".join(write(*row) for row in rows)
        (tmp_path / f"{part}.{form}.gz").write_bytes(gzip.compress(text.encode()))
    read = read_rows(spark, source(tmp_path, form, "0"), (Column("k", "string"), Column("n", "bigint")))
    assert sorted(tuple(row) for row in read.rows.groupBy("k").sum("n").collect()) == [
        (f"k{part}", 499_500) for part in range(4)
    ]
    spark.catalog.clearCache()
