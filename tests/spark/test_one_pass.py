"""Rows are checked in the pass that does the work: wherever a bad row stands, no table gets a commit."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkjobs.ingest import rows as rows_module
from sparkjobs.ingest import splits
from sparkjobs.ingest import strict as strictness
from sparkjobs.ingest.intake import Unsettled
from sparkjobs.ingest.typing import Column
from sparkjobs.job import EACH_ROW, BatchParams, Job, OutputTable
from sparkjobs.tables import totals
from tests.spark.conftest import rows_of

FILES, ROWS = 3, 400
COLUMNS = [Column("id", "string"), Column("value", "bigint")]


@pytest.fixture(autouse=True)
def no_input_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "SMALL_BYTES", 0)


def write_input(folder: Path, form: str, bad: int | None) -> Path:
    """``FILES`` files of ``ROWS`` rows, numbered through; row ``bad`` has no value."""
    folder.mkdir()
    for number in range(FILES):
        first = number * ROWS
        rows = [(f"k{n % 7}", None if n == bad else n) for n in range(first, first + ROWS)]
        _write(folder / f"{number}.{form}", form, rows)
    return folder


def _write(path: Path, form: str, rows: Sequence[tuple[str, int | None]]) -> None:
    if form == "parquet":
        table = pa.table({"id": [k for k, _ in rows], "value": pa.array([v for _, v in rows], pa.int64())})
        pq.write_table(table, path, row_group_size=50)
    elif form == "csv":
        path.write_text("id,value\n" + "".join(f"{k},{'' if v is None else v}\n" for k, v in rows))
    else:
        lines = [f'{{"id": "{k}", "value": {"null" if v is None else v}}}\n' for k, v in rows]
        path.write_text("".join(lines))


LAST = FILES * ROWS - 1


def nothing_is_kept(spark: Any) -> bool:
    return bool(spark._jsparkSession.sharedState().cacheManager().isEmpty())


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize("bad", [0, ROWS + 77, LAST])
def test_a_bad_row_anywhere_leaves_no_commit(run_job, tmp_path, form, bad):
    place = write_input(tmp_path / "in", form, bad)
    out = tmp_path / "out"
    ran = run_job("sum_by_key", "--input", place, "--format", form, "--output", out)
    assert (ran.code, ran.result.error.cls) == (1, "BadRowsError")
    assert "1 of 1200 rows are bad" in ran.result.error.message
    assert "value: missing" in ran.result.error.message
    assert (ran.result.rows_read, ran.result.rows_accepted, ran.result.rows_quarantined) == (1200, 1199, 1)
    assert not out.exists() or not list(out.glob("_delta_log/*.json"))


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_the_rows_are_counted_by_what_was_written_and_none_is_kept(spark, run_job, tmp_path, form):
    spark.catalog.clearCache()
    place = write_input(tmp_path / "in", form, None)
    flags = ["--input", place, "--format", form, "--output", tmp_path / "out"]
    ran = run_job("sum_by_key", *flags)
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_accepted, ran.result.rows_written) == (1200, 1200, 7)
    assert sum(row["sum"] for row in rows_of(tmp_path / "out")) == Decimal(sum(range(1200)))
    assert nothing_is_kept(spark)


@pytest.mark.parametrize("way", ["here", "by Spark", "only Spark reaches it", "no pyarrow"])
def test_an_append_is_counted_by_its_own_files(run_job, spark, tmp_path, monkeypatch, way):
    def fails(*_: Any) -> Any:
        raise {"only Spark reaches it": OSError("access denied"), "no pyarrow": ImportError("pyarrow")}[way]

    if way == "by Spark":
        monkeypatch.setattr(totals, "_FEW_ROWS", 0)
    elif way != "here":
        monkeypatch.setattr(totals, "open_bytes", fails)
    place = write_input(tmp_path / "in", "parquet", None)
    flags = ["--input", place, "--format", "parquet", "--output", tmp_path / "out [1]", "--mode", "append"]
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        ran = run_job("sum_by_key", *flags, "--interval", day)
        assert (ran.code, ran.result.rows_read, ran.result.rows_accepted) == (0, 1200, 1200), ran.result.error
    assert len(rows_of(tmp_path / "out [1]")) == 21


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        ("count BIGINT", "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"),
        ("count BIGINT", "PARTITIONED BY (count)"),
        ("Count BIGINT", ""),
        ("count DECIMAL(20,0)", ""),
    ],
)
def test_an_append_whose_files_do_not_tell_is_counted_by_its_input(run_job, spark, tmp_path, columns, more):
    place = write_input(tmp_path / "in", "parquet", None)
    out = tmp_path / "out"
    spark.sql(f"CREATE TABLE delta.`{out}` (id STRING, sum DECIMAL(38,9), {columns}) USING delta {more}")
    flags = ["--input", place, "--format", "parquet", "--output", out, "--mode", "append"]
    ran = run_job("sum_by_key", *flags, "--interval", "2026-01-01")
    assert (ran.code, ran.result.rows_read, ran.result.rows_accepted) == (0, 1200, 1200), ran.result.error
    json.loads(ran.result.to_json())


@pytest.mark.parametrize("key", ["a\u2028b", "\x85", "\x1c", "\r\n", "%20", '{"add"'])
def test_any_key_may_stand_in_the_log(run_job, tmp_path, key):
    _write(tmp_path / "in.parquet", "parquet", [(key, 1), (key, 2)])
    flags = ["--input", tmp_path / "in.parquet", "--format", "parquet", "--output", tmp_path / "out"]
    ran = run_job("sum_by_key", *flags)
    assert (ran.code, ran.result.rows_read, ran.result.rows_accepted) == (0, 2, 2), ran.result.error


TIMES = [Column("timestamp", "timestamp"), *COLUMNS]


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("job", "flags"),
    [
        ("analytics", ["--key-columns", "id", "--timestamp-column", "value", "--timestamp-unit", "s"]),
        ("partition", ["--columns", "id", "--types", "value:bigint"]),
        ("partition", ["--by", "random", "--types", "value:bigint"]),
        ("partition", ["--by", "range", "--columns", "value", "--types", "value:bigint"]),
    ],
)
def test_the_first_table_refuses_for_all(run_job, tmp_path, form, job, flags):
    """Also where the fault stands in a column or a row of which a table keeps nothing."""
    folder = tmp_path / "in"
    place = write_input(folder, form, LAST)
    if job == "partition":
        if form == "parquet":
            return  # it takes any table of these as it is
        (folder / "2.csv").write_text((folder / "2.csv").read_text() + "k1,x\n")
    else:
        flags = [*flags, "--value-column", "v2"]
        add_column(folder, form)
    out = tmp_path / "out"
    ran = run_job(job, "--input", place, "--format", form, "--output", out, *flags)
    assert (ran.code, ran.result.error.cls) == (1, "BadRowsError"), ran.result
    assert not list(tmp_path.glob("out/**/_delta_log/*.json"))


def add_column(folder: Path, form: str) -> None:
    for path in folder.iterdir():
        if form == "parquet":
            table = pq.read_table(path)
            pq.write_table(table.append_column("v2", pa.array([1.5] * ROWS)), path)
        else:
            head, *lines = path.read_text().splitlines()
            path.write_text("\n".join([f"{head},v2", *(f"{line},1.5" for line in lines)]) + "\n")


@dataclass(frozen=True)
class Params(BatchParams):
    """No flags of its own."""


def only_one_column(rows: Any) -> Any:
    return rows.select("id").distinct()


def a_count(rows: Any) -> Any:
    return rows.groupBy().count()


def an_inferred_filter(rows: Any) -> Any:
    return rows.where("id is not null").select("id")


def a_filter_that_leaves_the_bad_row_out(rows: Any) -> Any:
    return rows.where("value < 10")


def a_limit(rows: Any) -> Any:
    return rows.limit(5)


def a_join(rows: Any) -> Any:
    return rows.alias("a").join(rows.alias("b"), "id").groupBy("id").count()


def a_top(rows: Any) -> Any:
    return rows.orderBy("value").limit(3)


def nothing_of_it(rows: Any) -> Any:
    return rows.sparkSession.range(3)


WAYS = [
    only_one_column,
    a_count,
    an_inferred_filter,
    a_filter_that_leaves_the_bad_row_out,
    a_limit,
    a_join,
    a_top,
]


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("use", [*WAYS, nothing_of_it])
def test_however_a_job_uses_its_rows_the_last_one_is_checked(run_job, tmp_path, form, use):
    place = write_input(tmp_path / "in", form, LAST)
    job = Job("mine", "", Params, lambda context, _: [OutputTable("t", use(context.read_rows(COLUMNS)))])
    ran = run_job(job, "--input", place, "--format", form, "--output", tmp_path / "out")
    assert (ran.code, ran.result.error.cls) == (1, "BadRowsError"), ran.result
    assert not list(tmp_path.glob("out/**/_delta_log/*.json"))


# Whole rows, parts of them, or rows made of them: what a counted table is made of.
COUNTED = [
    lambda rows: rows,
    lambda rows: rows.select("id"),
    lambda rows: rows.select("value").where("value is not null"),
    lambda rows: rows.withColumn("id", rows["id"]).orderBy("value"),
    lambda rows: rows.repartition(3).dropDuplicates(["value"]),
    lambda rows: rows.join(rows.sparkSession.sql("select 'k1' id, 1 x"), "id", "left"),
    lambda rows: rows.coalesce(1),
]


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("use", COUNTED)
def test_a_counted_table_is_checked_while_it_is_written(run_job, tmp_path, form, use, monkeypatch):
    looked: list[bool] = []
    explain = Unsettled.explain
    monkeypatch.setattr(Unsettled, "explain", lambda *given: looked.append(True) or explain(*given))
    place = write_input(tmp_path / "in", form, LAST)

    def run(context: Any, _: Any) -> list[OutputTable]:
        return [OutputTable("t", use(context.read_rows(COLUMNS, counted=True)), counted_by=EACH_ROW)]

    ran = run_job(
        Job("mine", "", Params, run), "--input", place, "--format", form, "--output", tmp_path / "out"
    )
    assert (ran.code, ran.result.error.cls, looked) == (1, "BadRowsError", [True]), ran.result
    assert not list(tmp_path.glob("out/**/_delta_log/*.json"))


def test_a_table_that_tells_another_number_than_the_files_is_no_success(run_job, tmp_path):
    place = write_input(tmp_path / "in", "parquet", None)

    def run(context: Any, _: Any) -> list[OutputTable]:
        return [OutputTable("t", context.read_rows(COLUMNS, counted=True).limit(5), counted_by=EACH_ROW)]

    ran = run_job(
        Job("mine", "", Params, run), "--input", place, "--format", "parquet", "--output", tmp_path / "out"
    )
    assert ran.code == 1
    assert "rows read (1200) are not rows accepted (5)" in ran.result.error.message


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("limit", ["1", "0.1%"])
def test_with_a_threshold_the_checks_come_first(run_job, tmp_path, form, limit):
    place = write_input(tmp_path / "in", form, LAST)
    flags = ["--input", place, "--format", form, "--output", tmp_path / "out"]
    ran = run_job("sum_by_key", *flags, "--max-bad-rows", limit)
    assert (ran.code, ran.result.rows_read, ran.result.rows_quarantined) == (0, 1200, 1), ran.result.error
    assert sum(row["count"] for row in rows_of(tmp_path / "out")) == 1199
    # A quarantine that is there is emptied by the next overwrite, but not by one that fails.
    again = run_job("sum_by_key", *flags)
    assert (again.code, len(rows_of(tmp_path / "out_quarantine"))) == (1, 1)
    whole = write_input(tmp_path / "whole", form, None)
    good = run_job("sum_by_key", "--input", whole, "--format", form, "--output", tmp_path / "out")
    assert (good.code, rows_of(tmp_path / "out_quarantine")) == (0, []), good.result.error


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_input_without_rows_is_known_before(run_job, tmp_path, form):
    folder = tmp_path / "in"
    folder.mkdir()
    _write(folder / f"0.{form}", form, [])
    blank = {"parquet": "", "csv": "\n\n\n", "jsonl": "\n \n\x0c\n\u00a0\n"}[form]
    if blank:
        (folder / f"0.{form}").write_text((folder / f"0.{form}").read_text() + blank)
    flags = ["--input", folder, "--format", form, "--output", tmp_path / "out"]
    assert "no rows" in run_job("sum_by_key", *flags).result.error.message
    ran = run_job("sum_by_key", *flags, "--allow-empty")
    assert (ran.code, ran.result.outcome, ran.result.rows_read) == (0, "EMPTY", 0), ran.result.error


def changing(folder: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change a file when the rows are defined and nothing has been read."""
    made = strictness.strict

    def strict(*given: Any) -> Any:
        path = folder / f"1.{form}"
        found = path.stat()
        path.write_bytes(path.read_bytes())
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))
        return made(*given)

    for module in ("rows", "tables"):
        monkeypatch.setattr(f"sparkjobs.ingest.{module}.strict", strict)


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_file_that_changes_ends_the_run_by_name(run_job, tmp_path, monkeypatch, form):
    place = write_input(tmp_path / "in", form, None)
    changing(place, form, monkeypatch)
    ran = run_job("sum_by_key", "--input", place, "--format", form, "--output", tmp_path / "out")
    assert ran.code == 1
    assert f"1.{form} has changed while the run read it" in ran.result.error.message
    assert not list(tmp_path.glob("out/_delta_log/*.json"))


