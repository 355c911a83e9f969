"""What 0.1.0 called a run is what this version calls it: its tables and checkpoints stay its own."""

from __future__ import annotations

import json
import shlex

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError
from sparkjobs.identity import config_hash
from sparkjobs.streaming import fingerprint

BASE = ("--input", "/in", "--output", "/out")
# Computed by 0.1.0; the first 16 digits.
HASHES = [
    ("wordcount", "", "45b7594de3fed3b3"),
    (
        "wordcount",
        "--language english --min-length 3 --ngrams 2 --top 10",
        "fa77c087d22399d4",
    ),
    (
        "wordcount",
        "--format csv --text-column t --extra-columns ignore",
        "9cfe1da88848a3a0",
    ),
    ("sum_by_key", "", "f843cecb63acc054"),
    (
        "sum_by_key",
        "--key-column a --value-column b --scale 2 --format parquet "
        "--timezone Europe/Berlin --timestamp-format 'dd/MM/yyyy HH:mm'",
        "d0eac4680db6f314",
    ),
    (
        "sum_by_key",
        "--mode merge --keys id --glob --null NULL --delimiter ';'",
        "2df4977286bf6627",
    ),
    ("analytics", "", "d2763879a5c84907"),
    (
        "analytics",
        "--key-columns a,b --derive 'x=value*2' --window '1 hour' --slide '15 minutes' "
        "--quantiles 0.1,0.9 --from 2026-01-01 --to 2026-02-01 --ddof 1 --outliers mad --outlier-limit 2.5",
        "d0af9a581fa020d0",
    ),
    ("behaviour", "", "900c88193174d4fe"),
    (
        "behaviour",
        "--mapping retail --gap '1 hour' --types 'n:bigint,p:decimal(18,4)' --top 7",
        "2a052508db8c5926",
    ),
    ("text_features", "", "eb2e6e574ae49414"),
    (
        "text_features",
        "--language english --features 100 --seed 7",
        "f0486a393d6814d9",
    ),
    ("partition", "--columns a", "dd0cb62c141dc852"),
    (
        "partition",
        "--by random --partitions 3 --seed 5",
        "dbdfc27e0f754947",
    ),
    ("wordcount_stream", "", "f8115152bd3bd641"),
    (
        "wordcount_stream",
        "--trigger '10 seconds' --min-length 2",
        "efd114043dba14b7",
    ),
    ("analytics_stream", "", "add0ed05964c944e"),
    (
        "analytics_stream",
        "--key-columns k --window '1 day' --format jsonl",
        "7e4ae2672b0cd952",
    ),
]
CHECKPOINT = """{
 "checkpoint": "/c", "job": "wordcount_stream", "output": "/out",
 "params": {"delimiter": ",", "extra_columns": "refuse", "format": null, "glob": false, "input": ["/in"],
  "language": "none", "min_length": 1, "ngrams": 1, "null": "", "stop_words": [], "text_column": null,
  "timestamp_format": null, "timezone": "UTC"},
 "spark.sql.shuffle.partitions": "200", "state": [], "v": 1}"""


def canonical(job, *flags):
    return params.canonical(params.parse(catalogue.get(job).params, [*BASE, *flags]))


@pytest.mark.parametrize(("job", "flags", "known"), HASHES)
def test_the_hash_of_0_1_0(job, flags, known):
    assert config_hash(canonical(job, *shlex.split(flags)))[:16] == known


# Jobs that 0.1.0 did not have.
SINCE = {"sum_by_key_stream", "behaviour_stream"}


def test_every_job_is_held():
    assert {job for job, _, _ in HASHES} == set(catalogue.BUILT_IN) - SINCE


def test_a_new_flag_is_identity_where_it_is_used():
    used = canonical("analytics", "--timestamp-unit", "ms")
    assert used["timestamp_unit"] == "ms"
    assert config_hash(used) != config_hash(canonical("analytics"))


def stream(*flags):
    return fingerprint.make(
        job="wordcount_stream",
        checkpoint="/c",
        output="/out",
        params=canonical("wordcount_stream", *flags),
        state=(),
    )


def test_a_checkpoint_of_0_1_0_goes_on():
    fingerprint.refuse_other("/c", CHECKPOINT, stream())
    kept = json.loads(CHECKPOINT)
    kept.pop("spark.sql.shuffle.partitions")  # our streams keep no state in Spark
    assert json.loads(fingerprint.to_text(stream())) == kept
    with pytest.raises(UsageError, match=r'--timestamp-unit was .*, is "ms"'):
        fingerprint.refuse_other("/c", CHECKPOINT, stream("--timestamp-unit", "ms"))
