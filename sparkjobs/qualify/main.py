"""What spark-submit runs for ``sparkjob qualify``: ``main.py ANSWER SCRATCH script|job NAME [ARGUMENT]...``.

The answer is written to a file: stdout and stderr belong to the application.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sparkjobs.errors import SparkjobsError
from sparkjobs.qualify.causes import root_cause
from sparkjobs.qualify.frames import of_error
from sparkjobs.qualify.guard import refused
from sparkjobs.qualify.recorder import Halted, Recorder
from sparkjobs.qualify.unknown import SHOWN

MISSING = ("PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND", "DELTA_TABLE_NOT_FOUND")
OWN_TABLES = "Nothing is written: what it reads must be there before, also what it would write itself."
OWN_QUERIES = "RDDs, the training of models and pivot() without values run queries of their own."


def main(argv: Sequence[str]) -> None:
    """Explain an application and leave the process, with its threads and its exit handlers, behind."""
    # Python put the folder of this file there; its modules are no business of the application.
    sys.path.pop(0)
    sys.dont_write_bytecode = True
    answer, scratch, kind, name, *arguments = argv
    # Opened now: later no file can be opened for writing.
    with Path(answer).open("w", encoding="utf-8") as stream:
        stream.write(explained(Path(scratch), kind, name, arguments))
    os._exit(0)


def explained(scratch: Path, kind: str, name: str, arguments: Sequence[str]) -> str:
    """The answer about an application as JSON."""
    from pyspark.sql.classic.dataframe import DataFrame

    from sparkjobs.qualify import applications, delta_tables, entrances, other_writes
    from sparkjobs.qualify.actions import Actions
    from sparkjobs.qualify.explaining import Explainer
    from sparkjobs.qualify.guard import Guard
    from sparkjobs.qualify.outside import Outside
    from sparkjobs.qualify.results import OneGoodRow, UnknownResults
    from sparkjobs.qualify.statements import Statements
    from sparkjobs.qualify.writes import Writes
    from sparkjobs.session import claim_gpu, open_session

    spark = open_session("sparkjobs qualify", "UTC")
    claim_gpu(spark)
    recorder, guard = Recorder(), Guard(spark.sparkContext)
    guard.close_new_threads()
    explainer = Explainer(spark, guard, recorder)
    results = OneGoodRow() if kind == "job" else UnknownResults(recorder)
    Actions(recorder, explainer, results).install(DataFrame)
    Writes(recorder, explainer).install()
    Statements(recorder, explainer, guard).install(type(spark))
    other_writes.install(recorder, guard)
    delta_tables.install(recorder, explainer, guard)
    entrances.install(recorder, guard, spark.sparkContext)
    Outside(recorder, scratch).install()
    if kind == "job":
        watched(lambda: applications.run_job(spark, name, arguments, recorder, explainer), recorder)
    else:
        watched(lambda: applications.run_script(name, arguments), recorder)
    return recorder.answer().to_json()


def watched(run: Callable[[], None], recorder: Recorder) -> None:
    """Run an application to its end, whatever that is, and tell the recorder."""
    try:
        run()
    except Halted:
        pass  # the recorder knows
    except SystemExit as ended:
        if isinstance(ended.code, (int, str)) and ended.code != 0:
            recorder.end("failed", f"it ended with sys.exit({ended.code!r})", place=of_error(ended))
    except SparkjobsError as error:
        recorder.end("failed", error.message, error.hint or "", place=of_error(error))
    except BaseException as error:
        _end_by(error, recorder)


def _end_by(error: BaseException, recorder: Recorder) -> None:
    place = of_error(error)
    if refused(error):
        recorder.end(
            "refused", "it runs a query that is no SQL plan, and no query is run", OWN_QUERIES, place
        )
    elif SHOWN in str(error):
        recorder.end("stopped", "it uses the result of a query, and no query is run", place=place)
    else:
        message = root_cause(error)
        hint = OWN_TABLES if any(name in message for name in MISSING) else ""
        recorder.end("failed", f"{type(error).__name__}: {message}", hint, place)


if __name__ == "__main__":
    main(sys.argv[1:])
