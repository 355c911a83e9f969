"""Every type of Parquet as every type of a job: the same value, a bad row, or a refusal before reading."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkjobs.errors import DataError
from sparkjobs.ingest.intake import BAD
from sparkjobs.ingest.reading import Source, times
from sparkjobs.ingest.rows import read_rows
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.tables import read_tables
from sparkjobs.ingest.typing import Column
from tests.spark.conftest import rows_of

BIG, D38 = 2**53, Decimal("9" * 38)
INF, NAN = math.inf, math.nan
LAST = (9999, 12, 31, 23, 59, 59, 999_999)


def bad(reason: str) -> str:
    return f"bad: {reason}"


WHOLE, RANGE = bad("is not a whole number"), bad("is out of range")
BEYOND, FINITE = bad("is beyond 2^53"), bad("is not a finite number")
D2 = bad("is not a number with at most 2 decimals")


def dec(precision: int, scale: int) -> Any:
    return pa.decimal128(precision, scale)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]


# Source type, wanted type, unit, and each value with what becomes of it.
CASES: list[tuple[Any, str, str | None, list[tuple[Any, Any]]]] = [
    (pa.int8(), "bigint", None, [(-128, -128), (127, 127), (None, None)]),
    (pa.uint8(), "bigint", None, [(255, 255)]),
    (pa.uint16(), "double", None, [(65535, 65535.0)]),
    (pa.uint32(), "bigint", None, [(2**32 - 1, 2**32 - 1)]),
    (pa.uint64(), "bigint", None, [(2**63 - 1, 2**63 - 1), (2**63, RANGE), (2**64 - 1, RANGE), (0, 0)]),
    (pa.uint64(), "double", None, [(BIG, float(BIG)), (BIG + 1, BEYOND), (2**64 - 1, BEYOND)]),
    (pa.uint64(), "string", None, [(2**64 - 1, "18446744073709551615")]),
    (pa.uint64(), "decimal(38,18)", None, [(2**64 - 1, Decimal(2**64 - 1))]),
    (pa.int64(), "double", None,
     [(BIG, float(BIG)), (BIG + 1, BEYOND), (-BIG, -float(BIG)), (-BIG - 1, BEYOND), (2**63 - 1, BEYOND),
      (-(2**63), BEYOND)]),
    (pa.int64(), "decimal(38,2)", None, [(2**63 - 1, Decimal(2**63 - 1)), (-(2**63), Decimal(-(2**63)))]),
    (pa.int64(), "decimal(10,2)", None, [(99_999_999, Decimal(99_999_999)), (100_000_000, RANGE)]),
    (pa.int64(), "string", None, [(-(2**63), str(-(2**63)))]),
    (pa.float32(), "bigint", None, [(3.0, 3), (1.5, WHOLE), (NAN, RANGE), (INF, RANGE), (-0.0, 0)]),
    (pa.float32(), "double", None, [(0.5, 0.5), (NAN, FINITE), (-INF, FINITE), (3.4028234663852886e38,) * 2]),
    (pa.float64(), "bigint", None,
     [(2.0**62, 2**62), (2.0**63, RANGE), (-(2.0**63), -(2**63)), (1e300, RANGE), (0.1, WHOLE),
      (-0.5, WHOLE), (5e-324, WHOLE), (NAN, RANGE), (-INF, RANGE)]),
    (pa.float64(), "double", None, [(1.7976931348623157e308,) * 2, (5e-324,) * 2, (INF, FINITE)]),
    (pa.float64(), "decimal(38,2)", None,
     [(0.25, Decimal("0.25")), (0.1, Decimal("0.10")), (0.125, D2), (float(BIG), Decimal(BIG)),
      (2.0**60, RANGE), (NAN, RANGE), (INF, RANGE), (-1e300, RANGE)]),
    (pa.float64(), "string", None, [(0.1, "0.1"), (1e300, "1.0E300")]),
    (dec(10, 3), "bigint", None, [(Decimal("7.000"), 7), (Decimal("7.001"), WHOLE)]),
    (dec(38, 0), "bigint", None,
     [(Decimal(2**63 - 1), 2**63 - 1), (Decimal(2**63), RANGE), (Decimal("-" + "9" * 38), RANGE)]),
    (dec(38, 19), "bigint", None,
     [(Decimal(f"{2**63 - 1}." + "0" * 19), 2**63 - 1), (Decimal(f"{2**63 - 2}." + "0" * 18 + "1"), WHOLE),
      (Decimal(f"{2**63}." + "0" * 19), RANGE)]),
    (dec(38, 38), "bigint", None, [(Decimal("0." + "9" * 38), WHOLE), (Decimal(0), 0)]),
    (dec(38, 0), "double", None, [(Decimal(BIG), float(BIG)), (Decimal(BIG + 1), BEYOND), (D38, BEYOND)]),
    (dec(20, 2), "double", None, [(Decimal("0.10"), 0.1), (Decimal(f"{BIG + 1}.00"), BEYOND)]),
    (dec(38, 36), "decimal(38,2)", None, [(Decimal("99.25"), Decimal("99.25")), (Decimal("0.001"), D2),
                                          (Decimal("99." + "9" * 36), D2)]),
    (dec(38, 38), "decimal(38,37)", None,
     [(Decimal("0." + "9" * 37), Decimal("0." + "9" * 37)),
      (Decimal("0." + "9" * 38), bad("is not a number with at most 37 decimals"))]),
    (dec(38, 3), "decimal(38,2)", None,
     [(Decimal("9" * 35 + ".990"), Decimal("9" * 35 + ".99")), (Decimal("9" * 35 + ".999"), D2)]),
    (dec(38, 0), "decimal(38,2)", None, [(Decimal("9" * 36),) * 2, (Decimal("9" * 37), RANGE)]),
    (dec(38, 3), "decimal(38,0)", None, [(Decimal("5.000"), Decimal(5)),
                                         (Decimal("5.5"), bad("is not a number with at most 0 decimals"))]),
    (dec(10, 2), "string", None, [(Decimal("7.50"), "7.50"), (Decimal("0.00"), "0.00")]),
    (pa.string(), "string", None, [("é\0", "é\0"), ("", "")]),
    (pa.string(), "bigint", None, [("007", 7), (" 7", WHOLE), ("9" * 19, RANGE)]),
    (pa.string(), "double", None, [(str(BIG), float(BIG)), (str(BIG + 1), BEYOND), ("1" * 40, BEYOND),
                                   (f"-{BIG + 1}.5", BEYOND), ("0.1", 0.1)]),
    (pa.string(), "timestamp", None, [("2026-01-31T05:00:00Z", utc(2026, 1, 31, 5)),
                                      ("1", bad("is not a timestamp"))]),
    (pa.string(), "timestamp", "s", [("86400", utc(1970, 1, 2)), ("2026-01-31", WHOLE)]),
    (pa.binary(), "string", None, [(b"a\xc3\xa9", "aé"), (b"\xff\xfe", bad("is not UTF-8")), (b"", "")]),
    (pa.binary(2), "string", None, [(b"ab", "ab"), (b"\xc3\x28", bad("is not UTF-8"))]),
    (pa.bool_(), "string", None, [(True, "true"), (False, "false")]),
    (pa.bool_(), "boolean", None, [(True, True), (False, False), (None, None)]),
    (pa.date32(), "timestamp", None,
     [(date(1, 1, 1), utc(1, 1, 1)), (date(9999, 12, 31), utc(9999, 12, 31))]),
    (pa.date32(), "string", None, [(date(1, 1, 1), "0001-01-01")]),
    (pa.timestamp("us"), "timestamp", None,
     [(datetime(1, 1, 1), utc(1, 1, 1)), (datetime(*LAST), utc(*LAST))]),
    (pa.timestamp("ms", "UTC"), "timestamp", None, [(utc(2026, 1, 31), utc(2026, 1, 31))]),
    (pa.timestamp("us", "UTC"), "string", None, [(utc(2026, 1, 31), "2026-01-31 00:00:00")]),
    (pa.int32(), "timestamp", "s",
     [(-1, utc(1969, 12, 31, 23, 59, 59)), (2**31 - 1, utc(2038, 1, 19, 3, 14, 7))]),
    (pa.int64(), "timestamp", "s", [(1_700_000_000, utc(2023, 11, 14, 22, 13, 20)),
                                    (1_700_000_000_000, RANGE), (2**63 - 1, RANGE), (-(2**63), RANGE)]),
    (pa.int64(), "timestamp", "ms", [(1_700_000_000_001, utc(2023, 11, 14, 22, 13, 20, 1000)),
                                     (253_402_300_800_000, RANGE), (-62_135_596_800_000, utc(1, 1, 1)),
                                     (-62_135_596_800_001, RANGE), (-(2**63), RANGE)]),
    (pa.int64(), "timestamp", "us", [(253_402_300_799_999_999, utc(*LAST)),
                                     (253_402_300_800_000_000, RANGE), (2**63 - 1, RANGE)]),
    (pa.int64(), "timestamp", "ns", [(-1_000, utc(1969, 12, 31, 23, 59, 59, 999_999)),
                                     (1, bad("is no whole number of microseconds")),
                                     (-1, bad("is no whole number of microseconds"))]),
    (pa.uint64(), "timestamp", "ms", [(1, utc(1970, 1, 1, 0, 0, 0, 1000)), (2**64 - 1, RANGE)]),
    (pa.null(), "bigint", None, [(None, None)]),
]  # fmt: skip


def source(path: Any, form: str = "parquet", unit: str | None = None) -> Source:
    return Source((str(path),), form, False, S3Settings(), "100%", timestamp_unit=unit)


def read(spark: Any, path: Any, wanted: str, unit: str | None = None) -> dict[int, Any]:
    """What became of each row, by its number."""
    columns = [Column("n", "bigint"), Column("c", wanted, required=False)]
    made = source(path, unit=unit)
    (table,), _ = read_tables(spark, made, columns, times(spark, made))
    rows = table.marked()
    told, bad_rows = table.bad(), rows.where(f"{BAD} is not null").count()
    assert bad_rows == (0 if told is None else table.table.where(told).count())
    # Python knows no year 0, in which the year 1 begins west of Greenwich.
    value = "unix_micros(c) c" if wanted == "timestamp" else "c"
    found = rows.selectExpr(
        value, f"coalesce(n, get_json_object({BAD}.raw, '$.n')) n", f"{BAD}.reason"
    ).collect()
    return {int(row.n): bad(row.reason) if row.reason else row.c for row in found}


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and wanted.startswith("bad: "):
        return isinstance(found, str) and found.startswith("bad: c: ") and wanted[5:] in found
    if isinstance(wanted, datetime):
        return bool(found == (wanted - utc(1970, 1, 1)) // timedelta(microseconds=1))
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize(("kind", "wanted", "unit", "values"), CASES)
def test_values(spark, tmp_path, kind, wanted, unit, values):
    given = [value for value, _ in values]
    numbers = pa.array(range(len(given)), pa.int64())
    pq.write_table(pa.table({"n": numbers, "c": pa.array(given, kind)}), tmp_path / "in.parquet")
    found = read(spark, tmp_path / "in.parquet", wanted, unit)
    wrong = [(v, found[i], w) for i, (v, w) in enumerate(values) if not same(found[i], w)]
    assert not wrong
    assert len(found) == len(values)


NOT_AT_ALL = [
    (pa.bool_(), "bigint"),
    (pa.bool_(), "double"),
    (pa.bool_(), "decimal(38,2)"),
    (pa.bool_(), "timestamp"),
    (pa.int64(), "boolean"),
    (pa.int64(), "timestamp"),
    (pa.float64(), "timestamp"),
    (dec(20, 0), "timestamp"),
    (pa.timestamp("us"), "bigint"),
    (pa.timestamp("us", "UTC"), "double"),
    (pa.date32(), "bigint"),
    (pa.binary(), "timestamp"),
    (pa.list_(pa.int64()), "string"),
    (pa.struct({"a": pa.int64()}), "string"),
    (pa.map_(pa.string(), pa.int64()), "double"),
    (pa.timestamp("ns"), "timestamp"),
    (pa.time64("us"), "string"),
    (pa.time32("ms"), "timestamp"),
    (pa.float16(), "double"),
    (pa.decimal256(50, 2), "double"),
]


@pytest.mark.parametrize(("kind", "wanted"), NOT_AT_ALL)
def test_refused_before_reading(spark, tmp_path, kind, wanted):
    table = pa.table({"n": pa.nulls(1, pa.int64()), "c": pa.nulls(1, kind)})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(DataError) as caught:
        read(spark, tmp_path / "in.parquet", wanted)
    assert "\n" not in caught.value.message
    assert "in.parquet" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("form", ["parquet", "delta"])
@pytest.mark.parametrize("expression", ["interval 1 day", "interval 1 month", "parse_json('1')", "array(1)"])
def test_types_that_only_spark_writes(spark, tmp_path, form, expression):
    rows = spark.sql(f"select 1L n, {expression} c")
    try:
        rows.write.format(form).save(str(tmp_path / "in"))
    except Exception:
        pytest.skip(f"{form} has no such type")
    columns = [Column("n", "bigint"), Column("c", "string")]
    with pytest.raises(DataError, match="column 'c'"):
        read_rows(spark, source(tmp_path / "in", form), columns)


def test_char_and_void_of_delta(spark, tmp_path):
    place = tmp_path / "in"
    spark.sql(f"create table delta.`{place}` (n bigint, c char(3), v varchar(3), e void) using delta")
    spark.sql(f"insert into delta.`{place}` (n, c, v) values (1, 'ab', 'ab')")
    columns = [Column("c", "string"), Column("v", "string")]
    columns += [Column("n", "bigint")]
    found = read_rows(spark, source_of_some(place), columns)
    assert [tuple(row) for row in found.rows.collect()] == [("ab ", "ab", 1)]


def source_of_some(place):
    return Source((str(place),), "delta", False, S3Settings(), "0", ignore_extra=True)


def test_texts_that_are_not_utf8(spark, tmp_path):
    """Parquet says that a text is UTF-8; nobody checks."""
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"\xff\xfea")]
    )
    pq.write_table(pa.table({"n": [0, 1], "c": broken}), tmp_path / "in.parquet")
    found = read(spark, tmp_path / "in.parquet", "string")
    assert found[1] == "a"
    assert "is not UTF-8" in found[0]


def test_columns_that_differ_in_case_alone(spark, tmp_path):
    pq.write_table(pa.table({"n": [0], "c": ["a"], "C": ["b"]}), tmp_path / "in.parquet")
    with pytest.raises(DataError, match="`c` already exists"):
        read(spark, tmp_path / "in.parquet", "string")


def test_a_column_called_metadata(spark, tmp_path):
    pq.write_table(pa.table({"n": [0], "_metadata": ["a"]}), tmp_path / "in.parquet")
    columns = [Column("n", "string"), Column("c", "bigint", source="_metadata")]
    found = read_rows(spark, source(tmp_path / "in.parquet"), columns)
    assert next(row.file for row in found.intake.bad.collect()).endswith("in.parquet")


def folders(tmp_path, names, **more):
    for i, name in enumerate(names):
        (tmp_path / "in" / name).mkdir(parents=True)
        pq.write_table(pa.table({"value": [i + 1], **more}), tmp_path / "in" / name / "x.parquet")
    return tmp_path / "in"


def test_text_of_folders_stays_text(run_job, tmp_path):
    names = ["id=007", "id=7", "id=7.0", "id=2026-01-31", "id=a%3Ab"]
    flags = ("--input", folders(tmp_path, names), "--output", tmp_path / "out", "--format", "parquet")
    ran = run_job("sum_by_key", *flags)
    assert ran.code == 0, ran.result.error
    sums = {row["id"]: int(row["sum"]) for row in rows_of(tmp_path / "out")}
    assert sums == {"007": 1, "7": 2, "7.0": 3, "2026-01-31": 4, "a:b": 5}


def test_folders_without_a_value_and_typed_ones(spark, tmp_path):
    place = folders(tmp_path, ["n=07", "n=__HIVE_DEFAULT_PARTITION__", "n=x"])
    columns = [Column("n", "bigint", required=False), Column("value", "bigint")]
    found = read_rows(spark, source(place), columns)
    assert {(row.n, row.value) for row in found.rows.collect()} == {(7, 1), (None, 2)}
    assert [row.reason for row in found.intake.bad.collect()] == ["n: 'x' is not a whole number"]


def test_days_of_folders(spark, tmp_path):
    place = folders(tmp_path, ["day=2026-01-31", "day=2026-01-31 05%3A00%3A00"])
    columns = [Column("day", "timestamp"), Column("value", "bigint")]
    rows = read_rows(spark, source(place), columns).rows
    micros = {row.value: row.m for row in rows.selectExpr("value", "unix_micros(day) m").collect()}
    assert micros == {1: 1_769_817_600_000_000, 2: 1_769_835_600_000_000}


def test_a_column_in_folders_and_files(run_job, tmp_path):
    place = folders(tmp_path, ["id=7"], id=[8])
    ran = run_job("sum_by_key", "--input", place, "--output", tmp_path / "out", "--format", "parquet")
    assert ran.code == 1
    assert "'id' stands in the names of folders and inside the files" in ran.result.error.message


def test_exit_codes_and_hints_of_a_job(run_job, tmp_path):
    table = pa.table({"timestamp": [1_700_000_000_000], "value": [1.0]})
    pq.write_table(table, tmp_path / "in.parquet")
    flags = ("--input", tmp_path / "in.parquet", "--output", tmp_path / "out", "--format", "parquet")
    refused = run_job("analytics", *flags)
    assert refused.code == 1
    assert refused.result.error.cls == "DataError"
    assert "--timestamp-unit" in refused.result.error.hint
    assert not (tmp_path / "out").exists()
    taken = run_job("analytics", *flags, "--timestamp-unit", "ms")
    assert taken.code == 0, taken.result.error
    moment = rows_of(tmp_path / "out/rows")[0]["timestamp"]
    assert moment == utc(2023, 11, 14, 22, 13, 20)
    both = run_job("analytics", *flags, "--timestamp-unit", "ms", "--timestamp-format", "yyyy")
    assert both.code == 2


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_units_of_text_formats(run_job, tmp_path, name):
    csv = "timestamp,value\n1700000000000,1\n2026-01-31,2\n1.5,3\n"
    lines = (
        '{"timestamp":1700000000000,"value":1}\n{"timestamp":"1","value":2}\n{"timestamp":1.5,"value":3}\n'
    )
    (tmp_path / name).write_text(csv if name == "in.csv" else lines)
    flags = ("--input", tmp_path / name, "--output", tmp_path / "out", "--format", name[3:])
    ran = run_job("analytics", *flags, "--timestamp-unit", "ms", "--max-bad-rows", 2)
    assert ran.code == 0, ran.result.error
    assert [row["timestamp"] for row in rows_of(tmp_path / "out/rows")] == [utc(2023, 11, 14, 22, 13, 20)]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (pa.array([1]), pa.array([1], pa.timestamp("us", "UTC")), "bigint and timestamp"),
        (pa.array([1], pa.int32()), pa.array([1], pa.date32()), "int and date"),
        (pa.array([1], pa.int8()), pa.array([300], pa.int32()), "tinyint and int"),
        (pa.array([1]), pa.array([0.5]), "bigint and double"),
        (
            pa.array([0], pa.timestamp("us", "UTC")),
            pa.array([0], pa.timestamp("us")),
            "timestamp and timestamp_ntz",
        ),
    ],
)
def test_files_of_one_folder_that_do_not_agree_on_a_type_are_refused(spark, tmp_path, one, other, said):
    for name, values in (("a", one), ("b", other)):
        (tmp_path / "in").mkdir(exist_ok=True)
        pq.write_table(pa.table({"n": [0], "c": values}), tmp_path / "in" / f"{name}.parquet")
    with pytest.raises(DataError, match=f"'c' is {said}") as caught:
        read(spark, tmp_path / "in", "string")
    assert "an --input of their own" in caught.value.hint
    apart = replace(source(tmp_path), inputs=tuple(str(file) for file in sorted((tmp_path / "in").iterdir())))
    assert read_rows(spark, apart, [Column("n", "bigint"), Column("c", "string")]).intake.rows_accepted == 2


def test_a_column_of_one_file_alone_is_seen(spark, run_job, tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"id": ["a"], "value": [1]}), tmp_path / "in" / "a.parquet")
    pq.write_table(pa.table({"id": ["b"], "value": [2], "more": [3]}), tmp_path / "in" / "b.parquet")
    flags = ("--input", tmp_path / "in", "--format", "parquet")
    refused = run_job("sum_by_key", *flags, "--output", tmp_path / "out")
    assert "more" in refused.result.error.message
    assert run_job("partition", *flags, "--output", tmp_path / "parts", "--columns", "id").code == 0
    rows = spark.read.format("delta").load(str(tmp_path / "parts" / "rows"))
    assert {(row.id, row.more) for row in rows.collect()} == {("a", None), ("b", 3)}


@pytest.mark.parametrize("places", [("", "sub/"), ("id=a/", "")])
def test_no_file_of_a_folder_is_left_out(run_job, tmp_path, places):
    for number, place in enumerate(places):
        (tmp_path / "in" / place).mkdir(parents=True, exist_ok=True)
        columns = {"value": [number]} if "=" in place else {"id": ["b"], "value": [number]}
        pq.write_table(pa.table(columns), tmp_path / "in" / place / f"{number} \u00e9.parquet")
    ran = run_job(
        "sum_by_key", "--input", tmp_path / "in", "--format", "parquet", "--output", tmp_path / "out"
    )
    assert (ran.code, ran.result.error is None) == (1, False)
    assert " \u00e9.parquet" in ran.result.error.message or "stands in" in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_odd_names_hidden_files_and_patterns_are_no_files_left_out(run_job, tmp_path):
    for name in ("in/x [1]/a \u00e9%20.parquet", "in/x [1]/_SUCCESS", "in/y/b.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"id": ["a"], "value": [1]}), tmp_path / name)
    flags = ("--format", "parquet", "--output", tmp_path / "out")
    assert run_job("sum_by_key", "--input", tmp_path / "in" / "x [1]", *flags).result.rows_read == 1
    assert run_job("sum_by_key", "--input", tmp_path / "in" / "*", "--glob", *flags).result.rows_read == 2
    refused = run_job("sum_by_key", "--input", tmp_path / "in", *flags)
    assert (refused.code, refused.result.outcome) == (1, "FAILED")
    one_by_one = ("--input", tmp_path / "in" / "x [1]", "--input", tmp_path / "in" / "y" / "b.parquet")
    assert run_job("sum_by_key", *one_by_one, *flags).result.rows_read == 2
