"""Streams of made up rows: every stream job reads them, and a repeated batch has the same rows."""

from __future__ import annotations

import pytest

from sparkjobs.streaming.sources import lists
from sparkjobs.streaming.sources.rate.rows import Numbers, columns
from tests.spark.conftest import rows_of

RATE = 5000


@pytest.mark.parametrize(
    ("job", "table", "flags"),
    [
        ("wordcount_stream", "", ()),
        ("sum_by_key_stream", "", ("--key-column", "key")),
        ("analytics_stream", "rows", ("--key-columns", "key", "--derive", "none", "--window", "1 minute")),
    ],
)
def test_every_stream_reads_made_up_rows(run_job, tmp_path, job, table, flags):
    asked = ("--input", f"rate://{RATE}", "--output", tmp_path / "out", "--trigger", "1 second")
    ran = run_job(job, *asked, "--max-batches", "2", *flags)
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (ran.result.rows_accepted, 0)
    assert ran.result.warnings == ()
    found = rows_of(tmp_path / "out" / table)
    if job == "wordcount_stream":
        assert sum(row["count"] for row in found) == 2 * ran.result.rows_read
    elif job == "sum_by_key_stream":
        count = ran.result.rows_read
        assert (len(found), sum(row["count"] for row in found)) == (10, count)
        assert sum(row["sum"] for row in found) == count * (count - 1) // 2
    else:
        assert sorted(row["value"] for row in found) == list(range(ran.result.rows_read))


def test_lists_that_are_done_are_put_together_whatever_the_source(run_job, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "FOLDED", 2)
    monkeypatch.setattr(lists, "KEPT", 1)
    asked = ("sum_by_key_stream", "--key-column", "key", "--input", f"rate://{RATE}")
    asked += ("--output", tmp_path / "out", "--trigger", "100 milliseconds", "--max-batches")
    count = sum(run_job(*asked, batches).result.rows_read for batches in ("4", "2"))
    kept = tmp_path / "out_checkpoint"
    assert [file.name for file in sorted((kept / "arrivals_done").iterdir())][:1] == ["00000000.jsonl"]
    assert not (kept / "arrivals" / "00000000.jsonl").exists()
    assert sum(row["sum"] for row in rows_of(tmp_path / "out")) == count * (count - 1) // 2


def test_a_row_is_made_of_its_number(spark):
    def rows(numbers, tasks):
        made = spark.range(numbers.begin, numbers.end, 1, tasks).selectExpr(*columns(1_000_000, 3))
        return sorted(made.collect(), key=lambda row: row.value)

    first = rows(Numbers(0, 100), 3)
    assert first == rows(Numbers(0, 40), 1) + rows(Numbers(40, 100), 2)
    assert [row.timestamp.timestamp() for row in first[:4]] == [1.0, 1.333333, 1.666666, 2.0]
    assert {row.key for row in first} == {f"key{i}" for i in range(10)}
    late = rows(Numbers(2**33, 2**33 + 2), 1)
    assert [row.value for row in late] == [2**33, 2**33 + 1]
