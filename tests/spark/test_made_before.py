"""Tables and checkpoints of version 0.1.0 are written on: merges go on, streams take each file once."""

from __future__ import annotations

import pytest

from launcher.cli.root import main
from tests.data import make_one_source as one_source
from tests.made_before import flags, unpack
from tests.spark.conftest import rows_of


@pytest.fixture
def place(tmp_path, spark):
    unpack(tmp_path)
    return tmp_path


@pytest.fixture
def run(run_job, spark, place):
    def ran(name, *more):
        job, given = flags(name, place)
        return run_job(job, *given, *more)

    return ran


def sums(path):
    return {row["town"]: str(row["sum"]) for row in rows_of(path)}


def test_appends_and_merges_go_on(run_job, run, place):
    assert run("totals").result.outcome == run("merged").result.outcome == "SKIPPED"
    (place / "in/more.csv").write_text("town,amount\nOslo,10\nBonn,1\n")
    for mode, name in (("append", "totals"), ("merge", "merged")):
        ran = run_job("sum_by_key", "--input", place / "in/more.csv", "--output", place / "lake" / name,
                      "--mode", mode, "--interval", "2026-02-01", "--key-column", "town",
                      "--value-column", "amount")  # fmt: skip
        assert (ran.code, ran.result.outcome) == (0, "COMMITTED"), ran.result.error
    assert len(rows_of(place / "lake/totals")) == 4
    assert sums(place / "lake/merged") == {
        "Oslo": "10.000000000",
        "Rome": "2.000000000",
        "Bonn": "1.000000000",
    }


def test_other_tables_are_replaced(run, place):
    for name in ("words", "analytics"):
        assert run(name).result.outcome == "SKIPPED"
        assert run(name, "--force").result.outcome == "COMMITTED"


def test_a_stream_of_words_goes_on(run, place):
    before = {row["word"]: row["count"] for row in rows_of(place / "lake/words_stream")}
    assert before == {"the": 3, "cat": 1, "and": 1, "dog": 1, "end": 1}
    same = run("words_stream")
    assert (same.result.outcome, same.result.warnings) == ("EMPTY", ()), same.result.error
    (place / "in/text/c.txt").write_text("the new\n")
    assert (run("words_stream").result.rows_read, run("words_stream").result.outcome) == (1, "EMPTY")
    after = {row["word"]: row["count"] for row in rows_of(place / "lake/words_stream")}
    assert after == {**before, "the": 4, "new": 1}


def values(path):
    return sorted(row["value"] for row in rows_of(path / "rows"))


def counted(path):
    return sum(row["count"] for row in rows_of(path / "groups"))


def test_a_series_goes_on(run, place):
    stream = place / "lake/series_stream"
    assert (run("series_stream").result.outcome, len(values(stream)), counted(stream)) == ("EMPTY", 8, 8)
    (place / "in/series/2.csv").write_text("timestamp,value,key\n2026-01-31T05:00:00,77,k0\n")
    assert run("series_stream").result.outcome == "COMMITTED"
    assert (len(values(stream)), values(stream)[-1], counted(stream)) == (9, 77.0, 9)


@pytest.mark.parametrize("removed", [False, True])
def test_a_stream_that_was_killed_between_two_tables_is_completed(run, place, removed):
    stream = place / "lake/killed_stream"
    expected = [float(number * 10 + minute) for number in range(3) for minute in range(4)]
    assert (values(stream), counted(stream)) == (expected, 8)
    if removed:
        (place / "in/killed/2.csv").unlink()
    on = run("killed_stream")
    assert (on.code, [table.name for table in on.result.tables]) == (0, ["groups"]), on.result.error
    assert (values(stream), counted(stream)) == (expected, 12)
    assert run("killed_stream").result.outcome == "EMPTY"


@pytest.fixture
def of_one_source(run_job, tmp_path):
    unpack(tmp_path, one_source.HERE)

    def ran(name, *more):
        job, *given = one_source.STREAMS[name]
        flags = [str(tmp_path / item) if item.startswith(("in/", "lake/")) else item for item in given]
        return run_job(job, *flags, *more)

    return ran


def test_streams_of_the_time_of_one_source_go_on_and_are_taken_back(of_one_source, tmp_path):
    stream = tmp_path / "lake/torn_stream"
    same = of_one_source("torn_stream")
    assert (same.code, same.result.outcome, same.result.batches) == (0, "EMPTY", 0), same.result.error
    (tmp_path / "in/torn/3.csv").write_text("timestamp,value,key\n2026-01-31T05:00:00,77,k0\n")
    assert of_one_source("torn_stream").result.rows_read == 1
    assert (len(values(stream)), values(stream)[-1], counted(stream)) == (9, 77.0, 9)
    with pytest.raises(SystemExit) as done:
        main(["stream", "reset", f"{stream}_checkpoint", "--to", "1", "--yes"])
    assert done.value.code == 0
    assert len(values(stream)) == 4
    assert of_one_source("torn_stream").result.batches == 2
    assert (len(values(stream)), values(stream)[-1], counted(stream)) == (9, 77.0, 9)
    assert of_one_source("killed_stream").code == 0
    assert (len(values(tmp_path / "lake/killed_stream")), counted(tmp_path / "lake/killed_stream")) == (
        12,
        12,
    )
