"""Memory of driver and executors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from launcher.planning.lint.applied import cluster_mode, containers, overhead_mib, pyspark_mib, rapids, slots
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import bare, byte, mib, shown
from launcher.spec.units import MIB, human_bytes, mib_text

HEAP, DRIVER = "spark.executor.memory", "spark.driver.memory"
OVERHEAD, PYSPARK = "spark.executor.memoryOverhead", "spark.executor.pyspark.memory"
OFFHEAP, OFFHEAP_SIZE = "spark.memory.offHeap.enabled", "spark.memory.offHeap.size"
RESULT = "spark.driver.maxResultSize"
PINNED = "spark.rapids.memory.pinnedPool.size"
# UnifiedMemoryManager: 1.5 x the 300 MiB that Spark keeps for itself.
LEAST_HEAP_MIB = 450
# A Python worker without any library takes about 64 MiB of its own (measured: 82 with one small library).
WORKER_MIB = 64
# Pointers of 4 bytes reach 32 GiB; up to about 40 GiB, pointers of 8 bytes eat what the larger heap gains.
SHORT_POINTERS_MIB, WORTH_MIB = 32 * 1024, 40 * 1024
OPTIONS = ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions")
_XMX = re.compile(r"[0-9]+[kKmMgGtT]")
MIB_KEYS = (
    HEAP,
    DRIVER,
    OVERHEAD,
    PYSPARK,
    "spark.driver.memoryOverhead",
    "spark.yarn.am.memory",
    "spark.yarn.am.memoryOverhead",
    "spark.executor.minMemoryOverhead",
    "spark.driver.minMemoryOverhead",
    "spark.kryoserializer.buffer.max",
)
BYTE_KEYS = (
    OFFHEAP_SIZE,
    RESULT,
    PINNED,
    "spark.sql.files.maxPartitionBytes",
    "spark.sql.autoBroadcastJoinThreshold",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes",
    "spark.rapids.sql.batchSizeBytes",
)


@rule("heap-below-minimum", "error", "Ask for 450m or more; 1g is Spark's default.")
def heap_too_small(c: Configuration) -> Iterator[Problem]:
    """A heap is smaller than Spark accepts."""
    for key in (HEAP, DRIVER):
        size = mib(c, key)
        if size is not None and size < LEAST_HEAP_MIB:
            fix = _set_to(key, _meant(size)) if bare(c.values[key]) else ""
            yield Problem(
                (key,), f"{shown(c, key)} is {size} MiB; Spark refuses less than {LEAST_HEAP_MIB}", fix
            )


@rule("driver-memory-spelling", "error", "Write a whole number with k, m, g or t: 4g.")
def driver_spelling(c: Configuration) -> Iterator[Problem]:
    """The driver's heap is written in a way that Spark reads and Java does not."""
    text, size = c.get(DRIVER), mib(c, DRIVER)
    # SparkSubmitCommandBuilder hands the text to -Xmx as it stands, in a driver pod too; YARN's client
    # and a standalone worker write the number of MiB themselves.
    own = cluster_mode(c) and c.manager in ("yarn", "standalone")
    if text is None or size is None or own or c.logged:
        return
    if not _XMX.fullmatch(text):
        why = "-Xmx counts bytes and Spark MiB" if bare(text) else "-Xmx takes k, m, g or t behind a number"
        fix = _set_to(DRIVER, _meant(int(text)) if bare(text) else size)
        yield Problem((DRIVER,), f"{shown(c, DRIVER)}: Java is given -Xmx{text}, and {why}", fix)


@rule("size-without-unit", "warning", "Write the unit: 4g, 512m.")
def no_unit(c: Configuration) -> Iterator[Problem]:
    """A size has no unit and comes out absurd in the unit that Spark takes."""
    for key in MIB_KEYS:
        size = mib(c, key)
        if size is not None and bare(c.values[key]) and size > 0 and not 64 <= size < MIB:
            yield Problem((key,), f"{shown(c, key)} counts MiB: {human_bytes(size * MIB)}")
    for key in BYTE_KEYS:
        size = byte(c, key)
        if size is not None and bare(c.values[key]) and 0 < size < 64 * 1024:
            yield Problem((key,), f"{shown(c, key)} counts bytes: {human_bytes(size)}")


@rule("off-heap-without-size", "error", f"Set {OFFHEAP_SIZE}, or {OFFHEAP}=false.")
def off_heap_without_size(c: Configuration) -> Iterator[Problem]:
    """Off-heap memory is on and has no size."""
    size = byte(c, OFFHEAP_SIZE, 0)
    if c.on(OFFHEAP) and size is not None and size <= 0:
        yield Problem((OFFHEAP, OFFHEAP_SIZE), f"{shown(c, OFFHEAP, OFFHEAP_SIZE)}: Spark refuses to start")


