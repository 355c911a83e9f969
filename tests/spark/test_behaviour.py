"""behaviour: each table against plain Python or DuckDB; the shop's own rules on real days."""

from __future__ import annotations

import json
import random
import tarfile
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.batch.behaviour import TABLES
from tests.spark.conftest import rows_of

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
EVENT_DDL = "user string, time timestamp, kind string, item string, amount decimal(38,2)"


def write_events(path, lines):
    path.write_text("\n".join(["user,time,kind,item,amount", *lines]) + "\n")
    return path


def events_frame(spark, events):
    rows = [
        (user, START + timedelta(seconds=at), kind, item, Decimal(amount))
        for user, at, kind, item, amount in events
    ]
    return spark.createDataFrame(rows, EVENT_DDL)


SMALL = [
    "a,2026-01-01T10:00:00,view,x,",
    "a,2026-01-01T10:30:00,cart,x,",
    "a,2026-01-01T11:00:00.000001,buy,x,2.50",
    "b,2026-01-01T10:00:00,view,y,",
    "b,2026-01-01T10:00:00,cart,y,",
    "b,2026-02-03T10:00:00,buy,x,1.25",
    ",2026-01-02T10:00:00,buy,z,100",
    "c,2026-01-05T00:00:00,back,x,-0.75",
]


def run_small(run_job, tmp_path, *flags):
    source = write_events(tmp_path / "events.csv", SMALL)
    return run_job("behaviour", "--input", source, "--output", tmp_path / "out", *flags)


def test_all_tables_of_a_small_input(run_job, tmp_path):
    from deltalake import DeltaTable

    flags = ("--funnel-steps", "view,cart,buy", "--funnel-within", "1 hour", "--refund-kinds", "back")
    ran = run_small(run_job, tmp_path, *flags, "--scale", "2")
    assert ran.code == 0, ran.result.error
    assert ran.result.rows_accepted == 8
    assert [table.name for table in ran.result.tables] == list(TABLES)
    assert any(warning.startswith("1 rows have no user") for warning in ran.result.warnings)
    tables = {name: rows_of(tmp_path / "out" / name) for name in TABLES}
    # 30 minutes are not greater than the gap, one microsecond more is.
    assert {(r["user"], r["session"], r["events"], r["items"], r["amount"]) for r in tables["sessions"]} == {
        ("a", 1, 2, 1, Decimal(0)),
        ("a", 2, 1, 1, Decimal("2.50")),
        ("b", 1, 2, 1, Decimal(0)),
        ("b", 2, 1, 1, Decimal("1.25")),
        ("c", 1, 1, 1, Decimal("-0.75")),
    }
    # b's cart is not later than the view; a's buy is a microsecond past the hour.
    assert [(r["step"], r["kind"], r["users"]) for r in tables["funnel"]] == [
        (1, "view", 2),
        (2, "cart", 1),
        (3, "buy", 0),
    ]
    assert tables["funnel"][2]["share_of_previous"] == 0.0
    assert {(str(r["cohort"]), r["period"], r["users"], r["cohort_size"]) for r in tables["retention"]} == {
        ("2026-01-01", 0, 3, 3),
        ("2026-01-01", 1, 1, 3),
    }
    # c has nothing but a refund: no row. z has no user but an amount.
    assert {(r["user"], r["recency_days"], r["frequency"], r["monetary"]) for r in tables["rfm"]} == {
        ("a", 32, 3, Decimal("2.50")),
        ("b", 0, 2, Decimal("1.25")),
    }
    top = {
        (r["ranking"], r["rank"], r["item"], r["count"], r["amount"], r["users"]) for r in tables["top_items"]
    }
    assert top == {
        ("count", 1, "x", 4, Decimal("3.00"), 2),
        ("count", 2, "y", 2, Decimal(0), 1),
        ("count", 3, "z", 1, Decimal(100), 0),
        ("amount", 1, "z", 1, Decimal(100), 0),
        ("amount", 2, "x", 4, Decimal("3.00"), 2),
        ("amount", 3, "y", 2, Decimal(0), 1),
    }
    before = {name: DeltaTable(str(tmp_path / "out" / name)).schema() for name in TABLES}
    empty = write_events(tmp_path / "none.csv", [])
    ran = run_job(
        "behaviour", "--input", empty, "--output", tmp_path / "out", "--allow-empty", "--scale", "2"
    )
    assert ran.result.outcome == "EMPTY", ran.result.error
    assert {name: DeltaTable(str(tmp_path / "out" / name)).schema() for name in TABLES} == before
    assert all(rows_of(tmp_path / "out" / name) == [] for name in TABLES)


