"""Tables changed from Python: one verified commit for each piece of work, and none for its repetition."""

from __future__ import annotations

import json

import pytest

from sparkjobs.errors import StaleWriteError, UsageError, WriteError
from sparkjobs.tables import edit
from tests.spark.conftest import rows_of


@pytest.fixture
def table(spark, tmp_path):
    """A table with the rows a 1, b 2, c 3."""
    path = str(tmp_path / "t")
    edit.write(spark, frame(spark, [("a", 1), ("b", 2), ("c", 3)]), path)
    return path


def frame(spark, rows):
    return spark.createDataFrame(rows, "k string, v bigint")


def content(path):
    return {row["k"]: row["v"] for row in rows_of(path)}


def versions(path):
    from deltalake import DeltaTable

    return len(DeltaTable(path).history())


def test_every_change_is_done_once_for_its_interval(spark, table):
    work = {"job": "clean", "interval": "2026-01-31"}
    calls = [
        lambda: edit.write(spark, frame(spark, [("d", 4)]), table, mode="append", **work),
        lambda: edit.merge(spark, frame(spark, [("a", 10), ("e", 5)]), table, ["k"], **work),
        lambda: edit.update_where(spark, table, {"v": "v * 2"}, "k = 'b'", **work),
        lambda: edit.delete_where(spark, table, "v = 3", **work),
    ]
    for number, call in enumerate(calls, start=1):
        first, again = call(), call()
        assert (first.skipped, again.skipped) == (False, True)
        assert first.commit.version == again.commit.version == number
        assert first.commit.metadata["interval"] == "2026-01-31"
    assert content(table) == {"a": 10, "b": 4, "d": 4, "e": 5}
    assert versions(table) == 5


def test_without_an_interval_each_call_is_work_of_its_own(spark, table):
    for _ in range(2):
        assert not edit.update_where(spark, table, {"v": "v + 1"}, "true").skipped
    assert content(table) == {"a": 3, "b": 4, "c": 5}


def test_a_change_of_no_row_makes_no_commit(spark, table):
    for _ in range(2):
        done = edit.delete_where(spark, table, "v > 100", job="clean", interval="2026-01-31")
        assert (done.commit, done.skipped) == (None, False)
    assert versions(table) == 1


def test_commits_say_who_and_no_identity_leaks_into_later_ones(spark, table):
    edit.delete_where(spark, table, "k = 'a'", job="clean")
    spark.sql(f"UPDATE delta.`{table}` SET v = 0")
    from deltalake import DeltaTable

    newest, ours = DeltaTable(table).history(2)
    assert newest.get("userMetadata") is None
    assert json.loads(ours["userMetadata"])["job"] == "clean"
    assert not [
        key
        for key in ("txnAppId", "txnVersion")
        if spark.conf.get(f"spark.databricks.delta.write.{key}", None)
    ]


def test_replace_touches_only_its_interval(spark, tmp_path):
    path = str(tmp_path / "t")

    def day(text, value):
        return spark.createDataFrame([(text, value)], "d string, v bigint").selectExpr(
            "timestamp(d) AS d", "v"
        )

    edit.write(spark, day("2026-01-30", 1).union(day("2026-01-31", 2)), path)
    done = edit.write(
        spark, day("2026-01-31", 20), path, mode="replace", interval="2026-01-31", interval_column="d"
    )
    assert sorted(row["v"] for row in rows_of(path)) == [1, 20]
    assert done.commit.rows_written == 1


def test_a_dropped_change_is_not_taken_for_done(spark, table, monkeypatch):
    """Delta passes over a transaction version that is not above the last one, silently."""
    edit.delete_where(spark, table, "k = 'a'", job="clean")
    monkeypatch.setattr(edit, "transaction", lambda *_: ("clean", 1))
    with pytest.raises(StaleWriteError, match="shows no commit"):
        edit.delete_where(spark, table, "k = 'b'", job="clean")
    assert content(table) == {"b": 2, "c": 3}


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda s, t: edit.write(s, frame(s, []), t, mode="append"), UsageError, "needs an interval"),
        (lambda s, t: edit.write(s, frame(s, []), t, mode="upsert"), UsageError, "upsert"),
        (lambda s, t: edit.merge(s, frame(s, [("a", 1)]), t, ["x"]), UsageError, "no column 'x'"),
        (lambda s, t: edit.merge(s, frame(s, [("a", 1), ("a", 2)]), t, ["k"]), WriteError, "k = 'a'"),
        (lambda s, t: edit.delete_where(s, t, " "), UsageError, "condition is empty"),
        (lambda s, t: edit.delete_where(s, t, "nope = 1"), UsageError, "nope"),
        (lambda s, t: edit.delete_where(s, t, "v = = 1"), UsageError, "cannot be done"),
        (lambda s, t: edit.update_where(s, t, {}, "true"), UsageError, "nothing to set"),
        (lambda s, t: edit.update_where(s, t + "x", {"v": "1"}, "true"), WriteError, "not a Delta table"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(spark, table, call, error, said):
    with pytest.raises(error, match=said):
        call(spark, table)
    assert versions(table) == 1


def test_an_interval_with_other_rows_asked_for_is_refused(spark, table):
    work = {"mode": "append", "job": "load", "interval": "2026-01-31"}
    edit.write(spark, frame(spark, [("d", 4)]), table, **work)
    with pytest.raises(WriteError, match="is in the table already"):
        edit.write(spark, frame(spark, [("d", 4)]), table, **work, keys=["k"])
