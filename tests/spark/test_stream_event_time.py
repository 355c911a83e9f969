"""Streams in the time of their rows: the same rows as batch and as stream, in slices out of order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest

from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.event_time.replay import plan_replay
from sparkjobs.streaming.folder import Folder
from tests.spark.conftest import rows_of
from tests.spark.stream_cases import at, cut_off, put, same, text

DELAY_S = 1800
WINDOWS = {
    "tumbling": ("--window", "1 hour"),
    "sliding": ("--window", "3 days", "--slide", "1 day"),
    "sessions": ("--session-gap", "10 minutes"),
}


NUMBERS = (0.25, -2.0, 9e15, 0.1, -3e-7, 0.0)


@dataclass(frozen=True)
class Event:
    """A row: when it happened, how much, whose."""

    second: int
    value: float
    key: str


def slices(seed, rows=24, parts=3):
    """Rows in an order whose disorder lies within DELAY_S, cut anywhere."""
    chance = Random(seed)
    span = 6 * 3600
    times = [chance.choice((chance.randint(-span, span), chance.randint(0, 900))) for _ in range(rows)]
    arrived = sorted(times, key=lambda second: second + chance.randint(0, DELAY_S))
    events = [Event(second, chance.choice(NUMBERS), chance.choice(("x", "y", ""))) for second in arrived]
    cuts = sorted({0, rows, *(chance.randint(1, rows - 1) for _ in range(parts - 1))})
    return chance, [events[start:end] for start, end in pairwise(cuts)]


def play(run_job, home, name, header, parts, flags, *, to="stream"):
    """Hand the slices to a stream, a run each, and all of them to the batch job."""
    where = ("--input", home / "in", "--output", home / to)
    late = 0
    for number, lines in enumerate(parts):
        put(home / "in", f"{number}.csv", header, lines)
        ran = run_job(f"{name}_stream", *where, *flags, "--watermark", f"{DELAY_S} seconds")
        assert ran.code == 0, ran.result.error
        late += ran.result.rows_late
    assert late == 0
    shared = [str(flag) for flag in flags if flag not in ("--time-column", "time")]
    whole = ("--input", home / "in", "--output", home / "batch", "--extra-columns", "ignore")
    ran = run_job(name, *whole, *shared)
    assert ran.code == 0, ran.result.error


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(WINDOWS)))
def test_groups_by_time(run_job, tmp_path, seed, kind):
    _, parts = slices(seed)
    lines = [[f"{text(at(e.second))},{e.value:.7f},{e.key}" for e in part] for part in parts]
    flags = ("--key-columns", "key", "--derive", "none", "--quantiles", "0.1,0.9", *WINDOWS[kind])
    play(run_job, tmp_path, "analytics", "timestamp,value,key", lines, flags)
    same(tmp_path / "stream" / "groups", tmp_path / "batch" / "groups", ("key", "window_start"))
    assert len(rows_of(tmp_path / "stream" / "rows")) == sum(map(len, parts))


def test_sums_by_key(run_job, tmp_path):
    chance, parts = slices(4)

    def number():
        return f"{chance.randint(-(10**27), 10**27)}.{chance.randint(0, 10**9 - 1):09}"

    lines = [[f"{text(at(e.second))},{number()},k{e.key}" for e in part] for part in parts]
    play(run_job, tmp_path, "sum_by_key", "time,value,id", lines, ("--time-column", "time"))
    same(tmp_path / "stream", tmp_path / "batch", ("id",))


def test_sessions_and_funnels_of_users(run_job, tmp_path):
    chance, parts = slices(5)
    kinds = ("view", "cart", "buy")
    lines = [
        [f"{e.key},{text(at(e.second))},{chance.choice(kinds)},i{e.second % 3},{e.value:.3f}" for e in part]
        for part in parts
    ]
    flags = ("--funnel-steps", "view,cart,buy", "--funnel-within", "2 hours", "--gap", "20 minutes")
    play(run_job, tmp_path, "behaviour", "user,time,kind,item,amount", lines, flags)
    same(tmp_path / "stream" / "sessions", tmp_path / "batch" / "sessions", ("user", "session"))
    same(tmp_path / "stream" / "funnel", tmp_path / "batch" / "funnel", ("step",))


@pytest.fixture
def series(run_job, tmp_path):
    """Put rows (second, value) into a file of their own and run the stream over what is there."""
    count = [0]

    def run(*rows, flags=("--watermark", "10 minutes", "--window", "1 hour"), name=None):
        if rows:
            lines = [f"{text(at(s))},{value}" for s, value in rows]
            put(tmp_path / "in", name or f"{count[0]}.csv", "timestamp,value", lines)
            count[0] += 1
        where = ("--input", tmp_path / "in", "--output", tmp_path / "out")
        return run_job("analytics_stream", *where, "--derive", "none", *flags)

    return run


def values(table):
    return sorted(row["value"] for row in rows_of(table))


def test_late_and_ahead_rows_are_put_aside_and_add_up(series, tmp_path):
    assert series((0, 1), (-86_400, 2)).result.rows_late == 0  # what lay there first is in no order
    ahead = 400 * 86_400
    ran = series((-599, 3), (-601, 4), (ahead, 5), (60, 6))
    result = ran.result
    assert (result.rows_read, result.rows_accepted, result.rows_quarantined, result.rows_late) == (4, 2, 0, 2)
    assert values(tmp_path / "out" / "rows") == [1.0, 2.0, 3.0, 6.0]
    late = {row["reason"]: row for row in rows_of(tmp_path / "out_late")}
    assert sorted(late) == ["ahead", "late"]
    assert set(late["late"]) == {"row", "reason", "watermark", "batch", "source"}
    assert json.loads(late["late"]["row"]) == {"timestamp": text(at(-601)), "value": 4.0}
    assert (late["late"]["watermark"], late["late"]["batch"]) == (at(-600), 1)
    assert late["late"]["source"] == f"{tmp_path}/in/1.csv"
    # The row that lies ahead has not moved the watermark: 60 s is the greatest accepted time.
    assert series((-539, 7), (-541, 8)).result.rows_late == 1
    assert series().result.outcome == "EMPTY"


def test_a_batch_all_late_writes_the_late_table_alone(series, tmp_path):
    series((0, 1))
    ran = series((-9_000, 2), (-9_001, 3))
    assert (ran.result.outcome, ran.result.rows_late, ran.result.rows_accepted) == ("COMMITTED", 2, 0)
    assert len(rows_of(tmp_path / "out_late")) == 2
    assert values(tmp_path / "out" / "rows") == [1.0]
    assert series((60, 4)).result.rows_late == 0


@pytest.mark.parametrize("table", ["late", "rows", "groups"])
def test_a_batch_cut_off_divides_its_rows_alike(series, tmp_path, monkeypatch, table):
    series((0, 1))
    cut_off(monkeypatch, table)
    assert series((3_600, 2), (-700, 3), (10, 4)).result.error.message == f"cut off at {table}"
    monkeypatch.undo()
    completed = series()
    assert (completed.code, completed.result.rows_late) == (0, 1), completed.result.error
    assert values(tmp_path / "out" / "rows") == [1.0, 2.0, 4.0]
    assert [row["reason"] for row in rows_of(tmp_path / "out_late")] == ["late"]
    assert {row["window_start"]: row["count"] for row in rows_of(tmp_path / "out" / "groups")} == {
        at(0): 2,
        at(3_600): 1,
    }


def test_late_rows_of_a_batch_cut_off_go_where_it_was_begun_to_put_them(series, tmp_path, monkeypatch):
    flags = ("--watermark", "10 minutes", "--window", "1 hour", "--max-bad-rows", "1")
    series((0, 1))
    cut_off(monkeypatch, "late")
    assert series((10, 2), (20, "no number"), (-700, 3), flags=flags).code == 1  # the bad row is written
    monkeypatch.undo()
    other = ("--late", tmp_path / "other", "--quarantine", tmp_path / "bad")
    ran = series(flags=(*flags, *other))
    assert (ran.code, ran.result.rows_late) == (0, 1), ran.result.error
    assert [row["reason"] for row in rows_of(tmp_path / "out_late")] == ["late"]
    assert len(rows_of(tmp_path / "out_quarantine")) == 1
    assert not (tmp_path / "bad").exists()
    assert values(tmp_path / "out" / "rows") == [1.0, 2.0]
    assert series((-700, 4), flags=(*flags, *other)).result.rows_late == 1
    assert len(rows_of(tmp_path / "other")) == 1


def test_groups_are_completed_without_the_file_that_the_rows_came_from(series, tmp_path, monkeypatch):
    series((0, 1))
    cut_off(monkeypatch, "groups")
    series((3_600, 2), (10, 3))
    monkeypatch.undo()
    (tmp_path / "in" / "1.csv").unlink()
    ran = series()
    assert (ran.code, [table.name for table in ran.result.tables]) == (0, ["groups"]), ran.result.error
    found = {row["window_start"]: row["count"] for row in rows_of(tmp_path / "out" / "groups")}
    assert found == {at(0): 2, at(3_600): 1}


def test_late_rows_are_taken_in_after_all_each_once(series, run_job, tmp_path):
    checkpoint, late = Folder(f"{tmp_path}/out_checkpoint", S3Settings()), f"{tmp_path}/out_late"
    precise = "0.1234567890123456"
    series((0, 1))
    series((-7_200.000001, precise), (-7_200, 2.5), (60, 3))
    planned = plan_replay(checkpoint, late)
    assert (planned.first, planned.last) == (0, 1)
    assert plan_replay(checkpoint, late) is None
    ran = series()
    assert (ran.result.rows_read, ran.result.rows_accepted, ran.result.rows_late) == (2, 2, 0)
    assert values(tmp_path / "out" / "rows") == [float(precise), 1.0, 2.5, 3.0]
    assert series((-541, 4)).result.rows_late == 1  # they have not moved the watermark
    assert plan_replay(checkpoint, late).first == 2
    assert series((61, 5)).result.rows_read == 2
    run_job("analytics", "--input", tmp_path / "in", "--output", tmp_path / "batch", "--derive", "none",
            "--window", "1 hour")  # fmt: skip
    same(tmp_path / "out" / "groups", tmp_path / "batch" / "groups", ("window_start",))


def test_rows_before_1970_and_without_the_flag_nothing_is_late(series, tmp_path):
    flags = ("--window", "1 day", "--timezone", "Asia/Kolkata")
    header = "timestamp,value"
    put(tmp_path / "in", "a.csv", header, ["1969-12-31T23:59:59.999999Z,1", "1970-01-01T00:00:00Z,2"])
    put(tmp_path / "in", "b.csv", header, ["1583-01-01T00:00:00Z,3", "2500-06-01T00:00:00Z,4"])
    ran = series(flags=flags)
    assert (ran.code, ran.result.rows_late) == (0, 0), ran.result.error
    ran = series((0, 5), name="c.csv", flags=flags)
    assert not (tmp_path / "out_late").exists()
    days = sorted(str(row["utc_day"]) for row in rows_of(tmp_path / "out" / "rows"))
    assert days == ["1583-01-01", "1969-12-31", "1970-01-01", "2026-01-31", "2500-06-01"]
    assert sorted(row["count"] for row in rows_of(tmp_path / "out" / "groups")) == [1] * 5


@pytest.mark.parametrize(
    ("job", "flags", "said"),
    [
        ("analytics_stream", ("--max-ahead", "1 hour"), "--max-ahead needs --watermark"),
        ("analytics_stream", ("--late", "/l"), "--late needs --watermark"),
        ("analytics_stream", ("--watermark", "soon"), "--watermark"),
        ("analytics_stream", ("--time-column", "a", "--timestamp-column", "b"), "differ"),
        ("analytics_stream", ("--session-gap", "1 hour", "--window", "1 hour"), "contradict"),
        ("analytics_stream", ("--window", "1 hour", "--key-columns", "utc_day"), "utc_day"),
        ("sum_by_key_stream", ("--watermark", "1 hour"), "--watermark needs --time-column"),
        ("sum_by_key_stream", ("--watermark", "1 hour", "--time-column", "id"), "key or the value"),
        ("wordcount_stream", ("--watermark", "1 hour", "--time-column", "t"), "no time"),
        ("behaviour_stream", ("--time-column", "t", "--map", "time=u"), "contradict"),
        ("behaviour_stream", ("--retention",), "retention"),
        ("behaviour_stream", ("--rfm",), "rfm"),
        ("behaviour_stream", ("--top-items",), "top_items"),
        ("behaviour_stream", ("--top", "3"), "top_items"),
        ("behaviour_stream", ("--cohort-period", "week"), "retention"),
    ],
)
def test_what_means_nothing_is_refused_by_name(run_job, tmp_path, job, flags, said):
    (tmp_path / "in").mkdir()
    ran = run_job(job, "--input", tmp_path / "in", "--output", tmp_path / "out", *flags)
    assert (ran.code, said in ran.result.error.message) == (2, True), ran.result.error
    assert not (tmp_path / "out_checkpoint").exists()


def test_words_in_time(run_job, tmp_path):
    flags = ("--format", "csv", "--text-column", "text", "--time-column", "t", "--watermark", "1 minute")
    for number, lines in enumerate([[f"{text(at(100))},a b"], [f"{text(at(0))},late", f"{text(at(90))},a"]]):
        put(tmp_path / "in", f"{number}.csv", "t,text", lines)
        ran = run_job("wordcount_stream", "--input", tmp_path / "in", "--output", tmp_path / "out", *flags)
        assert ran.code == 0, ran.result.error
    assert ran.result.rows_late == 1
    assert {row["word"]: row["count"] for row in rows_of(tmp_path / "out")} == {"a": 2, "b": 1}
