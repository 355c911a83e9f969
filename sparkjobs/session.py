"""The Spark session of a job: Delta, the time zone, S3 from the environment; never master or resources."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import EnvironmentProblem
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.interrupts import keeping_interrupts
from sparkjobs.jvm import hadoop_configuration, java_session, jvm_of, launch_apart, without_pandas
from sparkjobs.phases import phase
from sparkjobs.strategies import KEYS, PLUGINS, RAPIDS_PLUGIN
from sparkjobs.tables.parquet import PARQUET
from sparkjobs.workers import start_workers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
STOP_TIMEOUT_S = 20
DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension"
DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog"
_SNAPSHOT_TASKS = "spark.databricks.delta.snapshotPartitions"
SUBMIT_LINE = (
    "spark-submit --jars $(sparkjob jars path) --py-files dist/sparkjobs.zip dist/sparkjobs_main.py JOB ..."
)


@phase("session")
def open_session(name: str, timezone: str) -> SparkSession:
    """Start (or take over) the session.

    Args:
        name: the application's name.
        timezone: IANA name; the session's time zone on driver and executors.

    Raises:
        EnvironmentProblem: Delta's jars are not on the class path; the hint is the line that works.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    without_pandas()
    launch_apart()
    _own_python()
    with keeping_interrupts():
        # Given here and to the builder below: a context that runs already takes no conf
        # (SparkContext.getOrCreate), while the builder still sets what SQL may change.
        context = SparkContext.getOrCreate(SparkConf().setAll(list(_settings(name, timezone).items())))
    start_workers(context)
    spark = SparkSession.builder.config(map=_settings(name, timezone)).getOrCreate()
    require_delta(spark)
    _tune_delta(spark)
    configure_s3(spark, S3Settings.from_environment(os.environ))
    return spark


def _settings(name: str, timezone: str) -> dict[str, Any]:
    return {
        "spark.app.name": name,
        "spark.sql.extensions": DELTA_EXTENSION,
        "spark.sql.catalog.spark_catalog": DELTA_CATALOG,
        "spark.sql.session.timeZone": timezone,
        "spark.ui.showConsoleProgress": "false",  # ours says more, and two overwrite each other
        # What the site's defaults may have loosened: an overflow is an error, a broken file too.
        "spark.sql.ansi.enabled": "true",
        "spark.sql.files.ignoreCorruptFiles": "false",
        "spark.sql.files.ignoreMissingFiles": "false",
        **PARQUET,
        # ... a text that is no time is none (LEGACY takes 30 February for 2 March), ...
        "spark.sql.legacy.timeParserPolicy": "CORRECTED",
        # ... and what a Parquet file says of its times is believed.
        "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
        "spark.sql.legacy.parquet.nanosAsLong": "false",
        # Folders id=007 and id=7 are two keys: inferred they would both be the number 7.
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    }


def strategy_settings(spark: SparkSession) -> dict[str, str]:
    """The settings that ``sparkjobs.strategies`` asks for, where the session has them."""
    found = {key: spark.conf.get(key, None) for key in KEYS}
    return {key: value for key, value in found.items() if value is not None}


def claim_gpu(spark: SparkSession) -> None:
    """Let the session say that RAPIDS plans its queries, without the plugin being there."""
    # RuntimeConfig.set refuses core settings (CANNOT_MODIFY_CONFIG); plugins start with the context alone.
    java_session(spark).sessionState().conf().setConfString(PLUGINS, RAPIDS_PLUGIN)


def _own_python() -> None:
    """Without spark-submit nobody has said which Python the workers run: the one that runs this."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        # SparkContext would run the python3 that stands first on the PATH (core/context.py).
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def _tune_delta(spark: SparkSession) -> None:
    """Delta reads a table's state with 50 tasks whatever its size: as many as can run are enough."""
    # DeltaSQLConf.DELTA_SNAPSHOT_PARTITIONS; unset, Snapshot takes its own default of 50.
    if spark.conf.get(_SNAPSHOT_TASKS, None) is None:
        slots = spark.sparkContext.defaultParallelism
        spark.conf.set(_SNAPSHOT_TASKS, str(max(2, min(50, slots))))


