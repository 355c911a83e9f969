"""The last line of defence: Spark itself refuses every job that was not let through.

Jobs carry the group of the thread that asks for them, and Spark fails jobs of a group that was cancelled
together with its future jobs. So the application's threads live in such a group, and leave it only while we
read a schema or explain a plan.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GROUP = "sparkjobs-qualify-runs-nothing"
_PROPERTY = "spark.jobGroup.id"
_OWN_THREADS = ("py4j", "pyspark", "concurrent.futures.process")


class Guard:
    """The group that refuses, for the threads of one process."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._set = context.setLocalProperty  # before the application can be kept from it
        context._jsc.sc().cancelJobGroupAndFutureJobs(GROUP, "no query is run")
        self.close()

    def close(self) -> None:
        """Refuse the jobs of this thread from now on."""
        # Local properties belong to one JVM thread, and so to one Python thread (pinned mode, SPARK-22340).
        self._set(_PROPERTY, GROUP)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let the jobs of this thread through in the block."""
        before = self._context.getLocalProperty(_PROPERTY)
        self._set(_PROPERTY, None)
        try:
            yield
        finally:
            self._set(_PROPERTY, before)

    def close_new_threads(self) -> None:
        """Refuse the jobs of every thread that the application starts."""
        start = threading.Thread.start
        guard = self

        def closed_start(thread: threading.Thread) -> None:
            run = thread.run

            def closed_run() -> None:
                guard.close()
                run()

            if not type(thread).__module__.startswith(_OWN_THREADS):
                thread.run = closed_run  # type: ignore[method-assign]
            start(thread)

        threading.Thread.start = closed_start  # type: ignore[method-assign, assignment]


def refused(error: BaseException) -> bool:
    """Whether ``error`` comes from a job that the guard held back."""
    seen: BaseException | None = error
    while seen is not None:
        if GROUP in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
