"""Jobs reading and writing on S3 (moto's server), checked by boto3 and delta-rs."""

from __future__ import annotations

import gzip
import json
import os

import pytest

from tests.spark.conftest import rows_of
from tests.spark.object_store import KEYS, bucket_of, fetched


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("s3") / "server.log"


@pytest.fixture(scope="module")
def s3(spark, log):
    with bucket_of(spark, "lake", log) as client:
        yield client


def table(path):
    options = {**KEYS, "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}
    return rows_of(path.replace("s3a://", "s3://"), storage_options=options)


def put(client, key, data):
    client.put_object(Bucket="lake", Key=key, Body=data if isinstance(data, bytes) else data.encode())


def test_words_from_s3_to_s3(run_job, s3):
    put(s3, "in/_a [1].txt", "one two\n")
    put(s3, "in/sub/b%20.txt.gz", gzip.compress(b"two three\n"))
    put(s3, "in/bad.txt", b"\xff\n")
    flags = ("--input", "s3a://lake/in", "--output", "s3a://lake/out/words", "--interval", "2026-01-31")
    ran = run_job("wordcount", *flags, "--max-bad-rows", 1)
    assert ran.code == 0, ran.result.error
    assert {row["word"]: row["count"] for row in table("s3a://lake/out/words")} == {
        "one": 1,
        "two": 2,
        "three": 1,
    }
    assert table("s3a://lake/out/words_quarantine")[0]["file"] == "s3a://lake/in/bad.txt"
    assert run_job("wordcount", *flags, "--max-bad-rows", 1).result.outcome == "SKIPPED"


def test_csv_globs_and_merge_on_s3(run_job, s3):
    put(s3, "csv/2026-01.csv", "id,value\na,1\n")
    put(s3, "csv/2026-02.csv", 'value,id\n2,"a"\n3,b\n')
    put(s3, "csv/notes.txt", "not a table")
    flags = (
        "--input",
        "s3a://lake/csv/2026-*.csv",
        "--glob",
        "--output",
        "s3a://lake/sums",
        "--mode",
        "merge",
    )
    for _ in range(2):
        ran = run_job("sum_by_key", *flags)
        assert ran.code == 0, ran.result.error
    assert {row["id"]: int(row["sum"]) for row in table("s3a://lake/sums")} == {"a": 3, "b": 3}
    missing = run_job("sum_by_key", "--input", "s3a://lake/nothing", "--output", "s3a://lake/x")
    assert missing.code == 1
    assert "s3a://lake/nothing does not exist" in missing.result.error.message


@pytest.mark.parametrize("row", ["k%d,1\n", '"k%d\nx","1"\n'])
def test_a_long_csv_file_is_fetched_once(run_job, s3, log, monkeypatch, row):
    """With quotes and without: the header's block, each piece once, and a look at both sides of each cut."""
    from sparkjobs.ingest import splits

    monkeypatch.setattr(splits, "SMALLEST_TASK_BYTES", 1 << 20)
    monkeypatch.setattr(splits, "LARGEST_TASK_BYTES", 1 << 20)
    data = "id,value\n" + "".join(row % i for i in range(400_000))
    key = f"long/{len(data)}.csv"
    put(s3, key, data)
    out = f"s3a://lake/long-{len(data)}"
    ran = run_job("sum_by_key", "--input", f"s3a://lake/{key}", "--output", out)
    assert ran.code == 0, ran.result.error
    assert ran.result.rows_read == 400_000
    gets = fetched(log, f"lake/{key}")
    cuts = round(len(data) / (1 << 20)) - 1
    assert cuts >= 3
    assert len(data) < sum(gets) <= len(data) + (1 << 20) + cuts * 2 * (65 << 10)
    assert len(gets) <= 1 + 4 * (cuts + 1)


def test_the_result_can_go_to_s3_and_no_key_is_shown(run_job, s3, spark):
    from sparkjobs.cli import _write_result

    put(s3, "one.txt", "one\n")
    ran = run_job("wordcount", "--input", "s3a://lake/one.txt", "--output", "s3a://lake/one")
    _write_result("s3a://lake/results/r.json", ran.result)
    stored = json.loads(s3.get_object(Bucket="lake", Key="results/r.json")["Body"].read())
    assert stored["run_id"] == ran.result.run_id
    conf = "\n".join(f"{key}={value}" for key, value in spark.sparkContext.getConf().getAll())
    assert "canary" not in conf
