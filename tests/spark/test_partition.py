"""partition: every row once, in the partition that the rule says; a report that another reader confirms."""

from __future__ import annotations

import json
import random
import shutil
from bisect import bisect_left
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.transforms import partitioning
from tests.spark.conftest import rows_of


def write_csv(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


@pytest.mark.parametrize(
    "flags",
    [("--by", "random"), ("--by", "hash", "--columns", "_key"), ("--by", "range", "--columns", "_KEY2")],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_with_names_such_as_ours_are_kept(run_job, tmp_path, kind, flags):
    names = [
        "_key",
        "_KEY2",
        "_bounds",
        "_content",
        "_number",
        "_bad",
        "_fatal",
        "_rows",
        "_weight",
        "bounds",
    ]
    rows = [tuple(f"{name}{n}" for name in names) for n in range(20)]
    if kind == "csv":
        source = write_csv(tmp_path / "in.csv", ",".join(names), rows)
    else:
        source = tmp_path / "in.parquet"
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        pq.write_table(pa.table(columns), source)
    ran = run_job(
        "partition",
        "--input",
        source,
        "--output",
        tmp_path / "out",
        "--format",
        kind,
        "--partitions",
        "3",
        *flags,
    )
    assert ran.code == 0, ran.result.error
    found = rows_of(tmp_path / "out" / "rows")
    assert sorted(tuple(row[name] for name in names) for row in found) == sorted(rows)


def test_a_column_that_would_hide_what_a_reader_adds_is_refused_by_name(run_job, tmp_path):
    source = write_csv(tmp_path / "in.csv", "a,_SPARKJOBS_bad", [(1, 2)])
    ran = run_job("partition", "--input", source, "--output", tmp_path / "out", "--by", "random")
    assert ran.code == 1
    assert "'_SPARKJOBS_bad', which is a name of ours" in ran.result.error.message


def test_hash_with_a_hot_key(run_job, spark, tmp_path):
    from deltalake import DeltaTable
    from pyspark.sql import functions as F

    rows = [("hot" if n % 10 else f"k{n}", n) for n in range(2000)]
    source = write_csv(tmp_path / "in.csv", "key,n", rows)
    flags = ("--columns", "key", "--partitions", "5", "--types", "n:bigint")
    arguments = ("--input", source, "--output", tmp_path / "out", *flags, "--interval", "2026-01-01")
    ran = run_job("partition", *arguments)
    assert ran.code == 0, ran.result.error

    table = DeltaTable(str(tmp_path / "out" / "rows"))
    assert table.metadata().partition_columns == ["partition_id"]
    found = table.to_pyarrow_table()
    assert str(found.schema.field("n").type) == "int64"
    number = F.pmod(F.xxhash64("key"), F.lit(5)).alias("p")
    expected = spark.createDataFrame(rows, "key string, n bigint").select("key", "n", number).collect()
    assert sorted(
        zip(*(found[name].to_pylist() for name in ("key", "n", "partition_id")), strict=True)
    ) == sorted(tuple(row) for row in expected)

    report = sorted(rows_of(tmp_path / "out" / "report"), key=lambda row: row["partition_id"])
    assert [row["partition_id"] for row in report] == list(range(5))
    counts = Counter(found["partition_id"].to_pylist())
    assert [row["rows"] for row in report] == [counts[number] for number in range(5)]
    files = [Path(uri.removeprefix("file://")) for uri in table.file_uris()]
    stored = Counter()
    for file in files:
        stored[int(file.parent.name.removeprefix("partition_id="))] += file.stat().st_size
    assert [row["bytes"] for row in report] == [stored[number] for number in range(5)]
    assert sum(row["files"] for row in report) == len(files)
    assert report[0]["rows_max_over_mean"] == pytest.approx(max(counts.values()) * 5 / 2000)
    assert "key = hot alone has 90 %" in report[0]["advice"]
    assert any("key = hot alone" in warning for warning in ran.result.warnings)

    # Killed between the two tables: the rerun writes the report alone.
    shutil.rmtree(tmp_path / "out" / "report")
    again = run_job("partition", *arguments)
    assert (again.result.outcome, [table.version for table in again.result.tables]) == ("COMMITTED", [0, 0])
    assert {**report[0]} == min(rows_of(tmp_path / "out" / "report"), key=lambda row: row["partition_id"])
    assert run_job("partition", *arguments).result.outcome == "SKIPPED"


def assigned(spark, rows, ddl, spread, **more):
    frame = spark.createDataFrame(rows, ddl).repartition(spread)
    if "seed" in more:
        return partitioning.by_random(frame, more["partitions"], more["seed"])
    return partitioning.by_range(frame, more["columns"], more["partitions"], len(rows))


def test_random_is_the_same_again_and_spreads_equal_rows(spark):
    rows = [("same", {"a": 1})] * 600 + [(f"r{n}", None) for n in range(600)]
    ddl = "t string, m map<string,int>"
    first, second = (
        Counter(
            (row.t, row.partition_id)
            for row in assigned(spark, rows, ddl, parts, seed=4, partitions=4).rows.collect()
        )
        for parts in (1, 3)
    )
    assert first == second
    assert all(first["same", number] > 100 for number in range(4))
    other = assigned(spark, rows, ddl, 2, seed=5, partitions=4).rows.collect()
    assert Counter((row.t, row.partition_id) for row in other) != first


nullable = st.one_of(st.none(), st.integers(-9, 9))


@settings(max_examples=8)
@given(
    keys=st.lists(st.tuples(nullable, st.sampled_from("abß")), min_size=1, max_size=60),
    parts=st.integers(1, 9),
)
def test_range_bounds_are_the_quantiles(spark, keys, parts):
    found = assigned(spark, keys, "a int, b string", 2, columns=("a", "b"), partitions=parts)
    rows = [((row.a is not None, row.a or 0, row.b), row.partition_id) for row in found.rows.collect()]
    ordered = sorted(key for key, _ in rows)
    count = len(ordered)
    bounds = [ordered[-(-place * count // parts) - 1] for place in range(1, parts)]
    assert all(number == bisect_left(bounds, key) for key, number in rows)
    assert len(partitioning.bounds_as_text(found.bounds, ("a", "b"))) == parts - 1


def test_sampled_bounds_are_near_and_do_not_depend_on_partitions(spark, monkeypatch):
    monkeypatch.setattr(partitioning, "SAMPLE", 2000)
    chosen = random.Random(8)
    rows = [(7 if n % 10 < 3 else chosen.randrange(10**9), n) for n in range(20_000)]
    first, second = (
        assigned(spark, rows, "k bigint, n int", parts, columns=("k",), partitions=4) for parts in (1, 3)
    )
    text = [partitioning.bounds_as_text(one.bounds, ("k",)) for one in (first, second)]
    assert text[0] == text[1]
    # Three tenths of the rows have the key 7, the smallest: the first quantile falls on it.
    assert text[0][0] == "7"
    counts = Counter(row.partition_id for row in first.rows.collect())
    assert counts[0] == sum(key <= 7 for key, _ in rows)
    assert all(abs(counts[number] - wanted) < 500 for number, wanted in enumerate((6000, 4000, 5000, 5000)))


def test_any_format_in_and_appended(run_job, spark, tmp_path):
    table = tmp_path / "table"
    spark.sql("SELECT id, named_struct('a', id) s, date'2026-01-01' d FROM range(50)").write.parquet(
        str(table)
    )
    arguments = ("--output", tmp_path / "out", "--by", "range", "--columns", "id", "--partitions", "2")
    ran = run_job("partition", "--format", "parquet", "--input", table, *arguments)
    assert ran.code == 0, ran.result.error
    assert ran.result.rows_read == 50
    rows = rows_of(tmp_path / "out" / "rows")
    assert {(row["id"], row["s"]["a"], str(row["d"]), row["partition_id"]) for row in rows} == {
        (n, n, "2026-01-01", int(n > 24)) for n in range(50)
    }
    report = sorted(rows_of(tmp_path / "out" / "report"), key=lambda row: row["partition_id"])
    assert [(row["lower"], row["upper"], row["rows"]) for row in report] == [
        (None, "24", 25),
        ("24", None, 25),
    ]

    appended = run_job(
        "partition", "--format", "delta", "--input", tmp_path / "out" / "rows", "--output", tmp_path / "more",
        "--by", "random",
    )  # fmt: skip
    assert appended.code == 2
    assert "partition_id already" in appended.result.error.message


def test_json_lines_and_bad_rows(run_job, tmp_path):
    source = tmp_path / "in.jsonl"
    lines = ["", "no", {"a": 1, "b": "x"}, {"b": "y", "a": 2.50}, {"a": [1], "b": "z"}, {"a": 3}]
    source.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    arguments = ("--format", "jsonl", "--input", source, "--output", tmp_path / "out", "--by", "random")
    ran = run_job("partition", *arguments, "--types", "a:decimal(5,2)", "--max-bad-rows", "3")
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_read, ran.result.rows_quarantined) == (5, 3)
    assert {(str(row["a"]), row["b"]) for row in rows_of(tmp_path / "out" / "rows")} == {
        ("1.00", "x"),
        ("2.50", "y"),
    }


def test_refusals_name_the_place(run_job, tmp_path):
    source = write_csv(tmp_path / "in.csv", "a,b", [(1, 2)])
    odd = write_csv(tmp_path / "odd.csv", "a b,c", [(1, 2)])
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("")
    cases = [
        (source, (), 2, "--by hash needs --columns"),
        (source, ("--by", "random", "--columns", "a"), 2, "--columns does not go"),
        (source, ("--columns", "a", "--seed", "1"), 2, "--seed"),
        (source, ("--columns", "c"), 2, "no column 'c'"),
        (source, ("--columns", "a", "--types", "c:bigint"), 2, "--types: no column 'c'"),
        (source, ("--columns", "a", "--mode", "merge"), 2, "--mode merge"),
        (source, ("--columns", "a", "--partitions", "0"), 2, "--partitions"),
        (odd, ("--columns", "c"), 2, "'a b'"),
        (nothing, ("--columns", "a", "--allow-empty"), 1, "no columns"),
    ]
    for file, flags, code, said in cases:
        ran = run_job("partition", "--input", file, "--output", tmp_path / "out", *flags)
        assert ran.code == code, flags
        assert said in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_a_table_without_rows(run_job, tmp_path):
    source = write_csv(tmp_path / "in.csv", "a,b", [])
    arguments = ("--input", source, "--output", tmp_path / "out", "--columns", "a", "--by", "range")
    assert run_job("partition", *arguments).code == 1
    ran = run_job("partition", *arguments, "--allow-empty")
    assert ran.result.outcome == "EMPTY", ran.result.error
    assert rows_of(tmp_path / "out" / "rows") == rows_of(tmp_path / "out" / "report") == []
