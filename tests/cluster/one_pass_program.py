"""What ``test_one_pass_faults.py`` runs: a job in a session with two executors, and a fault inside a task.

Arguments: what happens, the input, the output, and a folder where the fault notes that it has happened.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil
from pyspark import TaskContext
from pyspark.sql import functions as F

from sparkjobs import params
from sparkjobs.ingest.typing import Column
from sparkjobs.job import EACH_ROW, BatchParams, Job, OutputTable
from sparkjobs.prepare import prepare
from sparkjobs.runner import execute, failed
from sparkjobs.session import open_session

COLUMNS = [Column("id", "string"), Column("value", "bigint")]
SLOW_S = 20


def happens_once(folder: str) -> bool:
    """Whether this is the first task of all that asks."""
    try:
        os.close(os.open(Path(folder) / "happened", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def kill_own_executor() -> None:
    """End the JVM whose Python worker this is, with the shuffle files that it holds."""
    java = next(parent for parent in psutil.Process().parents() if "java" in parent.name())
    os.kill(java.pid, signal.SIGKILL)


def highest_attempt(tracker: Any) -> int:
    """Of all stages; 0 where none ran again."""
    jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup()]
    stages = [tracker.getStageInfo(number) for job in jobs if job for number in job.stageIds]
    return max(stage.currentAttemptId for stage in stages if stage)


def main(what: str, source: str, output: str, folder: str) -> None:
    def fault(batches: Iterable[Any]) -> Iterator[Any]:
        context = TaskContext.get()
        for batch in batches:
            if what == "slow" and context.partitionId() == 0 and context.attemptNumber() == 0:
                time.sleep(SLOW_S)
            elif what != "slow" and happens_once(folder):
                yield batch
                kill_own_executor()
            yield batch

    def sums(context: Any, _: Any) -> list[OutputTable]:
        rows = context.read_rows(COLUMNS, counted=True)
        added = rows.groupBy("id").agg(F.sum("value").alias("sum"), F.count("value").alias("count"))
        return [OutputTable("t", added.mapInArrow(fault, added.schema), counted_by="count", at_root=True)]

    def each(context: Any, _: Any) -> list[OutputTable]:
        rows = context.read_rows(COLUMNS, counted=True)
        return [OutputTable("t", rows.mapInArrow(fault, rows.schema), counted_by=EACH_ROW, at_root=True)]

    job = Job("faulty", "", BatchParams, sums if what == "after the shuffle" else each)
    flags = ["--input", source, "--format", "parquet", "--output", output]
    run = prepare(job, params.parse(job.params, flags), datetime.now(timezone.utc))
    spark = open_session("one pass", "UTC")
    try:
        result = execute(spark, run)
    except Exception as error:
        result = failed(run, error)[0]
    print(f"stage attempts: {highest_attempt(spark.sparkContext.statusTracker())}")
    print(result.to_json())
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
