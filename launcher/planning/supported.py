"""The versions of an application's parts, and whether they work together."""

from __future__ import annotations

import re

from launcher.host.compatibility import Compatibility, VersionSet
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import PlanRequest
from sparkjobs.errors import UsageError

# A file (delta-spark_2.13-4.0.1.jar) or a coordinate (io.delta:delta-spark_2.13:4.0.1).
_DELTA = re.compile(r"delta-spark(?:_[\d.]+)+[-:](\d+(?:\.\d+)*)")
_RAPIDS = re.compile(r"rapids-4-spark_[\d.]+[-:](\d+(?:\.\d+)*)")
_JAR_KEYS = (
    "spark.jars",
    "spark.jars.packages",
    "spark.driver.extraClassPath",
    "spark.executor.extraClassPath",
)


def require_supported(request: PlanRequest, pins: Pinned, rapids: bool) -> str | None:
    """Refuse versions that do not work together.

    Args:
        request: what is planned; its jars tell versions, else the compatibility table does.
        pins: what somebody set.
        rapids: the RAPIDS plugin is used.

    Returns:
        The version of RAPIDS; ``None`` when it is not used.

    Raises:
        UsageError: outside the table; the message names the nearest working set.
    """
    spark, table = request.cluster.spark_version, request.versions
    known, jars = _known(table, spark, rapids), _jars(request, pins)
    versions = {"spark": spark}
    if request.application.writes_delta:
        delta = _version(_DELTA, jars) or (known.delta if known else None)
        versions |= {"delta": delta} if delta else {}
    if rapids:
        versions["rapids"] = _version(_RAPIDS, jars) or _usual_rapids(table, known)
        plugins = pins.get("spark.plugins")
        versions |= {"comet": "any"} if plugins and "comet" in plugins.value.lower() else {}
    complaints = table.complaints(versions)
    if complaints:
        place = request.cluster.place("spark_version")
        hint = "--gpu off plans without RAPIDS" if rapids else f"spark_version is set in {place}"
        raise UsageError(f"target {request.cluster.name}: {'; '.join(complaints)}", hint=hint)
    return versions.get("rapids")


def _known(table: Compatibility, spark: str, rapids: bool) -> VersionSet | None:
    same = [entry for entry in table.sets if entry.spark == spark]
    fitting = [entry for entry in same if entry.rapids] if rapids else same
    return next(iter(fitting or same), None)


def _usual_rapids(table: Compatibility, known: VersionSet | None) -> str:
    if known and known.rapids:
        return known.rapids
    return next(entry.rapids for entry in table.sets if entry.rapids)


def _jars(request: PlanRequest, pins: Pinned) -> str:
    pinned = [pin.value for key in _JAR_KEYS if (pin := pins.get(key))]
    return " ".join([*request.jars, *pinned])


def _version(pattern: re.Pattern[str], jars: str) -> str | None:
    match = pattern.search(jars)
    return match.group(1) if match else None