def test_expressions_constants_and_types_by_flags(run_job, tmp_path):
    source = tmp_path / "clicks.jsonl"
    lines = [
        {"who": 7, "ms": 1767261600000, "n": 3, "price": 0.10},
        {"who": 7, "ms": 1767261601000, "n": 1, "price": 5},
    ]
    source.write_text("\n".join(json.dumps(line) for line in lines))
    ran = run_job(
        "behaviour", "--format", "jsonl", "--input", source, "--output", tmp_path / "out",
        "--map", "user=concat('u', who)", "--map", "time=timestamp_millis(ms)", "--map", "kind='buy'",
        "--map", "item=NULL", "--map", "amount=n * price", "--types", "ms:bigint,n:bigint,price:decimal(9,2)",
    )  # fmt: skip
    assert ran.code == 0, ran.result.error
    session = rows_of(tmp_path / "out" / "sessions")[0]
    assert (session["user"], session["events"], session["amount"]) == ("u7", 2, Decimal("5.3"))
    assert session["started"] == datetime(2026, 1, 1, 10, tzinfo=timezone.utc)
    assert rows_of(tmp_path / "out" / "top_items") == []
    assert any("2 rows have no item" in warning for warning in ran.result.warnings)


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--map", "user=reflect('java.lang.System', 'exit', 0)"), 2, "reflect"),
        (("--map", "amount=(select 1)"), 2, "field amount"),
        (("--map", "amount=item"), 2, "not a number"),
        (("--map", "time=upper(item)"), 2, "not a time"),
        (("--map", "time=absent"), 1, "'absent'"),
        (("--map", "time=if(kind = 'buy', NULL, timestamp'2026-01-01')"), 1, "no time for 3 rows"),
        (("--mapping", "absent.json"), 2, "absent.json"),
        (("--gap", "1 month"), 2, "--gap"),
        (("--rfm-reference", "soon"), 2, "--rfm-reference"),
        (("--count-kinds", "buy", "--refund-kinds", "buy"), 2, "'buy'"),
    ],
)  # fmt: skip
def test_refusals_name_the_place(run_job, tmp_path, flags, code, said):
    ran = run_small(run_job, tmp_path, *flags, "--extra-columns", "ignore")
    assert ran.code == code
    assert said in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_bad_rows_and_rfm_as_of_a_moment_in_the_time_zone(run_job, tmp_path):
    bad = ["a,,view,x,1", "a,soon,view,x,1", "a,2026-01-01,view,x,1e3"]
    source = write_events(tmp_path / "events.csv", [*SMALL, *bad])
    flags = ("--rfm-reference", "2026-01-03T10:00", "--timezone", "Asia/Tokyo")
    arguments = ("--input", source, "--output", tmp_path / "out", *flags)
    assert run_job("behaviour", *arguments).code == 1
    ran = run_job("behaviour", *arguments, "--max-bad-rows", "3")
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (11, 3)
    assert len(rows_of(str(tmp_path / "out") + "_quarantine")) == 3
    assert any("later than --rfm-reference" in warning for warning in ran.result.warnings)
    found = {
        row["user"]: (row["recency_days"], row["frequency"]) for row in rows_of(tmp_path / "out" / "rfm")
    }
    # b's purchase of February and c's event of the 5th are later than the reference.
    assert found == {"a": (1, 3), "b": (2, 1)}


def depth_of(events, steps, within):
    """The last step of a user's best run: every start, every continuation."""
    best = 0
    reached = [(at, at) for at, kind in events if kind == steps[0]]
    for number, step in enumerate(steps[1:], 2):
        best = max(best, number - 1) if reached else best
        reached = list({(at, start) for last, start in reached for at, kind in events
                        if kind == step and last < at <= start + within})  # fmt: skip
    return len(steps) if reached else best


moments = st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=12)


@settings(max_examples=8)
@given(
    users=st.lists(moments, min_size=1, max_size=40),
    steps=st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
    within=st.integers(1, 20),
)
def test_the_funnel_finds_the_best_run(spark, users, steps, within):
    from sparkjobs.transforms.funnel import funnel

    rows = [(str(number), at, kind, "i", 0) for number, events in enumerate(users) for at, kind in events]
    found = [row.users for row in funnel(events_frame(spark, rows), steps, within).orderBy("step").collect()]
    depths = [depth_of(events, steps, within) for events in users]
    assert found == [sum(depth >= step for depth in depths) for step in range(1, len(steps) + 1)]


