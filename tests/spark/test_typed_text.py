"""What workers make of text is what Spark makes of it: the same values, bad rows and reasons."""

from __future__ import annotations

import random
from decimal import Decimal

import pyarrow as pa
import pytest

from sparkjobs.ingest.csv_records import Records
from sparkjobs.ingest.model import BadRow
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typed_batches import typed_batch
from sparkjobs.ingest.typing import Column, parse

KINDS = (
    "string",
    "bigint",
    "double",
    "boolean",
    "timestamp",
    "decimal(38,9)",
    "decimal(10,2)",
    "decimal(38,0)",
)
NUMBERS = (
    "",
    "+",
    "-",
    ".",
    "1.",
    ".5",
    "1e3",
    "--1",
    "+-1",
    "1.2.3",
    " 5",
    "5 ",
    "٣",
    "1,0",
    "NaN",
    "inf",
    "0x1",
    "1_0",
    "+0",
    "-0",
    "00",
    "-00.0",
    "9" * 40,
    "0" * 50 + "1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "+9223372036854775807",
    "9" * 400,
    "1" + "0" * 308,
    "1" * 29,
    "1" * 30,
    "-" + "9" * 29 + "." + "9" * 9,
    "0" * 30 + ".5",
    "9007199254740992",
    "9007199254740993",
    "-9007199254740993",
    "9007199254740992.4",
    "9007199254740992.5",
    "true",
    "false",
    "True",
    "x" * 100,
)
TIMES = (
    "2026-01-31",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31T23:59:59.999999",
    "2026-02-30",
    "2024-02-29",
    "1900-02-29",
    "2026-01-31T24:00",
    "2026-1-31",
    "2026-01-31T05",
    "2026-01-31T05:00",
    "2026-01-31 05:00Z",
    "2026-01-31T05:00+01:00",
    "2026-01-31T05:00:00Z",
    "2026-01-31T05:00:00+18:00",
    "2026-01-31T05:00:00+18:01",
    "2026-01-31T05:00:00-18:00",
    "2026-01-31T05:00:00.1Z",
    "2026-01-31T05:00:00.123456-05:30",
    "2026-01-31T05:00:00.1234567",
    "2026-01-31+01:00",
    "2026-01-31T05:00:60",
    "2026-01-31T05:60:00",
    "2026-13-01",
    "2026-00-01",
    "2026-01-00",
    "２026-01-31",
    "1582-10-10",
    "2026-01-31T05:00:00+00:60",
    "0000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-18:00",
    "2026-01-31T05:00:00+1:00",
)


def texts(seed: int) -> list[str | None]:
    draw = random.Random(seed)
    found: list[str | None] = [None, *NUMBERS, *TIMES]
    for _ in range(400):
        digits = "".join(
            draw.choice("0123456789") for _ in range(draw.choice([1, 2, 9, 16, 18, 19, 20, 29, 38]))
        )
        text = draw.choice(["", "", "-", "+"]) + digits
        if draw.random() < 0.5:
            text += "." + "".join(draw.choice("0123456789") for _ in range(draw.choice([1, 2, 9, 10])))
        found.append(text)
        year, month, day = draw.choice([1, 1582, 1969, 2024, 9999]), draw.randrange(14), draw.randrange(33)
        moment = f"{year:04d}-{month:02d}-{day:02d}"
        moment += draw.choice(["", draw.choice(" T") + f"{draw.randrange(25):02d}:{draw.randrange(61):02d}"])
        if ":" in moment:
            moment += draw.choice(
                ["", f":{draw.randrange(61):02d}", f":{draw.randrange(61):02d}.{draw.randrange(10**6)}"]
            )
            moment += draw.choice(["", "Z", "+01:00", "-05:30"])
        found.append(moment)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_workers_type_as_spark_does(spark, kind):
    from pyspark.sql import functions as F

    column = Column("c", kind)
    values = texts(1)
    frame = spark.createDataFrame([(i, text) for i, text in enumerate(values)], "i int, t string")
    parsed = parse(column, F.col("t"), "", TimeReading())
    value = F.unix_micros(parsed.value) if kind == "timestamp" else parsed.value
    expected = {
        row.i: (row.value, row.reason)
        for row in frame.select("i", value.alias("value"), parsed.reason.alias("reason")).collect()
    }
    for index, text in enumerate(values):
        records = Records(
            (pa.array([text], pa.string()),),
            lambda i, reason: BadRow("f", None, i, reason, ""),
            lambda: (None, None, None),
        )
        batch = typed_batch(records, [column], "")
        value = batch.column(0).cast(pa.int64()) if kind == "timestamp" else batch.column(0)
        got, bad = value[0].as_py(), batch.column(1)[0].as_py()
        reason = None if bad is None else bad["reason"]
        wanted, why = expected[index]
        assert reason == why, text
        if why is None:
            assert got == wanted, text
            assert not isinstance(got, Decimal) or got.as_tuple() == wanted.as_tuple()
