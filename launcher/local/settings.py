"""The Spark settings of a run on this machine. Pure: the same facts give the same settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
LEAST_HEAP_MIB = 1024
MOST_HEAP_MIB = 16 * 1024
# The rest of the memory belongs to the Python workers, which count and sort outside the heap.
HEAP_SHARE = 0.4
# Below this a run is over before the code of the second compiler has paid for its making.
SHORT_INPUT_BYTES = 32 * MIB
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}


@dataclass(frozen=True)
class LocalFacts:
    """What the settings are made from.

    Attributes:
        cores: cores to use.
        memory_bytes: memory that this process may use.
        jars: jars of the run, Delta's among them.
        log_config: logging configuration of the JVM.
        input_bytes: size of the input; ``None`` when it is not known.
    """

    cores: int
    memory_bytes: int
    jars: tuple[Path, ...]
    log_config: Path
    input_bytes: int | None = None


def heap_mib(memory_bytes: int) -> int:
    """Heap of the driver, which in local mode is also the executor."""
    share = int(memory_bytes * HEAP_SHARE) // MIB
    return max(LEAST_HEAP_MIB, min(MOST_HEAP_MIB, share))


def local_settings(facts: LocalFacts) -> Mapping[str, str]:
    """Every setting by key."""
    return {
        "spark.master": f"local[{facts.cores}]",
        "spark.driver.memory": f"{heap_mib(facts.memory_bytes)}m",
        # Faster than spark.jars, which copies the files at each start; there are no other nodes.
        "spark.driver.extraClassPath": ":".join(map(str, facts.jars)),
        "spark.driver.extraJavaOptions": " ".join(java_options(facts)),
        # The name of a laptop changes with its network; nobody else needs to reach this driver.
        "spark.driver.host": "localhost",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",  # the jobs report on their own
        "spark.python.daemon.module": "sparkjobs.daemon",  # starts from compiled files
        "spark.sql.shuffle.partitions": str(facts.cores * 2),
        # Delta reads its own log with 50 tasks otherwise, also after each write.
        "spark.databricks.delta.snapshotPartitions": str(facts.cores),
        **DELTA,
    }


def java_options(facts: LocalFacts) -> list[str]:
    """Options of the driver's JVM."""
    options = [quoted(f"-Dlog4j2.configurationFile={facts.log_config.absolute().as_uri()}")]
    if facts.cores <= 2:
        options.append("-XX:+UseSerialGC")  # its rivals' threads would take the cores from the work
    if facts.input_bytes is not None and facts.input_bytes <= SHORT_INPUT_BYTES:
        options.append("-XX:TieredStopAtLevel=1")
    return options


def archive_options(archive: Path) -> list[str]:
    """Use a class-data archive, and go on without it should the JVM find that it does not fit."""
    return [
        quoted(f"-XX:SharedArchiveFile={archive}"),
        "-Xshare:auto",
        # The JVM's warnings would go to stdout, which belongs to the job.
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
    ]


def quoted(option: str) -> str:
    """Quote an option for Spark's own splitting of option strings."""
    if not any(character in option for character in " \t\"'\\"):
        return option
    return '"' + option.replace("\\", "\\\\").replace('"', '\\"') + '"'
