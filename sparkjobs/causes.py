"""What really went wrong inside Spark: the last cause of a Java exception, asked for while the JVM lives."""

from __future__ import annotations

from typing import Any

from sparkjobs.errors import SparkjobsError, one_line


class SparkFailure(SparkjobsError):
    """Spark ended the run; the message is that of the last cause."""


def with_root_cause(error: Exception) -> Exception:
    """The error to show: ours as it is, one of Spark by its last cause."""
    # py4j's Py4JJavaError has the first, pyspark's CapturedException the second
    # (errors/exceptions/captured.py).
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if isinstance(error, SparkjobsError) or java is None:
        return error
    try:
        cause = _last_cause(java)
    except Exception:  # the JVM is gone: what Python knows must do
        return error
    failure = SparkFailure(_readable(cause), "The log above has the whole story.")
    failure.__cause__ = error
    return failure


def _last_cause(java: Any) -> Any:
    # Spark wraps what failed inside a task (TASK_WRITE_FAILED, FAILED_READ_FILE): the last cause is the
    # fault.
    while java.getCause() is not None:
        java = java.getCause()
    return java


def _readable(cause: Any) -> str:
    name = str(cause.getClass().getSimpleName())
    return f"{name}: {one_line(str(cause.getMessage() or ''))}"
