"""behaviour on tables: the pass that takes stock refuses every bad row, and later ones check no more."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkjobs.batch import behaviour
from sparkjobs.ingest.intake import Unsettled
from sparkjobs.transforms import events as events_module
from tests.spark.conftest import rows_of

ROWS = 300
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
CONSTANTS = {
    "user": "'u'",
    "time": "timestamp'2026-01-01'",
    "kind": "'buy'",
    "item": "'i'",
    "amount": "1",
}


def write_events(folder: Path, **last: Any) -> Path:
    """Two files of ``ROWS`` events; ``last`` are values of the last one."""
    folder.mkdir()
    for number in (0, 1):
        rows: list[dict[str, Any]] = [
            {
                "user": f"u{n % 20}",
                "time": START + timedelta(minutes=n),
                "kind": b"view",
                "item": f"i{n % 9}",
                "amount": Decimal(n).scaleb(-2),
                "other": float(n),
            }
            for n in range(ROWS)
        ]
        if number:
            rows[-1] |= last
        schema = pa.schema(
            {
                "user": pa.string(),
                "time": pa.timestamp("us", "UTC"),
                "kind": pa.binary(),
                "item": pa.string(),
                "amount": pa.decimal128(12, 2),
                "other": pa.float64(),
            }
        )
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{number}.parquet", row_group_size=70)
    return folder


def run_behaviour(run_job: Any, folder: Path, out: Path, *flags: str) -> Any:
    places = ("--input", folder, "--format", "parquet", "--output", out)
    return run_job("behaviour", *places, "--extra-columns", "ignore", *flags)


def constants(*names: str) -> tuple[str, ...]:
    return tuple(part for name in names for part in ("--map", f"{name}={CONSTANTS[name]}"))


NO_NUMBER = {"other": float("nan")}


@pytest.mark.parametrize(
    ("last", "flags", "reason"),
    [
        ({"kind": b"\xff"}, (), "kind: "),
        ({"kind": b"\xff", "user": None}, (), "kind: "),
        ({"kind": b"\xff", "user": None, "item": None}, ("--funnel-steps", "view,cart"), "kind: "),
        ({"time": None}, (), "time: missing"),
        ({"time": None, "user": ""}, (), "time: missing"),
        (NO_NUMBER, ("--types", "other:double"), "other: "),
        (NO_NUMBER, ("--types", "other:double", *constants("user", "time", "item")), "other: "),
        (NO_NUMBER, ("--types", "other:double", *constants(*CONSTANTS)), "other: "),
    ],
)
def test_a_bad_row_ends_the_pass_that_takes_stock(run_job, tmp_path, monkeypatch, last, flags, reason):
    looked: list[bool] = []
    explain = Unsettled.explain
    monkeypatch.setattr(Unsettled, "explain", lambda *given: looked.append(True) or explain(*given))
    monkeypatch.setattr(behaviour, "_tables", lambda *_: pytest.fail("the bad row was passed over"))
    ran = run_behaviour(run_job, write_events(tmp_path / "in", **last), tmp_path / "out", *flags)
    assert (ran.code, ran.result.error.cls, looked) == (1, "BadRowsError", [True]), ran.result
    assert f"1 of {2 * ROWS} rows are bad" in ran.result.error.message
    assert reason in ran.result.error.message
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (2 * ROWS, 1)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mode", ["overwrite", "append", "merge"])
def test_the_stock_tells_how_many_rows_were_read(run_job, tmp_path, mode):
    folder = write_events(tmp_path / "in", user="", item=None)
    flags = ("--mode", mode, "--scale", "2")
    ran = run_behaviour(run_job, folder, tmp_path / "out", *flags, "--interval", "2026-01-01")
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_accepted) == (2 * ROWS, 2 * ROWS)
    for what in ("user", "item"):
        assert any(warning.startswith(f"1 rows have no {what}") for warning in ran.result.warnings)
    assert sum(row["events"] for row in rows_of(tmp_path / "out" / "sessions")) == 2 * ROWS - 1
    total = 2 * sum(range(ROWS)) - (ROWS - 1)
    assert sum(row["amount"] for row in rows_of(tmp_path / "out" / "sessions")) == Decimal(total).scaleb(-2)


def test_the_tables_check_nothing_that_the_stock_has_proven(run_job, tmp_path, monkeypatch):
    plans: list[str] = []
    made = behaviour._tables

    def tables(*given: Any) -> Any:
        outputs = made(*given)
        plans.extend(output.rows._jdf.queryExecution().optimizedPlan().toString() for output in outputs)
        return outputs

    monkeypatch.setattr(behaviour, "_tables", tables)
    ran = run_behaviour(run_job, write_events(tmp_path / "in"), tmp_path / "out", "--funnel-steps", "view")
    assert ran.code == 0, ran.result.error
    assert len(plans) == 5
    assert not [plan for plan in plans if "raise_error" in plan]


def test_no_time_by_an_expression_is_refused_before_anything_is_written(run_job, tmp_path):
    folder = write_events(tmp_path / "in", user=None)
    times = "time=if(user is null or item = 'i1', null, time)"
    ran = run_behaviour(run_job, folder, tmp_path / "out", "--map", times, "--types", "time:timestamp")
    assert (ran.code, ran.result.error.cls) == (1, "DataError")
    assert f"no time for {2 * len(range(1, ROWS, 9)) + 1} rows" in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_a_file_that_changes_after_the_stock_leaves_no_commit(run_job, tmp_path, monkeypatch):
    folder = write_events(tmp_path / "in")
    take = events_module.take_stock

    def then_change(*given: Any) -> Any:
        stock = take(*given)
        path = folder / "1.parquet"
        found = path.stat()
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))
        return stock

    monkeypatch.setattr(events_module, "take_stock", then_change)
    ran = run_behaviour(run_job, folder, tmp_path / "out")
    assert ran.code == 1
    assert "1.parquet has changed while the run read it" in ran.result.error.message
    assert not list(tmp_path.glob("out/**/_delta_log/*.json"))


def test_an_expression_sees_the_amount_of_the_type_that_it_was_told(spark):
    from sparkjobs.transforms.events import columns_to_read
    from sparkjobs.transforms.mapping import EventMapping

    def narrow(**expressions):
        mapping = EventMapping().override(tuple(f"{name}={text}" for name, text in expressions.items()), {})
        return [column.name for column in columns_to_read(spark, mapping, 2) if column.narrow]

    assert narrow() == narrow(kind="coalesce(kind, 'none')") == ["amount"]
    assert narrow(kind="cast(amount as string)") == narrow(amount="-amount") == []


def write_one(path: Path, **columns: Any) -> Path:
    """One event with these columns."""
    path.parent.mkdir(exist_ok=True)
    known = {"user": ["u"], "time": [START], "kind": ["view"], "item": ["i"], "amount": [1]}
    pq.write_table(pa.table({**known, **columns}), path)
    return path


def test_a_declared_column_has_its_type_in_every_input(run_job, tmp_path):
    first = write_one(tmp_path / "a" / "1.parquet", extra=pa.array([7], pa.int32()))
    second = write_one(tmp_path / "b" / "2.parquet", extra=["abc"])
    flags = ["--format", "parquet", "--types", "extra:string", "--output", tmp_path / "out"]
    ran = run_job("behaviour", "--input", first.parent, "--input", second.parent, *flags)
    assert ran.code == 0, ran.result.error
    assert ran.result.rows_accepted == 2


def test_an_amount_that_is_declared_a_text_is_refused(run_job, tmp_path):
    folder = write_one(tmp_path / "a" / "1.parquet").parent
    ran = run_behaviour(run_job, folder, tmp_path / "out", "--types", "amount:string")
    assert ran.code == 2
    assert "is of type string, not a number" in ran.result.error.message


def test_only_the_rows_that_were_counted_are_proven(spark, tmp_path):
    from sparkjobs.context import JobContext

    context = JobContext.__new__(JobContext)
    context.unsettled, context.intakes = Unsettled(3, lambda: pytest.fail("not read")), []
    rows, proven, others = (spark.range(count) for count in (3, 4, 5))
    context._checked, context.allow_empty = (rows, lambda: proven), False
    assert context.proven(others, 5) is others
    assert context.unsettled is not None
    assert context.proven(rows, 3) is proven
    assert context.unsettled is None
