"""The Spark session, the same for ours and for plain Spark: that of a job, with all cores of the machine."""

from __future__ import annotations

import os
from typing import Any

CORES = os.cpu_count() or 2
_MEMORY = os.environ.get("SPARKJOBS_BENCH_MEMORY", "3g")


def start() -> Any:
    """The session that a job opens, Delta included."""
    from launcher.cli.support import jar_paths
    from launcher.environment import running_interpreter, spark_environment
    from launcher.host.java.find import required_java
    from sparkjobs.session import open_session

    os.environ.update(spark_environment(os.environ, running_interpreter(), required_java(os.environ).home))
    jars = ",".join(map(str, jar_paths(os.environ, ("delta",))))
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(2 * CORES),
        "spark.log.level": "ERROR",
    }
    confs = " ".join(f"--conf {key}={value}" for key, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = (
        f"--master local[{CORES}] --driver-memory {_MEMORY} --jars {jars} {confs} pyspark-shell"
    )
    return open_session("bench", "UTC")


def settle(session: Any) -> None:
    """Drop caches and collect garbage, so that no run pays for another's."""
    session.catalog.clearCache()
    session._jvm.System.gc()


def write(rows: Any, output: Any, table: str) -> None:
    """Write a Delta table as a plain job does."""
    rows.write.format("delta").mode("overwrite").save(str(output / table))


def discard(rows: Any) -> None:
    """Compute every row and keep none."""
    rows.write.format("noop").mode("overwrite").save()
