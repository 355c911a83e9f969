"""What earlier runs of a job learned about its memory: the next plan starts from what worked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from launcher.records.record import Record, State
from launcher.spec.application import SAME_INPUT
from launcher.spec.cluster import Cluster
from launcher.spec.config.layers import enforced_keys
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import size_mib

# Which memory was too small, the setting that gives more of it, and the step.
Memory = Literal["executor heap", "executor overhead", "driver heap", "driver overhead"]
STEPS: dict[Memory, tuple[str, float]] = {
    "executor heap": ("spark.executor.memory", 1.5),
    "executor overhead": ("spark.executor.memoryOverhead", 2.0),
    "driver heap": ("spark.driver.memory", 1.5),
    "driver overhead": ("spark.driver.memoryOverhead", 2.0),
}
CORES = "spark.executor.cores"
LEARNED = frozenset({CORES, *(key for key, _ in STEPS.values())})


@dataclass(frozen=True)
class Learned:
    """What a run proved.

    Attributes:
        pin: the setting, of origin history; its place is the run.
        outgrown: whether the input has grown since, so that it proves only that less would not do.
    """

    pin: Pin
    outgrown: bool = False


def learned(
    records: Iterable[Record],
    job: str,
    cluster: Cluster,
    cores: str | None = None,
    input_bytes: int | None = None,
) -> tuple[Learned, ...]:
    """The settings that an attempt with more memory proved, or that a plan had from such a run.

    Args:
        records: of earlier runs, the newest first.
        job: name of the job or script.
        cluster: where it is to run; what its profile enforces, or no longer allows, is left out.
        cores: of an executor, where somebody sets them: what runs with others had is no measure.
        input_bytes: of the next run; ``None``: nobody knows.

    Returns:
        one setting a key.
    """
    found: dict[str, list[Learned]] = {}
    for record in records:
        if record.job == job and record.target == cluster.name and record.state is State.SUCCEEDED:
            outgrown = _outgrown(record, input_bytes)
            unlike = cores is not None and _cores(record) not in (None, cores)
            for key, value, proof in _proved(record):
                if unlike and key.startswith("spark.executor."):
                    continue
                found.setdefault(key, []).append(Learned(Pin(key, value, Origin.HISTORY, proof), outgrown))
    best = (_best(same) for _, same in sorted(found.items()))
    return tuple(one for one in best if may_be(one.pin, cluster))


def _best(same: Sequence[Learned]) -> Learned:
    """The newest whose input was as much; of those with less input the largest."""
    fitting = next((one for one in same if not one.outgrown), None)
    if fitting is not None or same[0].pin.key == CORES:
        return fitting or same[0]
    return max(same, key=lambda one: size_mib(one.pin.value))


def _outgrown(record: Record, input_bytes: int | None) -> bool:
    before = record.input_bytes
    return bool(before and input_bytes and input_bytes > before * (1 + SAME_INPUT))


def _cores(record: Record) -> str | None:
    """Of an executor, as the run's plan had them."""
    settings = (record.plan or {}).get("settings", ())
    return next((setting.get("value") for setting in settings if setting.get("key") == CORES), None)


def _proved(record: Record) -> Iterator[tuple[str, str, str]]:
    """Key, value, and the run that proved it: changes of this run before what its plan already had."""
    for attempt in reversed(record.attempts[:-1]):
        if attempt.changed is not None:
            yield attempt.changed[0], attempt.changed[2], record.run_id
    for setting in (record.plan or {}).get("settings", ()):
        if setting.get("origin") == Origin.HISTORY.value and setting.get("key") in LEARNED:
            yield setting["key"], setting["value"], record.run_id


def may_be(pin: Pin, cluster: Cluster) -> bool:
    """Whether a profile leaves the key to others, and its limits allow the value."""
    if pin.key in enforced_keys(cluster):
        return False
    limits = cluster.limits
    most = {
        CORES: limits.max_executor_cores,
        "spark.executor.memory": limits.max_executor_memory_mib,
        "spark.executor.memoryOverhead": limits.max_executor_memory_mib,
        "spark.driver.memory": limits.max_driver_memory_mib,
        "spark.driver.memoryOverhead": limits.max_driver_memory_mib,
    }[pin.key]
    return most is None or (int(pin.value) if pin.key == CORES else size_mib(pin.value)) <= most