@rule("off-heap-size-unused", "warning", f"Set {OFFHEAP}=true, or remove {OFFHEAP_SIZE}.")
def off_heap_unused(c: Configuration) -> Iterator[Problem]:
    """Off-heap memory has a size but is off."""
    if (byte(c, OFFHEAP_SIZE) or 0) > 0 and not c.on(OFFHEAP):
        yield Problem((OFFHEAP_SIZE, OFFHEAP), f"{shown(c, OFFHEAP_SIZE, OFFHEAP)}: the size does nothing")


@rule("python-memory-too-small", "warning", f"Raise {OVERHEAD}, or lower spark.executor.cores.")
def python_starves(c: Configuration) -> Iterator[Problem]:
    """The memory for Python, the overhead or its own limit, is too small for one worker per task."""
    tasks, limit, overhead = slots(c), pyspark_mib(c), overhead_mib(c)
    if not c.python or not tasks or c.manager == "local" or not (limit or containers(c)):
        return
    room = limit or (None if overhead is None else max(0, overhead - _pinned_mib(c)))
    if room is not None and room < tasks * WORKER_MIB:
        key = PYSPARK if limit else OVERHEAD
        least = mib_text((0 if limit else _pinned_mib(c)) + max(512, tasks * 2 * WORKER_MIB))
        message = (
            f"{mib_text(room)} for {tasks} Python workers; one takes {WORKER_MIB} MiB before it has data"
        )
        yield Problem(
            (key, "spark.executor.cores"), message, f"Set {key} to {least} or more, or lower the cores."
        )


@rule("pinned-above-overhead", "warning", f"Raise {OVERHEAD} above {PINNED}.")
def pinned_too_large(c: Configuration) -> Iterator[Problem]:
    """The pinned memory of RAPIDS does not fit the memory beside the heap."""
    overhead, pinned = overhead_mib(c), _pinned_mib(c)
    if pinned and containers(c) and overhead is not None and pinned >= overhead:
        message = (
            f"{shown(c, PINNED)}, but {mib_text(overhead)} beside the heap: the manager ends the executor"
        )
        yield Problem((PINNED, OVERHEAD), message)


@rule("heap-loses-short-pointers", "info", "Take 31g, or more and smaller executors, or more than 40g.")
def heap_between(c: Configuration) -> Iterator[Problem]:
    """A heap from 32g to 40g holds less than one of 31g, because its pointers are twice as long."""
    for key, options in ((HEAP, OPTIONS[1]), (DRIVER, OPTIONS[0])):
        size = mib(c, key)
        aligned = "ObjectAlignmentInBytes" in (c.get(options) or "")
        # With RAPIDS the data lies outside the heap.
        if size is None or aligned or rapids(c) or not SHORT_POINTERS_MIB <= size < WORTH_MIB:
            continue
        yield Problem((key,), f"{shown(c, key)}: from 32g on the JVM cannot use pointers of 4 bytes")


@rule("result-size-above-driver", "warning", f"Set {RESULT} below {DRIVER}, or raise the driver's heap.")
def result_too_large(c: Configuration) -> Iterator[Problem]:
    """Results of a size that the driver cannot hold are let through."""
    limit, heap = byte(c, RESULT), mib(c, DRIVER, 1024)
    if limit is None or heap is None:
        return
    if limit == 0:
        yield Problem((RESULT,), f"{shown(c, RESULT)} is no limit: a large collect() ends the driver")
    elif limit > heap * MIB:
        message = f"{shown(c, RESULT)}, but the driver's heap is {mib_text(heap)}"
        yield Problem((RESULT, DRIVER), f"{message}: a collect() can end the driver before the limit does")


@rule("heap-in-java-options", "error", f"Set {HEAP} or {DRIVER} in place of -Xmx.")
def xmx(c: Configuration) -> Iterator[Problem]:
    """The size of a heap stands among the options of Java."""
    for key in OPTIONS:
        if re.search(r"(?<!\S)[\"']?-Xmx", c.get(key) or ""):
            yield Problem((key,), f"{key} has -Xmx: Spark refuses to start")


def _meant(number: int) -> int:
    """MiB that somebody meant by a number without unit: GiB when it is small, bytes or KiB when huge."""
    if number < 64:
        return number * 1024
    ways = (number if number < MIB else 0, number // MIB, number // 1024)
    return next((mib for mib in ways if mib >= LEAST_HEAP_MIB), 0)


def _set_to(key: str, heap_mib: int) -> str:
    """A mend that names a value; none, which leaves the rule's own, when Spark would refuse that as well."""
    return f"Set {key}={mib_text(heap_mib)}." if heap_mib >= LEAST_HEAP_MIB else ""


def _pinned_mib(c: Configuration) -> int:
    return (byte(c, PINNED, 0) or 0) // MIB if rapids(c) else 0


RULES = (
    heap_too_small,
    driver_spelling,
    no_unit,
    off_heap_without_size,
    off_heap_unused,
    python_starves,
    pinned_too_large,
    heap_between,
    result_too_large,
    xmx,
)
