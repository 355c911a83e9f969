"""The two ways of an operator give the same rows, and the job takes the way that its plan told."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from sparkjobs.context import JobContext
from sparkjobs.errors import UsageError
from sparkjobs.ingest.utf8 import is_utf8
from sparkjobs.session import claim_gpu, strategy_settings
from sparkjobs.strategies import on_gpu, strategy
from sparkjobs.transforms.describe import describe
from sparkjobs.transforms.exact_median import grouped_statistics

KERNEL = strategy({}, "grouped_statistics", "kernel")
NATIVE = strategy({}, "grouped_statistics", "native")
SPECIAL = [None, math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7e308, -1.7e308]


def drawn(kind: str, draw: random.Random) -> float | None:
    """A number of a group of some kind; those that add up keep one sign, so that no digits cancel."""
    return {
        "special": lambda: draw.choice(SPECIAL),
        "constant far from 0": lambda: 1e15 + 0.125,
        "close together far from 0": lambda: 1e9 + draw.random() * 1e-3,
        "tiny": lambda: draw.random() * 1e-300,
        "zeros": lambda: draw.choice([0.0, -0.0]),
        "nulls": lambda: None,
        "half infinite": lambda: draw.choice([1.0, 2.0, math.inf]),
        "wide": lambda: draw.choice([1e-3, 1.0, 1e3, 1e12]) * draw.random(),
    }[kind]()


KINDS = ("special", "constant far from 0", "close together far from 0", "tiny", "zeros", "nulls",
         "half infinite", "wide", None)  # fmt: skip


def table(spark: Any, seed: int, rows: int = 500) -> Any:
    draw = random.Random(seed)
    kinds = draw.choices(KINDS, k=rows)
    data = [(kind, draw.choice([None, 1, 2]), drawn(kind or "wide", draw)) for kind in kinds]
    data += [(f"one {i}", 1, drawn("special", draw)) for i in range(9)]
    return spark.createDataFrame(data, "k string, n int, v double").repartition(draw.randint(1, 4))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def assert_same(one: Any, other: Any, keys: int) -> None:
    assert (one.columns, one.dtypes) == (other.columns, other.dtypes)
    found, wanted = ({tuple(row)[:keys]: tuple(row) for row in frame.collect()} for frame in (one, other))
    assert found.keys() == wanted.keys()
    wrong = {k: (found[k], wanted[k]) for k in wanted if not all(map(same, found[k], wanted[k]))}
    assert not wrong


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_give_the_same_groups(spark: Any, seed: int) -> None:
    rows, quantiles = table(spark, seed), (0.0, 0.25, 1 / 3, 0.999, 1.0)
    kernel, native = (grouped_statistics(rows, ["k", "n"], "v", quantiles, way) for way in (KERNEL, NATIVE))
    assert_same(native, kernel, keys=2)


def test_both_ways_give_the_same_huge_group(spark: Any) -> None:
    rows = spark.range(0, 300_000, 1, 3).selectExpr(
        "if(id % 1000 = 0, cast(id % 7 as string), null) k", "pmod(hash(id), 1000003) / 7 + 1e6 v"
    )
    kernel, native = (grouped_statistics(rows, ["k"], "v", [0.25], way) for way in (KERNEL, NATIVE))
    assert_same(native, kernel, keys=1)


@pytest.mark.parametrize("seed", [7, 8])
def test_both_ways_describe_alike(spark: Any, seed: int) -> None:
    rows = table(spark, seed).selectExpr(
        "if(k = 'wide', v, null) `a.b`", "v + 1 v", "n", "cast(n as decimal(9,2)) d"
    )
    names = [f"{name}" for name in rows.columns]
    kernel, native = (describe(rows, names, way) for way in (KERNEL, NATIVE))
    assert_same(native, kernel, keys=1)


def test_no_rows_are_described_alike(spark: Any) -> None:
    rows = spark.range(0).selectExpr("double(id) v")
    native = describe(rows, ["v"], NATIVE).collect()
    assert [tuple(row) for row in native] == [("v", 0, *[None] * 7)]


def test_a_kernel_that_is_asked_for_and_cannot_be_had_is_an_error(spark: Any) -> None:
    rows = spark.range(9).selectExpr("float(id) f", "id v")
    with pytest.raises(UsageError, match="--strategy kernel: key f is float"):
        grouped_statistics(rows, ["f"], "v", (), KERNEL)


def tables(path: Path, names: tuple[str, ...], order: dict[str, list[str]]) -> dict[str, list[Any]]:
    return {
        name: DeltaTable(str(path / name)).to_pandas().sort_values(order[name]).values.tolist()
        for name in names
    }


def test_analytics_writes_the_same_tables_either_way(run_job: Any, spark: Any, tmp_path: Path) -> None:
    draw = random.Random(3)
    lines = [
        f"2026-01-31 {i % 24:02}:{i % 60:02}:00,{draw.choice('ab')},{draw.gauss(1e6, 3)}" for i in range(400)
    ]
    (tmp_path / "in.csv").write_text("timestamp,k,value\n" + "\n".join(lines) + "\n")
    order = {"rows": ["timestamp", "k", "value"], "describe": ["column"], "groups": ["k", "window_start"]}
    flags = ("--input", tmp_path / "in.csv", "--key-columns", "k", "--window", "1 hour")
    found = {}
    for way in ("native", "kernel", "auto"):
        ran = run_job("analytics", *flags, "--output", tmp_path / way, "--strategy", way)
        assert ran.code == 0, ran.result.error
        assert [w for w in ran.result.warnings if "scores has only" not in w] == []
        assert len(ran.result.warnings) == (way == "kernel")
        found[way] = tables(tmp_path / way, tuple(order), order)
    for name in order:
        for other in ("kernel", "auto"):
            rows, wanted = found["native"][name], found[other][name]
            assert len(rows) == len(wanted) > 0
            assert all(all(map(same, a, b)) for a, b in zip(rows, wanted, strict=True))


def test_a_job_with_one_way_says_that_it_keeps_it(run_job: Any, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,value\na,1\na,2\n")
    ran = run_job(
        "sum_by_key", "--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--strategy", "kernel"
    )
    assert (ran.code, ran.result.rows_written) == (0, 1)
    assert [w for w in ran.result.warnings if "sums has only the native way" in w]


def test_the_session_of_a_gpu_answers_as_its_plan(spark: Any) -> None:
    from tests.unit.render.plans import shipped

    other = spark.newSession()
    claim_gpu(other)
    for session, target in ((spark, "yarn-8"), (other, "dgx-a100-512gb")):
        context = JobContext(session, None, None, None, allow_empty=True)  # type: ignore[arg-type]
        planned = {setting.key: setting.value for setting in shipped(target).settings}
        for operator in ("describe", "grouped_statistics", "words"):
            assert context.strategy(operator) == strategy(planned, operator)
        assert on_gpu(strategy_settings(session)) is on_gpu(planned) is (session is other)


CHARACTERS = [
    b"a",
    b"\x7f",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x98\x80",
    b"\xf4\x8f\xbf\xbf",
    b"\xed\x9f\xbf",
]
BROKEN = [b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"\xff", b"\xe2\x82",
          b"\xf0\x8f\x80\x80", b"\xf0\x9f", b"\xc3"]  # fmt: skip


def test_utf8_is_told_alike_on_gpu_and_cpu(spark: Any) -> None:
    from pyspark.sql import functions as F

    draw = random.Random(5)
    pool = CHARACTERS * 3 + BROKEN
    texts = [b"".join(draw.choices(pool, k=draw.randint(0, 5))) for _ in range(3000)]
    texts += [bytes(draw.randrange(256) for _ in range(draw.randint(1, 4))) for _ in range(3000)]
    rows = spark.createDataFrame([(bytearray(text),) for text in texts], "b binary").selectExpr(
        "b", "string(b) s"
    )
    good = {True: 0, False: 0}
    for row in rows.select(
        "b", *[is_utf8(F.col("s"), gpu).alias(f"g{gpu}") for gpu in (True, False)]
    ).collect():
        try:
            wanted = bytes(row.b).decode() is not None
        except UnicodeDecodeError:
            wanted = False
        assert (row.gTrue, row.gFalse) == (wanted, wanted), bytes(row.b)
        good[wanted] += 1
    assert min(good.values()) > 500
