"""What is measured of runs on this machine: the heap's share, short inputs, the class-data archive. Pure."""

from __future__ import annotations

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


def heap_mib(memory_bytes: int) -> int:
    """Heap of the driver, which in local mode is also the executor."""
    share = int(memory_bytes * HEAP_SHARE) // MIB
    return max(LEAST_HEAP_MIB, min(MOST_HEAP_MIB, share))


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
