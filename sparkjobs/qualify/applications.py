"""The two kinds of applications: a script, run as Python would run it, and a job of the catalogue."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkjobs import catalogue, params
from sparkjobs.context import JobContext
from sparkjobs.ingest.intake import way_of
from sparkjobs.ingest.listing import refuse_missing
from sparkjobs.job import OutputTable
from sparkjobs.prepare import prepare
from sparkjobs.qualify.explaining import Explainer
from sparkjobs.qualify.recorder import Recorder
from sparkjobs.run import Run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run_script(path: str, arguments: Sequence[str]) -> None:
    """Run a script as ``python path arguments`` does."""
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).parent))
    runpy.run_path(path, run_name="__main__")


def run_job(
    spark: SparkSession, name: str, arguments: Sequence[str], recorder: Recorder, explainer: Explainer
) -> None:
    """Run a job on the schema of its input, and explain each table's write.

    Raises:
        SparkjobsError: the job does not take the arguments, or the input is missing.
    """
    job = catalogue.get(name)
    run = prepare(job, params.parse(job.params, arguments), datetime.now(timezone.utc))
    if job.streaming:
        recorder.halt("refused", f"{name} is a stream; only batch queries can be explained",
                      "The batch job with the same transforms can be qualified.")  # fmt: skip
    refuse_missing(run.source.inputs, glob=run.source.glob)
    spark.conf.set("spark.sql.session.timeZone", run.params.timezone)
    context = JobContext(
        spark, run.source, run.identity, run.interval, allow_empty=True, wanted=run.params.strategy,
        way=way_of(run.params.mode, run.params.max_bad_rows),
    )  # fmt: skip
    for output in job.run(context, run.params):
        _explain_write(output, run, recorder, explainer)
    recorder.note(
        "the plans are those of input with one good row and no bad one; quarantine is not among them"
    )


def _explain_write(output: OutputTable, run: Run, recorder: Recorder, explainer: Explainer) -> None:
    if callable(output.rows):
        recorder.note(f"the table {output.name} is made from the committed ones; it was not seen")
        return
    if run.params.mode == "merge":
        recorder.note("a merge joins when it runs; what was seen is the write of its rows")
    writer: Any = output.rows._jdf.write()
    writer.format("delta").mode("overwrite")
    path = run.tables.get(output.name, run.params.output)
    recorder.see(f"write {output.name}", explainer.save(output.rows, writer, path))
