"""One Spark session for all tests that need Spark, and a way to run jobs in it as the command would."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import SparkjobsError
from sparkjobs.job import Job
from sparkjobs.prepare import prepare
from sparkjobs.result import RunResult
from sparkjobs.runner import execute, failed


def delta_jars() -> list[str]:
    """The locked jars in the user's cache; fetched once by ``sparkjob jars fetch``."""
    from launcher.cli.support import jar_paths

    return [str(path) for path in jar_paths(os.environ, ("delta", "s3", "kafka"))]


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local session with Delta: two cores, few shuffle partitions, no UI."""
    from launcher.environment import running_interpreter, spark_environment
    from sparkjobs.session import open_session

    os.environ.update(spark_environment(os.environ, running_interpreter()))
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join(
        [
            "--master local[2] --driver-memory 2g",
            f"--jars {','.join(delta_jars())}",
            "--conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false",
            "--conf spark.sql.shuffle.partitions=3 --conf spark.default.parallelism=2",
            "--conf spark.databricks.delta.snapshotPartitions=2",
            "--conf spark.log.level=ERROR --driver-java-options '-XX:+UseSerialGC -XX:TieredStopAtLevel=1'",
            "pyspark-shell",
        ]
    )
    session = open_session("tests", "UTC")
    yield session
    session.stop()


@dataclass(frozen=True)
class Ran:
    """What a run gave: its result and the exit code of the command."""

    result: RunResult
    code: int


Runner = Callable[..., Ran]


@pytest.fixture
def run_job(spark: Any, tmp_path: Path) -> Runner:
    """Run a job in the shared session: ``run_job("wordcount", "--input", path, ...)`` (or a ``Job``)."""

    def run(wanted: str | Job, *arguments: object) -> Ran:
        job = catalogue.get(wanted) if isinstance(wanted, str) else wanted
        flags = [str(argument) for argument in arguments]
        try:
            requested = prepare(job, params.parse(job.params, flags), datetime.now(timezone.utc))
        except SparkjobsError as error:
            return Ran(
                RunResult(job.name, "", None, None, "FAILED", error=_described(error)), error.exit_code
            )
        spark.conf.set("spark.sql.session.timeZone", requested.params.timezone)
        try:
            result = execute(spark, requested)
        except Exception as error:
            return Ran(*failed(requested, error))
        finally:
            spark.conf.set("spark.sql.session.timeZone", "UTC")
        return Ran(result, result.exit_code)

    return run


def _described(error: SparkjobsError) -> Any:
    from sparkjobs.result import error_result

    return error_result(error)


def rows_of(path: object, **options: Any) -> list[dict[str, Any]]:
    """The rows of a Delta table as another reader (delta-rs) sees them."""
    from deltalake import DeltaTable

    return DeltaTable(str(path), **options).to_pyarrow_table().to_pylist()
