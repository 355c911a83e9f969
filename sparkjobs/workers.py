"""Python workers of a local run, started while the session itself is still opening.

Opening a session keeps one core busy for seconds; until a first task asks for them, nobody starts the
Python processes that the tasks will use.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark import SparkContext

# Spark reuses a worker only for tasks with the same environment; its SQL tasks add this variable.
# (SparkEnv.createPythonWorker keeps a PythonWorkerFactory for each executable, module and environment.)
_SHORT_TRACES = "spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled"
_SQL_VARIABLE = "SPARK_SIMPLIFIED_TRACEBACK"
_LOG = logging.getLogger(__name__)


def start_workers(context: SparkContext) -> None:
    """Have a worker started for each slot, in the background; only where the workers run on this machine."""
    if (context.master or "").startswith("local"):
        if context.getConf().get(_SHORT_TRACES, "true") == "true":
            context.environment[_SQL_VARIABLE] = "1"
        threading.Thread(target=_start, args=(context,), name="sparkjobs-workers", daemon=True).start()


def _start(context: SparkContext) -> None:
    slots = context.defaultParallelism
    try:
        context.parallelize(range(slots), slots).mapPartitions(_import).count()
    except Exception as error:  # the run itself will tell what is wrong with its workers
        _LOG.debug("the Python workers were not started beforehand: %s", error)


def _import(numbers: Iterable[int]) -> Iterable[int]:
    """Runs in the workers: what nearly every reader imports."""
    import pyarrow  # noqa: F401

    forget_archives()
    return numbers
