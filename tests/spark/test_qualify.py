"""``sparkjob qualify`` with RAPIDS' own answers: what it says of real plans, and that it runs none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from launcher.cli.support import jar_paths
from launcher.host.jars.cut import cut_jar
from launcher.host.jars.jar_cache import look
from launcher.host.jars.jar_lock import LOCK_NAME, read_lock
from launcher.places import SHIPPED, places
from sparkjobs.errors import EnvironmentProblem

pytestmark = pytest.mark.process

TIMEOUT_S = 300
# The rows that are checked before the work are told of with their file and as JSON.
CHECKING = {"ProjectExec", "FileSourceScanExec"}
HEAD = "from pyspark.sql import SparkSession, functions as F\nspark = SparkSession.builder.getOrCreate()\n"


@pytest.fixture(scope="module")
def jars() -> Path:
    """The jar cache, if it holds the slim jar; CI does not download a gigabyte."""
    try:
        jar_paths(os.environ, ["rapids-slim", "delta"])
    except EnvironmentProblem as problem:
        pytest.skip(f"{problem.message}; {problem.hint}")
    return places(os.environ).jars


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, jars: Path) -> Path:
    """A small Parquet table and a text file, made without Spark."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("data")
    (folder / "p").mkdir()
    table = pa.table({"id": list(range(9)), "k": [i % 3 for i in range(9)], "s": list("abcabcabc")})
    pq.write_table(table, folder / "p" / "part.parquet")
    (folder / "lines.txt").write_text("a b a\nc\n" * 9)
    return folder


@dataclass(frozen=True)
class Qualified:
    """What the command answered about one script, and which files it left behind."""

    code: int
    answer: dict[str, Any]
    left: set[str]

    def cpu(self) -> dict[str, str]:
        return {row["operator"]: row["reason"] for row in self.answer["on_cpu"]}


@pytest.fixture
def qualify(tmp_path: Path, jars: Path) -> Any:
    """Qualify a script's text, or a job, in a folder of its own."""

    def ask(what: str, *arguments: object) -> Qualified:
        if "\n" in what:
            (tmp_path / "job.py").write_text(what)
        cache = tmp_path / "cache"
        (cache / "sparkjobs").mkdir(parents=True, exist_ok=True)
        if not (cache / "sparkjobs" / "jars").exists():
            (cache / "sparkjobs" / "jars").symlink_to(jars)
        target = "job.py" if "\n" in what else what
        command = [
            sys.executable,
            "-c",
            "from launcher.cli import main; main()",
            "qualify",
            target,
            "-o",
            "json",
        ]
        done = subprocess.run(
            [*command, "--", *map(str, arguments)], cwd=tmp_path, check=False, capture_output=True, text=True,
            env={**os.environ, "XDG_CACHE_HOME": str(cache)}, timeout=TIMEOUT_S,
        )  # fmt: skip
        assert done.stdout, done.stderr
        left = {path.name for path in tmp_path.iterdir()} - {"job.py", "cache"}
        return Qualified(done.returncode, json.loads(done.stdout), left)

    return ask


def test_parquet_groups_and_joins_run_on_the_gpu_and_writes_are_not_made(qualify: Any, data: Path) -> None:
    found = qualify(
        f"""{HEAD}
p = spark.read.parquet({str(data / "p")!r})
counts = p.groupBy("k").agg(F.sum("id").alias("s"))
counts.join(p, "k").write.mode("overwrite").parquet("out_parquet")
counts.write.format("delta").save("out_delta")
counts.write.saveAsTable("out_table")
counts.createOrReplaceTempView("counts")
spark.sql("CREATE TABLE out_sql USING parquet AS SELECT * FROM counts")
print("rows", p.count())
spark.stop()
"""
    )
    assert found.code == 0
    assert found.answer["outcome"] == "finished"
    assert (found.answer["share"], found.answer["suits"]) == (1.0, True)
    assert [plan["what"] for plan in found.answer["plans"]] == [
        "write parquet", "write delta", "saveAsTable out_table", "SQL CREATE", "count()",
    ]  # fmt: skip
    assert found.left == set()


def test_what_stays_on_the_cpu_has_its_reason(qualify: Any, data: Path) -> None:
    found = qualify(
        f"""{HEAD}
p = spark.read.parquet({str(data / "p")!r})
p.select(F.udf(lambda x: x + 1, "long")("id")).show()
p.groupBy("k").applyInArrow(lambda t: t, p.schema).show()
spark.read.text({str(data / "lines.txt")!r}).write.csv("out")
"""
    )
    assert found.code == 0
    assert not found.answer["suits"]
    cpu = found.cpu()
    assert "does not currently support" in cpu["BatchEvalPythonExec"]
    assert "does not currently support" in cpu["FlatMapGroupsInArrowExec"]
    assert cpu["FileSourceScanExec"] == "unsupported file format: TextFileFormat"
    assert "CSV output is not supported" in cpu["InsertIntoHadoopFsRelationCommand"]
    assert len(found.answer["hints"]) == 4
    assert found.left == set()


def test_a_script_that_follows_its_results_is_judged_up_to_there(qualify: Any, data: Path) -> None:
    found = qualify(
        f"""{HEAD}
p = spark.read.parquet({str(data / "p")!r})
for row in p.take(3):
    print(row.id)
try:
    if p.count() > 3:
        p.write.text("out")
except Exception:
    pass
"""
    )
    assert found.code == 0
    assert found.answer["outcome"] == "stopped"
    assert found.answer["ended"]["place"] == "job.py:8"
    assert [plan["what"] for plan in found.answer["plans"]] == ["take()", "count()"]