@settings(max_examples=6)
@given(users=st.lists(moments, min_size=1, max_size=40), gap=st.integers(1, 10))
def test_sessions_are_cut_where_the_pause_is_longer(spark, users, gap):
    from sparkjobs.transforms.sessions import sessions

    rows = [(str(number), at, kind, kind, 1) for number, events in enumerate(users) for at, kind in events]
    found = sessions(events_frame(spark, rows), gap, "decimal(38,2)").collect()
    expected = set()
    for number, events in enumerate(users):
        times, session = sorted(at for at, _ in events), []
        count = 0
        for place, at in enumerate(times):
            session.append(at)
            if place + 1 == len(times) or times[place + 1] - at > gap:
                count += 1
                expected.add((str(number), count, len(session), float(session[-1] - session[0])))
                session = []
    assert {(row.user, row.session, row.events, row.seconds) for row in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(("period", "step"), [("day", 1), ("week", 7)])
def test_retention_counts_periods_from_the_first(spark, period, step):
    from sparkjobs.transforms.retention import retention

    chosen = random.Random(5)
    rows = [(str(chosen.randrange(30)), chosen.randrange(60) * 86_400, "k", "i", 0) for _ in range(300)]
    active = defaultdict(set)
    for user, at, *_ in rows:
        day = (START + timedelta(seconds=at)).date()
        active[user].add(day - timedelta(days=day.weekday()) if period == "week" else day)
    users, sizes = defaultdict(int), defaultdict(int)
    for days in active.values():
        sizes[min(days)] += 1
        for day in days:
            users[min(days), (day - min(days)).days // step] += 1
    found = retention(events_frame(spark, rows), period).collect()
    assert {(r.cohort, r.period): (r.users, r.cohort_size, r.share) for r in found} == {
        key: (count, sizes[key[0]], count / sizes[key[0]]) for key, count in users.items()
    }


@pytest.fixture(scope="session")
def retail(shared, tmp_path_factory):
    """The shop's days, unpacked."""
    archives = sorted((shared / "data" / "retail").glob("*.tar.gz"))
    if not archives:
        pytest.skip("no retail data in the shared folder")
    folder = tmp_path_factory.mktemp("retail")
    for archive in archives:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder


EVENTS_SQL = """
CREATE TABLE events AS SELECT
  nullif(regexp_replace(CustomerID, '\\.0$', ''), '') AS "user", InvoiceDate::timestamp AS "time",
  CASE WHEN InvoiceNo LIKE 'C%' THEN 'cancel' WHEN InvoiceNo LIKE 'A%' OR Quantity::int < 0 THEN 'adjust'
       WHEN UnitPrice::decimal(18,4) <= 0 THEN 'gift' ELSE 'purchase' END AS kind,
  StockCode AS item, Quantity::int * UnitPrice::decimal(18,4) AS amount
FROM read_csv('{}', all_varchar = true, union_by_name = true)
"""

ORACLES = {
    "sessions": """
        WITH paused AS (
            SELECT *, coalesce("time" - lag("time") OVER w <= INTERVAL 30 MINUTE, false) AS goes_on
            FROM events WHERE "user" IS NOT NULL WINDOW w AS (PARTITION BY "user" ORDER BY "time")),
        numbered AS (
            SELECT *, count(*) FILTER (NOT goes_on) OVER (PARTITION BY "user" ORDER BY "time") AS session
            FROM paused)
        SELECT "user", session, min("time"), max("time"), count(*), count(DISTINCT item), sum(amount)
        FROM numbered GROUP BY ALL""",
    "funnel": """
        SELECT 1, 'purchase', count(DISTINCT "user") FROM events WHERE kind = 'purchase'
        UNION ALL
        SELECT 2, 'cancel', count(DISTINCT a."user") FROM events a JOIN events b ON a."user" = b."user"
        WHERE a.kind = 'purchase' AND b.kind = 'cancel' AND b."time" > a."time"
          AND b."time" <= a."time" + INTERVAL 7 DAY""",
    "retention": """
        WITH active AS (SELECT DISTINCT "user", date_trunc('month', "time")::date AS began FROM events
                        WHERE "user" IS NOT NULL),
        first AS (SELECT "user", min(began) AS cohort FROM active GROUP BY ALL),
        size AS (SELECT cohort, count(*) AS cohort_size FROM first GROUP BY ALL)
        SELECT cohort, date_diff('month', cohort, began), count(*), any_value(cohort_size)
        FROM active JOIN first USING ("user") JOIN size USING (cohort) GROUP BY ALL""",
    "rfm": """
        WITH users AS (
            SELECT "user", max("time") FILTER (kind = 'purchase') AS last_time,
                   count(DISTINCT "time") FILTER (kind = 'purchase') AS frequency, sum(amount) AS monetary
            FROM events WHERE "user" IS NOT NULL AND kind IN ('purchase', 'cancel') GROUP BY ALL),
        aged AS (
            SELECT *, floor((epoch((SELECT max("time") FROM events)) - epoch(last_time)) / 86400) AS recency
            FROM users WHERE last_time IS NOT NULL)
        SELECT "user", last_time, recency, frequency, monetary,
               least(5, floor(percent_rank() OVER (ORDER BY recency DESC) * 5) + 1),
               least(5, floor(percent_rank() OVER (ORDER BY frequency) * 5) + 1),
               least(5, floor(percent_rank() OVER (ORDER BY monetary) * 5) + 1)
        FROM aged""",
    "top_items": """
        WITH items AS (
            SELECT item, count(*) FILTER (kind = 'purchase') AS n, sum(amount) AS amount,
                   count(DISTINCT "user") FILTER (kind = 'purchase') AS users
            FROM events WHERE kind IN ('purchase', 'cancel') GROUP BY ALL HAVING n > 0),
        ranked AS (SELECT *, row_number() OVER (ORDER BY n DESC, item) AS by_count,
                          row_number() OVER (ORDER BY amount DESC, item) AS by_amount FROM items)
        SELECT 'count', by_count, item, n, amount, users FROM ranked WHERE by_count <= 100
        UNION ALL SELECT 'amount', by_amount, item, n, amount, users FROM ranked WHERE by_amount <= 100""",
}
COLUMNS = {
    "sessions": "user session started ended events items amount",
    "funnel": "step kind users",
    "retention": "cohort period users cohort_size",
    "rfm": "user last_time recency_days frequency monetary r f m",
    "top_items": "ranking rank item count amount users",
}


def plain(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@pytest.mark.slow
def test_the_shop_as_duckdb_sees_it(run_job, retail, tmp_path):
    ran = run_job("behaviour", "--input", retail, "--mapping", "retail", "--output", tmp_path / "out")
    assert ran.code == 0, ran.result.error
    peer = duckdb.connect()
    peer.execute(EVENTS_SQL.format(retail / "*.csv"))
    missing = peer.execute('SELECT count(*) FILTER ("user" IS NULL), count(*) FROM events').fetchone()
    assert missing[0] > 0
    assert ran.result.rows_accepted == missing[1]
    assert any(warning.startswith(f"{missing[0]} rows have no user") for warning in ran.result.warnings)
    for name, query in ORACLES.items():
        expected = peer.execute(query).fetchall()
        found = [
            tuple(plain(row[column]) for column in COLUMNS[name].split())
            for row in rows_of(tmp_path / "out" / name)
        ]
        assert len(found) == len(expected) > 0, name
        assert set(found) == set(expected), name
    assert not any("." in row["user"] for row in rows_of(tmp_path / "out" / "rfm"))
    assert len({row["rfm"] for row in rows_of(tmp_path / "out" / "rfm")}) > 50


@pytest.mark.parametrize(
    "values",
    [
        [7],
        [5, 5],
        [3, 1],
        [2, 2, 2, 9],
        list(range(-50, 50)),
        [n * n % 37 for n in range(200)],
        [0] * 96 + [1, 2, 3, 4],
    ],
)
def test_a_fifth_is_that_of_the_percent_rank(spark, values):
    from sparkjobs.transforms.rfm import with_fifths

    rows = spark.createDataFrame([(value, -value) for value in values], "a bigint, b bigint")
    found = with_fifths(rows, {"up": rows["a"], "down": rows["b"].cast("decimal(38,2)")}).collect()

    def fifth(value, others):
        return min(5, 5 * sum(other < value for other in others) // max(1, len(others) - 1) + 1)

    assert sorted(map(tuple, found)) == sorted(
        (value, -value, fifth(value, values), fifth(-value, [-other for other in values])) for value in values
    )
