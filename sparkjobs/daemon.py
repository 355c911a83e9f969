"""What Spark forks its Python workers from: pyspark's own daemon, started from compiled files.

``python -m sparkjobs.daemon WORKER_MODULE``, by the setting ``spark.python.daemon.module``.
"""

from __future__ import annotations

from sparkjobs.compiled import prefer_compiled
from sparkjobs.worker_imports import forget_archives

if __name__ == "__main__":
    prefer_compiled()
    from pyspark.daemon import manager

    forget_archives()
    # PythonWorkerFactory runs `python -m DAEMON WORKER`; pyspark.daemon calls this only as __main__.
    manager()  # type: ignore[no-untyped-call]
