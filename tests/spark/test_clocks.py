"""Where clocks change: a skipped local time is a bad row; of one that stands twice the first counts."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.rows import read_rows
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.typing import Column
from tests.unit.ingest.test_patterns import TAKEN

SKIPPED = "does not exist in Europe/Berlin: the clocks skip it"
# Local time in Berlin, and its moment in UTC; None where there is none.
BERLIN = {
    "2026-03-29 01:59:59": "2026-03-29 00:59:59",
    "2026-03-29 02:00:00": None,
    "2026-03-29 02:30:00": None,
    "2026-03-29 02:59:59": None,
    "2026-03-29 03:00:00": "2026-03-29 01:00:00",
    "2026-10-25 02:00:00": "2026-10-25 00:00:00",
    "2026-10-25 02:30:00": "2026-10-25 00:30:00",
    "2026-10-25 03:00:00": "2026-10-25 02:00:00",
    "1893-04-01 00:03:00": None,
    "9999-12-31 23:59:59": "9999-12-31 22:59:59",
}


@pytest.fixture
def zone(spark):
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    yield
    spark.conf.set("spark.sql.session.timeZone", "UTC")


def micros(text):
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // (moment.resolution)


def moments(spark, path, form, pattern=None):
    source = Source((str(path),), form, False, S3Settings(), "100%", timestamp_format=pattern)
    read = read_rows(spark, source, [Column("n", "bigint"), Column("at", "timestamp")])
    found = {row.n: row.m for row in read.rows.selectExpr("n", "unix_micros(at) m").collect()}
    bad = [] if read.intake.bad is None else [row.reason for row in read.intake.bad.collect()]
    return found, bad


def write(path, form, texts):
    if form == "csv":
        path.write_text("n,at\n" + "".join(f"{i},{text}\n" for i, text in enumerate(texts)))
    elif form == "jsonl":
        path.write_text("".join(json.dumps({"n": i, "at": text}) + "\n" for i, text in enumerate(texts)))
    else:
        times = pa.array([datetime.fromisoformat(text) for text in texts], pa.timestamp("us"))
        pq.write_table(pa.table({"n": range(len(texts)), "at": times}), path)


@pytest.mark.parametrize(
    ("form", "pattern"), [("csv", None), ("csv", "yyyy-MM-dd HH:mm:ss"), ("jsonl", None), ("parquet", None)]
)
def test_local_times(spark, zone, tmp_path, form, pattern):
    write(tmp_path / "in", form, BERLIN)
    found, bad = moments(spark, tmp_path / "in", form, pattern)
    assert found == {i: micros(text) for i, text in enumerate(BERLIN.values()) if text}
    assert len(bad) == 4
    assert all(SKIPPED in reason for reason in bad)


def test_texts_that_name_their_moment_or_a_day(spark, zone, tmp_path):
    texts = ["2026-03-29T02:30:00Z", "2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+01:00", "2026-03-29"]
    write(tmp_path / "in", "csv", texts)
    found, bad = moments(spark, tmp_path / "in", "csv")
    wanted = ["2026-03-29 02:30:00", "2026-03-29 01:30:00", "2026-10-25 01:30:00", "2026-03-28 23:00:00"]
    assert (list(found.values()), bad) == ([micros(text) for text in wanted], [])


def test_a_day_whose_midnight_is_skipped_begins_later(spark, tmp_path):
    spark.conf.set("spark.sql.session.timeZone", "America/Sao_Paulo")
    try:
        write(tmp_path / "in", "csv", ["2018-11-04", "2018-11-04 00:00:00"])
        iso = moments(spark, tmp_path / "in", "csv")
        write(tmp_path / "in", "csv", ["04/11/2018"])
        pattern = moments(spark, tmp_path / "in", "csv", "dd/MM/yyyy")
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert iso[0] == pattern[0] == {0: micros("2018-11-04 03:00:00")}
    assert len(iso[1]) == 1
    assert not pattern[1]


def test_a_moment_as_text_must_be_the_only_one(spark, zone, tmp_path):
    times = [datetime(2026, 10, 25, hour, 30, tzinfo=timezone.utc) for hour in (0, 1, 2)]
    pq.write_table(
        pa.table({"n": range(3), "at": pa.array(times, pa.timestamp("us", "UTC"))}), tmp_path / "in"
    )
    source = Source((str(tmp_path / "in"),), "parquet", False, S3Settings(), "100%")
    read = read_rows(spark, source, [Column("n", "bigint"), Column("at", "string")])
    assert {row.n: row.at for row in read.rows.collect()} == {
        0: "2026-10-25 02:30:00",
        2: "2026-10-25 03:30:00",
    }
    assert "stands twice in Europe/Berlin" in read.intake.bad.first().reason


@pytest.mark.parametrize(
    ("job", "flags"),
    [
        ("analytics", ["--from", "2026-03-29T02:30"]),
        ("analytics", ["--to", "2026-03-29 02:30:00"]),
        ("behaviour", ["--rfm-reference", "2026-03-29T02:30"]),
    ],
)
def test_flags_that_name_a_skipped_time(run_job, tmp_path, job, flags):
    (tmp_path / "in.csv").write_text("timestamp,value\n2026-03-29,1\n")
    common = ["--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--timezone", "Europe/Berlin"]
    ran = run_job(job, *common, *flags)
    assert ran.code == 2
    assert SKIPPED in ran.result.error.message


TEXTS = {
    "yyyy-MM-dd": "2026-01-31",
    "yyyy-MM": "2026-01",
    "yyyy": "2026",
    "yyyy-MM-dd HH:mm": "2026-01-31 15:07",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX": "2026-01-31T15:07:09.123456+00:00",
    "yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX": "2026-01-31T15:07:09Z",
    "yyyy-MM-dd[ HH:mm[:ss]]": "2026-01-31 15:07:09",
    "yyyyMMdd": "20260131",
    "yyyyMMddHHmmss": "20260131150709",
    "yyMMdd": "260131",
    "d/M/yyyy H:mm": "31/1/2026 15:07",
    "d/M/yy": "31/1/26",
    "M/d/yyyy hh:mm a": "1/31/2026 03:07 PM",
    "M/d/yyyy K:mm a": "1/31/2026 3:07 PM",
    "yyyy-MM-dd kk:mm": "2026-01-31 15:07",
    "dd MMM yyyy": "31 Jan 2026",
    "d MMMM yyyy 'at' HH 'o''clock'": "31 January 2026 at 15 o'clock",
    "ddMMMyyyy": "31Jan2026",
    "yyyyDDD": "2026031",
    "D.yyyy": "31.2026",
    "yyyy-MM-dd HH:mm:ss Z": "2026-01-31 15:07:09 +0000",
    "yyyy-MM-dd HH:mm:ss O": "2026-01-31 15:07:09 GMT+0",
}


def test_patterns_read_what_they_say(spark, tmp_path):
    """Every pattern that is taken, by Spark itself; small parts that are not told are their first."""
    assert list(TEXTS) == TAKEN
    wrong = {}
    for pattern, text in TEXTS.items():
        write(tmp_path / "in", "csv", [text])
        found, bad = moments(spark, tmp_path / "in", "csv", pattern)
        has = [("HH" in pattern) | ("mm" in pattern), "mm" in pattern, "ss" in pattern, "SSSSSS" in pattern]
        month = 1
        day = 1 if pattern in ("yyyy", "yyyy-MM") else 31
        clock = [value if there else 0 for value, there in zip([15, 7, 9, 123_456], has, strict=True)]
        wanted = micros(datetime(2026, month, day, *clock).isoformat())
        if found != {0: wanted} or bad:
            wrong[pattern] = (found, bad, wanted)
    assert not wrong