def test_a_delta_table_is_read_at_one_version(run_job, spark, tmp_path):
    from deltalake import write_deltalake

    table = tmp_path / "in"
    write_deltalake(str(table), pa.table({"id": ["a"], "value": [1]}))

    def run(context: Any, _: Any) -> list[OutputTable]:
        rows = context.read_rows(COLUMNS)
        write_deltalake(str(table), pa.table({"id": ["b"], "value": [2]}), mode="append")
        return [OutputTable("t", rows)]

    flags = ["--input", table, "--format", "delta", "--output", tmp_path / "out"]
    ran = run_job(Job("mine", "", Params, run), *flags)
    assert (ran.code, ran.result.rows_read, ran.result.rows_written) == (0, 1, 1), ran.result.error


def test_a_cut_that_was_missed_is_found_before_the_commit(run_job, tmp_path, monkeypatch):
    """A field full of rows lets every guess at a cut be wrong."""
    monkeypatch.setattr(splits, "SMALLEST_TASK_BYTES", 100_000)
    rows = "a,1\n" * 100_000
    (tmp_path / "in.csv").write_text(f'id,value\n{rows}"{rows}",5\n{rows}')
    ran = run_job("sum_by_key", "--input", tmp_path / "in.csv", "--output", tmp_path / "out")
    assert (ran.code, ran.result.rows_read, ran.result.rows_accepted) == (0, 200_001, 200_001), (
        ran.result.error
    )
    assert sorted(row["count"] for row in rows_of(tmp_path / "out")) == [1, 200_000]


@pytest.mark.parametrize(
    ("derived", "said"), [("nosuch * 2", "nosuch"), ("timestamp * 2", "DATATYPE_MISMATCH")]
)
def test_another_error_whose_text_holds_the_plan_is_told_as_it_is(run_job, tmp_path, derived, said):
    place = write_input(tmp_path / "in", "parquet", None)
    flags = ["--timestamp-column", "value", "--timestamp-unit", "s", "--value-column", "value"]
    flags += ["--input", place, "--format", "parquet", "--output", tmp_path / "out"]
    ran = run_job("analytics", *flags, "--key-columns", "id", "--derive", f"x={derived}")
    assert ran.code != 0
    assert said in ran.result.error.message
