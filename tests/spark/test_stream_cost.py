"""A batch costs what it brings: only the windows, keys and users that it touches are computed again."""

from __future__ import annotations

import json

import pytest
from deltalake import DeltaTable

from sparkjobs.streaming.compaction import Compaction
from tests.spark.conftest import rows_of
from tests.spark.stream_cases import at, put, same, text

DAY_S = 86_400


@pytest.fixture
def stream(run_job, tmp_path):
    def run(job, *flags):
        return run_job(job, "--input", tmp_path / "in", "--output", tmp_path / "out", *flags)

    return run


def lose_data(table):
    """Take a table's files of data away, so that whatever reads one fails."""
    for file in table.rglob("*.parquet"):
        if "_delta_log" not in str(file):
            file.unlink()


@pytest.mark.parametrize(
    "flags", [("--window", "1 hour"), pytest.param(("--session-gap", "1 hour"), marks=pytest.mark.slow)]
)
def test_neither_rows_nor_groups_of_other_days_are_read(stream, tmp_path, flags):
    def day(number, *seconds):
        lines = [f"{text(at(number * DAY_S + s))},{s},k" for s in seconds]
        put(tmp_path / "in", f"{number}-{len(seconds)}.csv", "timestamp,value,key", lines)
        return stream("analytics_stream", "--key-columns", "key", "--derive", "none", *flags)

    assert day(0, 0, 4_000).code == 0
    lose_data(tmp_path / "out")
    assert day(2, 0, 10, 9_000).code == 0
    ran = day(2, 20)
    assert ran.code == 0, ran.result.error
    log = DeltaTable(str(tmp_path / "out" / "groups")).history(1)[0]["operationMetrics"]
    assert int(log["numTargetRowsUpdated"]) == 1
    assert int(log["numTargetRowsInserted"]) == 0


def test_of_one_day_files_of_other_times_are_passed_over(stream, tmp_path):
    """What version 0.1.0 made has no days; the files' own statistics tell what need not be read."""
    for number in range(3):
        lines = [f"{text(at(number * 3_600 + s))},{s}" for s in (0, 1_800)]
        put(tmp_path / "in", f"{number}.csv", "timestamp,value", lines)
        ran = stream("analytics_stream", "--window", "1 hour", "--derive", "none")
        assert ran.code == 0, ran.result.error
        lose_data(tmp_path / "out")


def test_sums_stay_exact_to_the_last_of_38_digits(stream, run_job, tmp_path):
    most = "9" * 29
    parts = [[f"a,{most}.999999998", "b,0.000000001"], ["a,0.000000001", "b,-0.000000003", ",1"], ["b,5"]]
    for number, lines in enumerate(parts):
        put(tmp_path / "in", f"{number}.csv", "id,value", lines)
        assert stream("sum_by_key_stream", "--max-bad-rows", "1").code == 0
    run_job("sum_by_key", "--input", tmp_path / "in", "--output", tmp_path / "batch", "--max-bad-rows", "1")
    same(tmp_path / "out", tmp_path / "batch", ("id",))
    assert {row["id"]: str(row["sum"]) for row in rows_of(tmp_path / "out")}["a"] == f"{most}.999999999"
    put(tmp_path / "in", "more.csv", "id,value", ["a,0.000000001", "b,1"])
    ran = stream("sum_by_key_stream")
    assert (ran.code, ran.result.outcome) == (1, "FAILED")
    whole = ("sum_by_key", "--input", tmp_path / "in", "--output", tmp_path / "other", "--max-bad-rows", "1")
    assert run_job(*whole).code == 1
    assert {row["id"]: str(row["sum"]) for row in rows_of(tmp_path / "out")}["b"] == "4.999999998"