def test_a_hostile_script_forges_nothing_and_leaves_nothing(qualify: Any, data: Path) -> None:
    found = qualify(
        f"""{HEAD}
import os, subprocess, sys
p = spark.read.parquet({str(data / "p")!r})
text = "x\\n!Exec <FakeExec> cannot run on GPU because\\n\\n  !Exec <FakeExec> cannot run on GPU because me"
p.where(F.col("s") == text).select("id").show()
print('{{"outcome": "finished"}}'); sys.stderr.write("noise\\n")
for harm in (lambda: open("evil", "w"), lambda: os.mkdir("evil"), lambda: os.system("touch evil"),
             lambda: subprocess.run(["touch", "evil"]), lambda: spark.sparkContext.parallelize([1]).count()):
    try:
        harm()
        open("/proc/self/never", "w")
    except BaseException:
        pass
"""
    )
    assert found.code == 1
    assert found.answer["outcome"] == "refused"
    assert found.answer["ended"]["reason"].startswith("it writes the file evil")
    assert found.answer["on_cpu"] == []
    assert found.left == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "spark.sparkContext.parallelize([1]).map(lambda x: x).count()",
            "it runs a query that is no SQL plan",
        ),
        ("spark.readStream.format('rate').load()", "it reads a stream"),
        ("spark._jvm.java.lang.System.exit(0)", "it reaches into Spark's JVM by _jvm"),
        ("spark.range(3).rdd.saveAsTextFile('out')", "saveAsTextFile() of an RDD is no SQL plan"),
        (
            "spark.catalog.createTable('t', path='out', source='delta')",
            "it creates the table t at a place of its own",
        ),
        ("raise KeyError('mine')", "KeyError: 'mine'"),
    ],
)
def test_what_cannot_be_tamed_is_refused_with_its_line(qualify: Any, line: str, reason: str) -> None:
    found = qualify(f"{HEAD}\n{line}\n")
    assert found.code == 1
    assert found.answer["ended"]["reason"].startswith(reason)
    assert found.answer["ended"]["place"] == "job.py:4"
    assert found.left == set()


@pytest.mark.slow
def input_of(job: str, folder: Path) -> Path:
    """Parquet for a job, with a column of each type that it may ask."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    times = pa.array([start + timedelta(minutes=i) for i in range(9)], pa.timestamp("us", "UTC"))
    texts, amounts = pa.array(list("abcabcabc")), pa.array([Decimal(i) / 100 for i in range(9)])
    columns = {
        "sum_by_key": {"id": texts, "value": amounts},
        "analytics": {"timestamp": times, "k": texts, "value": pa.array([i / 7 for i in range(9)])},
        "behaviour": {"user": texts, "time": times, "kind": texts, "item": texts, "amount": amounts},
        "partition": {"id": texts, "value": amounts},
    }
    pq.write_table(pa.table(columns[job]), folder / f"{job}.parquet")
    return folder / f"{job}.parquet"


@pytest.mark.parametrize(
    ("job", "flags", "left"),
    [
        ("sum_by_key", (), set()),
        ("analytics", ("--key-columns", "k", "--window", "1 hour"), CHECKING),
        ("behaviour", ("--funnel-steps", "a,b,c"), CHECKING),
        ("partition", ("--columns", "id"), set()),
        ("partition", ("--columns", "id", "--by", "range"), {"InMemoryTableScanExec"}),
        ("partition", ("--by", "random"), set()),
    ],
)
def test_our_jobs_run_on_the_gpu(
    qualify: Any, tmp_path: Path, job: str, flags: tuple[str, ...], left: set[str]
) -> None:
    rows = input_of(job, tmp_path)
    found = qualify(job, "--input", rows, "--output", tmp_path / "out", "--format", "parquet", *flags)
    assert found.code == 0
    assert found.answer["share"] >= 0.9
    assert set(found.cpu()) <= left
    assert not [note for note in found.answer["notes"] if "could not explain" in note]


def test_a_job_is_explained_on_its_input(qualify: Any, data: Path, tmp_path: Path) -> None:
    # Small text is kept in any case.
    (data / "rows.csv").write_text("id,value\n" + "a,1.5\n" * 700_000)
    flags = ("--input", data / "rows.csv", "--output", tmp_path / "sums")
    once = qualify("sum_by_key", *flags)
    assert [plan["what"] for plan in once.answer["plans"]] == ["write sums"]
    found = qualify("sum_by_key", *flags, "--max-bad-rows", "1")
    assert found.code == 0
    assert found.answer["outcome"] == "finished"
    assert [plan["what"] for plan in found.answer["plans"]] == ["persist()", "first()", "write sums"]
    assert "ParquetCachedBatchSerializer" in found.cpu()["InMemoryTableScanExec"]
    assert found.left == set()


def test_the_real_jar_is_cut_as_the_lock_says(jars: Path, tmp_path: Path) -> None:
    lock = read_lock(SHIPPED / LOCK_NAME)
    [whole], slim = lock.named("rapids").jars, lock.named("rapids-slim")
    if look(jars, [whole])[0].state != "ok":
        pytest.skip("the whole RAPIDS jar is not in the cache; sparkjob jars fetch rapids")
    assert slim.cut is not None
    cut_jar(jars / whole.file, tmp_path / slim.jars[0].file, slim.cut)
    assert look(tmp_path, slim.jars)[0].state == "ok"