@contextmanager
def closing_session(name: str, timezone: str) -> Iterator[SparkSession]:
    """A session that is stopped, with its JVM, when the block ends."""
    spark = open_session(name, timezone)
    try:
        yield spark
    finally:
        close(spark)


@phase("closing")
def close(spark: SparkSession) -> None:
    """Stop the session, and the JVM when this process started it (under spark-submit it is our parent)."""
    from pyspark import SparkContext

    # A signal may have cut this thread's talk with the JVM short; another thread has a talk of its own.
    # (In pinned thread mode py4j keeps a connection for each thread: SPARK-22340.)
    stopper = threading.Thread(target=_stop, args=(spark,), daemon=True)
    stopper.start()
    stopper.join(STOP_TIMEOUT_S)
    gateway: Any = SparkContext._gateway
    process = getattr(gateway, "proc", None)
    if process is None:
        return
    gateway.shutdown()
    # The JVM ends when the pipe that it was given closes.
    # (PythonGatewayServer reads it to its end, so that it dies with a Python that was killed, too.)
    process.stdin.close()
    _end(process)
    SparkContext._gateway = None
    SparkContext._jvm = None


def _end(process: Any) -> None:
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop(spark: SparkSession) -> None:
    _spare_accumulators(spark)
    try:
        spark.stop()
    except Exception as error:
        log.warning("the session could not be stopped in order: %s", error)


def _spare_accumulators(spark: SparkSession) -> None:
    """Spark would wait for its accumulator server, which looks twice a second whether it shall end."""
    context: Any = spark.sparkContext
    # SparkContext.stop calls shutdown(), which socketserver's serve_forever heeds each poll_interval of .5 s.
    server, context._accumulatorServer = context._accumulatorServer, None
    threading.Thread(target=server.shutdown, daemon=True).start()


def require_delta(spark: SparkSession) -> None:
    """Fail at once, with the remedy, when the session has no Delta.

    Spark only warns when an extension's class is missing and fails much later, inside a query.
    """
    jvm = jvm_of(spark)
    try:
        # Jars of --jars and --packages are in SparkSubmit's MutableURLClassLoader, which only the thread's
        # context loader reaches.
        jvm.java.lang.Class.forName(
            DELTA_EXTENSION, False, jvm.java.lang.Thread.currentThread().getContextClassLoader()
        )
    except Exception as error:
        raise EnvironmentProblem("this Spark session has no Delta Lake jars", SUBMIT_LINE) from error


def configure_s3(spark: SparkSession, s3: S3Settings) -> None:
    """Hand the S3 settings to Spark's s3a.

    They go into the Hadoop configuration of the running context, which is sent to the executors but
    is neither shown in the UI nor written to the event log, as a Spark conf would be.
    """
    conf = hadoop_configuration(spark)
    settings = {
        "fs.s3a.endpoint": s3.endpoint,
        # SDK v2 signs for some region always: without one DefaultS3ClientFactory looks for it in the host's
        # name.
        "fs.s3a.endpoint.region": s3.region or ("us-east-1" if s3.endpoint else None),
        "fs.s3a.access.key": s3.access_key,
        "fs.s3a.secret.key": s3.secret_key,
        "fs.s3a.session.token": s3.session_token,
        # S3A's default puts the bucket into the host name, which an address or localhost does not resolve.
        "fs.s3a.path.style.access": "true" if s3.plain_http else None,
        "fs.s3a.connection.ssl.enabled": "false" if s3.plain_http else None,
        "fs.s3a.aws.credentials.provider": _provider(s3),
    }
    for key, value in settings.items():
        if value is not None:
            conf.set(key, value)


def _provider(s3: S3Settings) -> str | None:
    if s3.access_key is None:
        return None
    # The simple provider leaves the session token out, and keys of STS are none without it.
    kind = "TemporaryAWSCredentialsProvider" if s3.session_token else "SimpleAWSCredentialsProvider"
    return f"org.apache.hadoop.fs.s3a.{kind}"
