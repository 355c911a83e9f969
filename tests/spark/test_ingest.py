"""Reading: every row is accepted or quarantined with its place, from every format."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.ingest import splits
from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from tests.spark.conftest import rows_of

ALL = [
    Column("name", "string", required=False),
    Column("n", "bigint"),
    Column("x", "double"),
    Column("amount", "decimal(38,2)"),
    Column("at", "timestamp"),
    Column("ok", "boolean", required=False),
]


@dataclass(frozen=True)
class _Params(BatchParams):
    """Flags of a job that copies its rows."""


def _copy(context, params):
    return [OutputTable("copy", context.read_rows(ALL), at_root=True)]


COPY = Job("copy", "Copy typed rows.", _Params, _copy)
HEADER = "name,n,x,amount,at,ok\n"
GOOD = "a,1,1.5,2.25,2026-01-31 05:00:00,true\n"
FIRST = {
    "name": "a",
    "n": 1,
    "x": 1.5,
    "amount": Decimal("2.25"),
    "at": datetime(2026, 1, 31, 5, tzinfo=timezone.utc),
    "ok": True,
}


def copied(run_job, tmp_path, text, *flags, name="in.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run_job(COPY, "--input", path, "--output", tmp_path / "out", *flags)


def test_types_are_strict_and_reasons_are_told(run_job, tmp_path):
    bad = {
        "a,1e3,1,1,2026-01-31,true": "n: '1e3' is not a whole number",
        "a, 5 ,1,1,2026-01-31,true": "n: ' 5 ' is not a whole number",
        "a,99999999999999999999,1,1,2026-01-31,true": "n: '99999999999999999999' is out of range",
        "a,1,1e3,1,2026-01-31,true": "x: '1e3' is not a number",
        "a,1,NaN,1,2026-01-31,true": "x: 'NaN' is not a number",
        f"a,1,{'9' * 400},1,2026-01-31,true": f"x: '{'9' * 80}' is out of range",
        "a,1,1,1.234,2026-01-31,true": "amount: '1.234' is not a number with at most 2 decimals",
        f"a,1,1,{'9' * 37},2026-01-31,true": f"amount: '{'9' * 37}' is out of range",
        "a,1,1,1,31/01/2026,true": "at: '31/01/2026' is not a timestamp",
        "a,1,1,1,2026-02-30,true": "at: '2026-02-30' is not a timestamp",
        "a,1,1,1,2026-01-31,yes": "ok: 'yes' is not true or false",
        "a,,1,1,2026-01-31,true": "n: missing",
        "a,1,1,1,2026-01-31": "5 fields, the header has 6",
        "a\0,1,1,1,2026-01-31,true": "a NUL character",
    }
    text = (
        HEADER + GOOD + "".join(line + "\n" for line in bad) + ",-1,+0.5,-0.1,2026-01-31T05:00:00.5+02:00,\n"
    )
    ran = copied(run_job, tmp_path, text, "--max-bad-rows", len(bad))
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (len(bad) + 2, len(bad))
    quarantined = sorted(rows_of(tmp_path / "out_quarantine"), key=lambda row: row["line"])
    assert [(row["raw"], row["reason"]) for row in quarantined] == list(bad.items())
    assert [row["line"] for row in quarantined] == list(range(3, 3 + len(bad)))
    for row in quarantined:
        assert text.encode()[row["offset"] :].startswith(row["raw"].encode())
    rows = {row["n"]: row for row in rows_of(tmp_path / "out")}
    assert rows[1] == FIRST
    assert rows[-1]["name"] is rows[-1]["ok"] is None
    assert rows[-1]["at"] == datetime(2026, 1, 31, 3, 0, 0, 500_000, tzinfo=timezone.utc)
    again = copied(run_job, tmp_path, text, "--max-bad-rows", len(bad) - 1)
    assert again.code == 1
    assert again.result.error.message.count("in.csv:") == 5
    assert "\n" not in again.result.error.message


def test_time_zones_and_patterns(run_job, tmp_path):
    text = "name,n,x,amount,at,ok\na,1,1,1,31/01/2026 05:00,true\n"
    pattern = ("--timestamp-format", "dd/MM/yyyy HH:mm", "--timezone", "Europe/Paris")
    ran = copied(run_job, tmp_path, text, *pattern)
    assert ran.code == 0, ran.result.error
    assert rows_of(tmp_path / "out")[0]["at"] == datetime(2026, 1, 31, 4, tzinfo=timezone.utc)
    wrong = copied(run_job, tmp_path, text, "--timestamp-format", "zzqq{")
    assert wrong.code == 2


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,n,x,amount,at\n", "no column 'ok'"),
        ("name,n,x,amount,at,ok,extra,more\n", "unknown column 'extra', 'more'"),
        ("name,n,x,amount,at,ok,n\n", "the column 'n' is there twice"),
        ("name;n;x;amount;at;ok\n", "no column 'name'; the header has 'name;n;x;amount;at;ok'"),
    ],
)
def test_headers_are_refused_by_name(run_job, tmp_path, header, message):
    ran = copied(run_job, tmp_path, header + GOOD)
    assert ran.code == 1
    assert message in ran.result.error.message
    assert "in.csv" in ran.result.error.message


def test_extra_columns_delimiter_null_and_compression(run_job, tmp_path):
    text = "n;extra;name;ok;at;x;amount\r\n1;zz;NULL;NULL;2026-01-31;1;1\r\n"
    flags = ("--extra-columns", "ignore", "--delimiter", ";", "--null", "NULL")
    ran = copied(run_job, tmp_path, gzip.compress(text.encode()), *flags, name="in.csv.gz")
    assert ran.code == 0, ran.result.error
    assert ran.result.warnings == ("ignored columns: extra",)
    assert rows_of(tmp_path / "out")[0]["name"] is None


@pytest.mark.parametrize("form", ["jsonl", "parquet", "delta"])
def test_other_formats_have_the_same_counts(run_job, spark, tmp_path, form):
    path = tmp_path / f"in [{form}]"
    if form == "jsonl":
        good = {"name": "a", "n": 1, "x": 1.5, "amount": 2.25, "at": "2026-01-31 05:00:00", "ok": True}
        lines = [json.dumps(good), json.dumps(good | {"n": "1"}), "{", json.dumps(good | {"amount": 1.234})]
        path.write_text("\n".join(lines) + "\n\n")
    else:
        rows = [("a", 1, 1.5, "2.25", "2026-01-31 05:00:00", True)]
        rows += [("a", None, 1.5, "2.25", "2026-01-31 05:00:00", True)]
        rows += [("a", 1, 1.5, "1.234", "2026-01-31 05:00:00", True)]
        rows += [("a", 1, float("nan"), "2.25", "2026-01-31 05:00:00", True)]
        table = spark.createDataFrame(
            rows, "name string, n long, x double, amount string, at string, ok boolean"
        )
        typed = table.selectExpr(
            "name", "n", "x", "cast(amount as decimal(10,3)) amount", "cast(at as timestamp) at", "ok"
        )
        typed.write.format(form).save(str(path))
    ran = run_job(
        COPY, "--input", path, "--output", tmp_path / "out", "--format", form, "--max-bad-rows", "3"
    )
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (4, 3)
    assert rows_of(tmp_path / "out") == [FIRST]
    assert all(row["file"] and row["raw"] for row in rows_of(tmp_path / "out_quarantine"))


def test_input_that_is_not_such_a_table_is_refused(run_job, tmp_path):
    (tmp_path / "in").mkdir()
    ran = run_job(COPY, "--input", tmp_path / "in", "--output", tmp_path / "out", "--format", "delta")
    assert ran.code == 1
    assert "cannot be read as delta" in ran.result.error.message


@settings(max_examples=8)
@given(
    st.lists(st.sampled_from(["a", 'q"', "é", "l\nf", "c\rr", ",", "x" * 50]), min_size=1, max_size=40),
    st.integers(40, 400),
)
def test_cut_files_give_the_same_rows(run_job, spark, tmp_path_factory, names, task_bytes):
    """At any cutting, with quotes and without."""
    folder = tmp_path_factory.mktemp("cuts")
    lines = ["name,n,x,amount,at,ok"]
    for i, name in enumerate(names):
        quoted = '"' + name.replace('"', '""') + '"' if set(name) & set('",\n\r') else name
        lines.append(f"{quoted},{i},1,1,2026-01-31,true")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splits, "SMALLEST_TASK_BYTES", task_bytes)
        ran = copied(run_job, folder, "\n".join(lines) + "\n")
    assert ran.code == 0, ran.result.error
    got = sorted((row["n"], row["name"]) for row in rows_of(folder / "out"))
    assert got == list(enumerate(names))


@pytest.mark.parametrize("tenths", [10, 14, 15, 16, 18, 19, 20, 25, 30])
def test_a_scanned_file_is_never_cut_inside_a_quoted_field(spark, tmp_path, tenths):
    from sparkjobs.ingest.csv_files import CsvFile, plan
    from sparkjobs.ingest.model import InputFile
    from sparkjobs.ingest.reading import Source, slots
    from sparkjobs.ingest.splits import cut, task_bytes
    from sparkjobs.ingest.storage import S3Settings

    row = b'"k\nx,5\ny",1\n'
    path = tmp_path / "in.csv"
    path.write_bytes(b"id,value\n" + row * (splits.SMALLEST_TASK_BYTES * tenths // 10 // len(row)))
    file = InputFile(str(path), path.stat().st_size)
    source = Source((str(path),), "csv", False, S3Settings(), "0", scan_quotes=True)
    tasks = plan(spark, source, [CsvFile(file, 2, (0, 1), 9, 2)])
    ranges = [(split.start, split.end) for task in tasks for split in task]
    assert (ranges[0][0], ranges[-1][1]) == (9, file.size)
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
    assert all((start - 9) % len(row) == 0 for start, _ in ranges)
    assert len(ranges) == len(cut(file, task_bytes([file], slots(spark)), start=9))


@pytest.fixture
def scans(monkeypatch):
    """Small pieces, and the scans made for want of better."""
    from sparkjobs.ingest import csv_files

    monkeypatch.setattr(splits, "SMALLEST_TASK_BYTES", 100_000)
    real, made = csv_files._scanned, []
    monkeypatch.setattr(csv_files, "_scanned", lambda *rest: made.append(1) or real(*rest))
    return made


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
@pytest.mark.parametrize(
    ("middle", "rows", "bad", "scanned"),
    [
        ("", 0, 0, 0),
        ('"a,1,1,1,2026-01-31,true\n', 0, 1, 0),
        ('a"b,1,1,1,2026-01-31,true\n', 1, 0, 0),
        ('"' + GOOD * 20_000 + '",1,1,1,2026-01-31,true\n', 1, 0, 1),
    ],
)
def test_one_quote_in_a_long_file(run_job, tmp_path, scans, middle, rows, bad, scanned, zone):
    """It costs its own row at most; a field full of rows is found out, and the file cut anew."""
    text = HEADER + GOOD * 20_000 + middle + GOOD * 20_000
    ran = copied(run_job, tmp_path, text, "--max-bad-rows", "1", "--timezone", zone)
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (40_000 + rows + bad, bad)
    assert len(rows_of(tmp_path / "out")) == 40_000 + rows
    assert len(scans) == scanned
