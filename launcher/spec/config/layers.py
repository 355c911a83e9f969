"""Every layer's values as pins, and the values that the profile enforces. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from launcher.redact import masked
from launcher.spec.cluster import Cluster
from launcher.spec.config.flags import PIN_OPTIONS
from launcher.spec.config.guarded import refuse_guarded, refuse_on_failure
from launcher.spec.config.properties import Properties
from launcher.spec.job_file import DynamicAllocation, JobFile
from launcher.spec.known_keys import known, pins_of_today
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import Mib, mib_text
from launcher.spec.value_types import same_setting
from sparkjobs.errors import UsageError

_DYNAMIC_KEYS = {
    "enabled": "spark.dynamicAllocation.enabled",
    "min": "spark.dynamicAllocation.minExecutors",
    "initial": "spark.dynamicAllocation.initialExecutors",
    "max": "spark.dynamicAllocation.maxExecutors",
}


def pins(
    *,
    flags: tuple[Pin, ...] = (),
    job_file: JobFile | None = None,
    properties: Properties | None = None,
    cluster: Cluster,
) -> tuple[Pin, ...]:
    """What every layer asks for, by the newest names; ``launcher.spec.layer.resolve`` decides among them.

    Args:
        flags: of the command line.
        job_file: the job file, if one is run.
        properties: ``--properties-file`` and spark-defaults.conf.
        cluster: the profile; its ``conf`` and ``enforced`` are the lowest layer.

    Raises:
        UsageError: the job file sets what only the operator may set, or names whom to tell of a failure
            where the profile does not allow that.
    """
    requested = () if job_file is None else tuple(job_file_pins(job_file))
    refuse_guarded(requested, cluster)
    if job_file is not None:
        refuse_on_failure(job_file, cluster)
    files = () if properties is None else properties.pins
    return pins_of_today((*flags, *requested, *files, *_profile_pins(cluster)), cluster.spark_version)


def enforce(resolved: Mapping[str, Pin], cluster: Cluster) -> None:
    """Refuse a value that differs from one that the profile enforces.

    Args:
        resolved: the pins that decide, by key.
        cluster: the profile.

    Raises:
        UsageError: names both values and both places; one line each.
    """
    faults = [
        f"{pin.place}: {wanted.key} is {masked(wanted.key, pin.value)}, "
        f"and {wanted.place} enforces {masked(wanted.key, wanted.value)}"
        for wanted in enforced_pins(cluster)
        if (pin := resolved.get(wanted.key)) is not None and differs(pin, wanted)
    ]
    if faults:
        raise UsageError("\n".join(faults), f"Leave it out, or ask the operator of {cluster.name}.")


def enforced_pins(cluster: Cluster) -> tuple[Pin, ...]:
    """What the profile enforces, by the newest names, in the order of the keys."""
    pins = (
        Pin(key, value, Origin.PROFILE, cluster.place(f"enforced.{key}"))
        for key, value in cluster.enforced.items()
    )
    return tuple(sorted(pins_of_today(pins, cluster.spark_version), key=lambda pin: pin.key))


def enforced_keys(cluster: Cluster) -> frozenset[str]:
    """The keys that the profile enforces, by their newest names."""
    return frozenset(pin.key for pin in enforced_pins(cluster))


def differs(pin: Pin, wanted: Pin) -> bool:
    """Whether a pin says something else than one of the same key, as Spark reads both."""
    return not same_setting(known().types.get(wanted.key), pin.value, wanted.value)


def job_file_pins(job_file: JobFile) -> Iterator[Pin]:
    """The settings that a job file asks for, each with its line."""
    for key, value in job_file.conf.items():
        yield Pin(key, value, Origin.JOB_FILE, job_file.place(f"conf.{key}"))
    for option in PIN_OPTIONS:
        requested = getattr(job_file, option.name, None)
        if requested is not None and option.key is not None:
            yield Pin(option.key, _text(requested), Origin.JOB_FILE, job_file.place(option.name))
    if job_file.dynamic_allocation is not None:
        yield from _dynamic_pins(job_file, job_file.dynamic_allocation)


def _dynamic_pins(job_file: JobFile, requested: DynamicAllocation) -> Iterator[Pin]:
    section = job_file.place("dynamic_allocation")
    for name, key in _DYNAMIC_KEYS.items():
        value = getattr(requested, name)
        if value is not None:
            place = job_file.places.get(f"dynamic_allocation.{name}", section)
            yield Pin(key, _text(value), Origin.JOB_FILE, place)


def _profile_pins(cluster: Cluster) -> Iterator[Pin]:
    for section, settings in (("conf", cluster.conf), ("enforced", cluster.enforced)):
        for key, value in settings.items():
            yield Pin(key, value, Origin.PROFILE, cluster.place(f"{section}.{key}"))


def _text(value: bool | int | str | tuple[str, ...]) -> str:
    if isinstance(value, Mib):
        return mib_text(value)
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
