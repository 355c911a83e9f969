"""Local mode: one process with as many threads as the machine, or its container, grants cores."""

from __future__ import annotations

import re

from launcher.planning.cuts import MOST_PARTITIONS, SPLIT_MIB, split_size
from launcher.planning.executor_memory import LEAST_WORKER_MIB, WORKER_MIB
from launcher.planning.javaoptions import additions
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import Machine, PlanRequest
from launcher.planning.result import Executors
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shuffle import put_splits
from launcher.spec.application import UNKNOWN_INPUT, InputSize
from launcher.spec.cluster import Limits
from launcher.spec.local_settings import HEAP_SHARE, MIB, MOST_HEAP_MIB, SHORT_INPUT_BYTES, heap_mib, quoted
from launcher.spec.units import counted, human_bytes, mib_text
from sparkjobs.errors import UsageError

MEASURED = "measured"
# Adaptive execution joins partitions that are too small, and never cuts those that are too large.
ROUNDS, PARTITION_MIB = 2, 128
OPTIONS = "spark.driver.extraJavaOptions"
# A start of Spark with a small job and Delta: what it allocates between two clearings, and its classes.
YOUNG_MIB, CLASSES_MIB = 384, 256
# SparkMasterRegex: local, local[N] and local[N, failures of a task].
_LOCAL = re.compile(r"local(?:\[(\d+|\*)(?:\s*,\s*\d+)?\])?")


def plan_local(builder: SettingsBuilder, request: PlanRequest) -> Executors:
    """Decide every setting of a run on this machine.

    Raises:
        UsageError: GPUs are asked for, or a pin is above what the machine has.
    """
    _refuse_gpus(builder.pins, request)
    machine = request.machine
    limits = request.cluster.limits
    cores = min(
        limit for limit in (machine.cores, limits.max_total_cores, limits.max_executor_cores) if limit
    )
    threads = _threads(builder.pins, machine, cores, request.cluster.name)
    heap = _heap(builder.pins, machine, limits)
    _put_place(builder, machine, cores)
    if request.application.kind == "job":
        why = "Python workers of our jobs start sooner from compiled files"
        builder.put(Group.PLACE, "spark.python.daemon.module", "sparkjobs.daemon", why, MEASURED)
    _put_driver(builder, request, threads, heap)
    # A stream keeps the number in its checkpoint, whatever arrives later.
    size = UNKNOWN_INPUT if request.application.streaming else request.application.input
    _put_sql(builder, threads, size)
    rest = max(0, machine.memory_mib - heap)
    return Executors(1, 1, 1, threads, heap, min(rest, threads * WORKER_MIB), 1, left_mib=0)


def _put_place(builder: SettingsBuilder, machine: Machine, cores: int) -> None:
    why = f"a thread for each of the {machine.cores} cores that this process may use ({machine.cores_origin})"
    if cores < machine.cores:
        why = f"the limits of the profile leave {cores} of the {machine.cores} cores that are here"
    builder.put(Group.PLACE, "spark.master", f"local[{cores}]", why, "Spark: LocalSchedulerBackend")
    why = "the name of a laptop changes with its network, and nobody else needs to reach this driver"
    builder.put(Group.PLACE, "spark.driver.host", "localhost", why, "Spark configuration: networking")
    why = "the driver listens on this machine alone"
    builder.put(Group.PLACE, "spark.driver.bindAddress", "127.0.0.1", why, "Spark configuration: networking")
    why = "a short run needs no web page; without it Spark starts 1.2 s faster (12.9 s to 11.7 s)"
    builder.put(Group.PLACE, "spark.ui.enabled", False, why, MEASURED)
    why = "jobs report their own progress, and two bars overwrite each other"
    builder.put(Group.PLACE, "spark.ui.showConsoleProgress", False, why, "Spark: ConsoleProgressBar")


def _put_driver(builder: SettingsBuilder, request: PlanRequest, threads: int, heap: int) -> None:
    machine = request.machine
    builder.put(
        Group.DRIVER,
        "spark.driver.memory",
        f"{heap}m",
        f"{HEAP_SHARE:.0%} of {machine.memory_mib} MiB ({machine.memory_origin}), between 1 and "
        f"{MOST_HEAP_MIB // 1024} GiB: the driver is the executor too, and the rest is for {threads} "
        "Python workers",
        "Spark: local mode runs tasks in the driver",
    )
    if request.jars:
        why = f"{len(request.jars)} jars are read where they lie; spark.jars would copy them at each start"
        builder.extend(Group.DELTA, "spark.driver.extraClassPath", request.jars, ":", why, MEASURED)
    reasons = _java_options(request, heap)
    pin = builder.pins.get(OPTIONS)
    options = additions(pin.value if pin else None, list(reasons))
    if options:
        why = "; ".join(reasons[option] for option in options)
        builder.extend(Group.DRIVER, OPTIONS, options, " ", why, MEASURED)


