"""Flags of sources: each is taken by the sources to which it means something, and refused by the others."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError
from sparkjobs.prepare import prepare

KAFKA, RATE, FILES = "kafka://b:9092/t", "rate://5", "in"
TIMED = ("--trigger", "10 seconds")


def run_of(name, source, *flags):
    job = catalogue.get(name)
    given = params.parse(job.params, ["--input", source, "--output", "/out", *flags])
    return prepare(job, given, datetime(2026, 1, 31, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("source", "flags", "flag"),
    [
        (FILES, ("--start", "latest"), "--start"),
        (FILES, ("--columns", "a,b"), "--columns"),
        (FILES, ("--data-loss", "ignore"), "--data-loss"),
        (FILES, ("--changes", "skip"), "--changes"),
        (FILES, ("--kafka-option", "client.id=x"), "--kafka-option"),
        (FILES, ("--kafka-secret", "ssl.key.password=env:X"), "--kafka-secret"),
        (FILES, ("--max-rows-per-batch", "5"), "--max-rows-per-batch"),
        (KAFKA, ("--changes", "skip"), "--changes"),
        (KAFKA, ("--skip-file", "x"), "--skip-file"),
        (KAFKA, ("--bad-files", "quarantine"), "--bad-files"),
        (KAFKA, ("--glob",), "--glob"),
        (KAFKA, ("--max-files-per-batch", "5"), "--max-files-per-batch"),
        (RATE, (*TIMED, "--start", "latest"), "--start"),
        (RATE, (*TIMED, "--format", "text"), "--format"),
        (RATE, (*TIMED, "--data-loss", "ignore"), "--data-loss"),
        (RATE, (), "--trigger available-now"),
        ("delta:///t", ("--text-column", "c", "--start", "now"), "--start"),
        ("delta:///t", ("--text-column", "c", "--start", '{"0": 1}'), "--start"),
        (KAFKA, ("--start", "now"), "--start"),
        (KAFKA, ("--format", "parquet"), "--format parquet"),
        (KAFKA, ("--columns", "a"), "--columns does not go with --format text"),
    ],
)
def test_a_flag_without_meaning_is_refused_by_name(source, flags, flag):
    with pytest.raises(UsageError) as refused:
        run_of("wordcount_stream", source, *flags)
    assert flag in refused.value.message


def test_csv_records_need_names_each_once():
    with pytest.raises(UsageError, match="--format csv needs --columns"):
        run_of("analytics_stream", KAFKA)
    with pytest.raises(UsageError, match="'timestamp' twice"):
        run_of("analytics_stream", KAFKA, "--columns", "timestamp,value,timestamp")
    assert run_of("analytics_stream", KAFKA, "--columns", "timestamp,value").source.format == "csv"


@pytest.mark.parametrize("source", [KAFKA, RATE, "delta:///t"])
def test_batch_jobs_refuse_what_goes_on(source):
    with pytest.raises(UsageError) as refused:
        run_of("wordcount", source)
    assert source in refused.value.message
    assert "wordcount reads what is there and ends" in refused.value.message


def test_a_stream_does_not_read_the_table_that_it_writes():
    with pytest.raises(UsageError, match="lies in --input /lake"):
        prepare(*_delta("/lake/t"))
    with pytest.raises(UsageError, match="--input /out/rows lies in --output /out"):
        prepare(*_delta("/out", "delta:///out/rows"))


def _delta(output, source="delta:///lake"):
    job = catalogue.get("analytics_stream")
    given = params.parse(job.params, ["--input", source, "--output", output])
    return job, given, datetime(2026, 1, 31, tzinfo=timezone.utc)


def test_a_table_is_as_bare_as_its_path():
    assert run_of("analytics_stream", "delta://lake/t").bare_paths == ("lake/t", "/out")
    assert run_of("analytics_stream", "delta://s3a://b/t").bare_paths == ("/out",)
    assert run_of("wordcount_stream", KAFKA).bare_paths == ("/out",)


def test_identity_knows_topic_and_fields_and_not_where_or_how_they_are_read():
    def hash_of(source, *flags):
        return run_of("analytics_stream", source, "--columns", "timestamp,value", *flags).identity.config_hash

    one = hash_of(KAFKA)
    assert hash_of("kafka://other:1,c:2/t", "--start", "latest", "--data-loss", "ignore") == one
    assert hash_of(KAFKA, "--max-rows-per-batch", "5", "--kafka-option", "client.id=x") == one
    assert hash_of("kafka://b:9092/u") != one
    swapped = run_of("analytics_stream", KAFKA, "--columns", "value,timestamp")
    assert swapped.identity.config_hash != one