@pytest.mark.slow
def test_sessions_that_a_later_row_joins_become_one(stream, run_job, tmp_path):
    parts = [[(0, "k"), (1_000, "k"), (2_000, "k"), (0, "")], [(500, "k")], [(1_500, "k"), (700, "")]]
    for number, rows in enumerate(parts):
        lines = [f"{text(at(s))},1,{key}" for s, key in rows]
        put(tmp_path / "in", f"{number}.csv", "timestamp,value,key", lines)
        flags = ("--session-gap", "500 seconds", "--key-columns", "key", "--derive", "none")
        assert stream("analytics_stream", *flags).code == 0
    assert run_job("analytics", "--input", tmp_path / "in", "--output", tmp_path / "batch", *flags).code == 0
    same(tmp_path / "out" / "groups", tmp_path / "batch" / "groups", ("key", "window_start"))
    found = {(row["key"], row["window_start"]): row["count"] for row in rows_of(tmp_path / "out" / "groups")}
    # A pause of exactly the gap ends no session.
    assert found == {("k", at(0)): 5, (None, at(0)): 1, (None, at(700)): 1}


@pytest.mark.slow
def test_a_late_event_joins_two_sessions_of_its_user_and_touches_no_other(stream, run_job, tmp_path):
    header = "user,time,kind,item,amount"
    flags = ("--gap", "10 minutes", "--funnel-steps", "view,buy")
    first = [("a", 0, "view"), ("a", 1_200, "buy"), ("b", 0, "buy")]
    parts = [first, [("a", 600, "view")], [("b", -5, "view")], [("c", 0, "other")]]
    for number, rows in enumerate(parts):
        put(tmp_path / "in", f"{number}.csv", header, [f"{u},{text(at(s))},{k},i,1" for u, s, k in rows])
        ran = stream("behaviour_stream", *flags)
        assert ran.code == 0, ran.result.error
    batch = ("behaviour", "--input", tmp_path / "in", "--output", tmp_path / "batch", *flags)
    assert run_job(*batch).code == 0
    for table, keys in (("sessions", ("user", "session")), ("funnel", ("step",))):
        same(tmp_path / "out" / table, tmp_path / "batch" / table, keys)
    assert {(row["user"], row["session"]) for row in rows_of(tmp_path / "out" / "sessions")} == {
        ("a", 1),
        ("b", 1),
        ("c", 1),
    }


def files(table):
    return len(DeltaTable(str(table)).file_uris())


def test_small_files_are_put_together_between_batches(stream, tmp_path, monkeypatch):
    flags = ("analytics_stream", "--window", "1 hour", "--derive", "none", "--compact-every", "3")
    for number in range(4):
        put(tmp_path / "in", f"{number}.csv", "timestamp,value", [f"{text(at(number))},{number}"])
        if number == 2:
            reader = DeltaTable(str(tmp_path / "out" / "rows"))  # who began to read before
            monkeypatch.setattr(Compaction, "after", cut_off_after(Compaction.after))
        ran = stream(*flags)
        if number == 2:
            assert ran.result.error.message == "killed"
            monkeypatch.undo()
            assert files(tmp_path / "out" / "rows") == 1
            assert stream(*flags).result.rows_read == 0  # the tables hold the batch
        assert ran.code == (number == 2), ran.result.error
    rows = tmp_path / "out" / "rows"
    assert (files(rows), len(rows_of(rows)), reader.to_pyarrow_table().num_rows) == (2, 4, 2)
    assert [row["count"] for row in rows_of(tmp_path / "out" / "groups")] == [4]
    optimized = [entry for entry in DeltaTable(str(rows)).history() if entry["operation"] == "OPTIMIZE"]
    assert len(optimized) == 1
    done = [action.get("add") or action.get("remove") for action in actions(rows, optimized[0]["version"])]
    assert [file["dataChange"] for file in done if file] == [False] * 4


def cut_off_after(real):
    def after(self, batch):
        real(self, batch)
        raise RuntimeError("killed")

    return after


def actions(table, version):
    log = (table / "_delta_log" / f"{version:020}.json").read_text()
    return [json.loads(line) for line in log.splitlines()]