def _java_options(request: PlanRequest, heap: int) -> dict[str, str]:
    options = {}
    if request.log_config:
        why = "the JVM logs as our configuration says, to stderr"
        options[quoted(f"-Dlog4j2.configurationFile={request.log_config}")] = why
    if request.machine.cores <= 2:
        why = f"with {request.machine.cores} cores the serial collector leaves more of them to the work"
        options["-XX:+UseSerialGC"] = why
        # Of the heap that is there at the start it takes a third (NewRatio), a hundred MiB or so.
        young = min(YOUNG_MIB, heap // 3)
        why = (
            f"room for {young} MiB of new objects: a start makes as many, and each clearing stops all threads"
        )
        options[f"-XX:NewSize={young}m"] = why
    # The JVM's own threshold is 21 MiB: a start passes it again and again.
    why = "Spark's and Delta's classes alone come to that: below it each growth would clear the whole heap"
    options[f"-XX:MetaspaceSize={CLASSES_MIB}m"] = why
    size = request.application.input.size_bytes
    if size is not None and size <= SHORT_INPUT_BYTES and not request.application.streaming:
        why = f"{human_bytes(size)} are done before the second compiler's code pays for its making"
        options["-XX:TieredStopAtLevel=1"] = why
    return options


def _put_sql(builder: SettingsBuilder, threads: int, size: InputSize) -> None:
    split_mib, why = split_size(size)
    if split_mib > SPLIT_MIB:
        put_splits(builder, split_mib, why)
    number, why = _partitions(threads, size.size_bytes)
    builder.put(Group.SQL, "spark.sql.shuffle.partitions", number, why, "Spark: Performance Tuning")


def _partitions(threads: int, size_bytes: int | None) -> tuple[int, str]:
    least = threads * ROUNDS
    rounds = f"{ROUNDS} rounds for {counted(threads, 'thread')}"
    if size_bytes is not None and size_bytes <= SHORT_INPUT_BYTES:
        return threads, f"one for each thread: of {human_bytes(size_bytes)}, starting is most of a task"
    if size_bytes is None:
        return least, f"{rounds}, which suits small inputs; the size of this one is not known"
    by_size = min(MOST_PARTITIONS, -(-size_bytes // (PARTITION_MIB * MIB)))
    if by_size <= least:
        return least, f"{rounds}; with {human_bytes(size_bytes)}, Spark's 200 would be mostly empty tasks"
    if by_size == MOST_PARTITIONS:
        return by_size, f"{human_bytes(size_bytes)} in the most partitions that a driver keeps account of"
    return by_size, f"about {PARTITION_MIB} MiB of {human_bytes(size_bytes)} each"


def _threads(pins: Pinned, machine: Machine, cores: int, name: str) -> int:
    pin = pins.get("spark.master")
    if pin is None:
        return cores
    match = _LOCAL.fullmatch(pin.value.strip())
    if match is None:
        raise UsageError(f"{pin.place}: spark.master={pin.value} is not this target's local mode")
    threads = match.group(1)
    if threads is None:
        return 1
    number = machine.cores if threads == "*" else max(1, int(threads))
    if threads == "*" and number > cores:
        raise UsageError(
            f"{pin.place}: spark.master={pin.value} takes {number} cores, "
            f"but the limits of {name} leave {cores}",
            hint=f"write local[{cores}], or leave the master out",
        )
    return number


def _heap(pins: Pinned, machine: Machine, limits: Limits) -> int:
    pin = pins.get("spark.driver.memory")
    heap = pins.mib("spark.driver.memory")
    if pin is None or heap is None:
        most = (heap_mib(machine.memory_mib * MIB), limits.max_driver_memory_mib, limits.max_total_memory_mib)
        return min(int(mib) for mib in most if mib is not None)
    if heap + LEAST_WORKER_MIB > machine.memory_mib:
        raise UsageError(
            f"{pin.place}: spark.driver.memory={pin.value} and a Python worker of {LEAST_WORKER_MIB} MiB "
            f"exceed the {machine.memory_mib} MiB that this process may use ({machine.memory_origin})",
            hint=f"about {mib_text(heap_mib(machine.memory_mib * MIB))} leaves room for Python",
        )
    return heap


def _refuse_gpus(pins: Pinned, request: PlanRequest) -> None:
    if request.gpu == "on":
        raise UsageError(
            f"GPUs are on, but target {request.cluster.name} is local mode",
            hint="choose a cluster with GPUs, or --gpu off: in local mode Spark waits for GPUs for ever",
        )
    for pin in pins:
        if ".resource.gpu." in pin.key and pin.key.startswith(
            ("spark.executor.", "spark.task.", "spark.driver.")
        ):
            raise UsageError(
                f"{pin.place}: {pin.key}={pin.value} on target {request.cluster.name}: "
                "local mode has no GPU resources, and Spark would wait for them for ever",
                hint="leave it out, or choose a cluster with GPUs",
            )
