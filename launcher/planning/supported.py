"""The versions of an application's parts, and whether they work together."""

from __future__ import annotations

import re

from launcher.planning.compatibility import Compatibility, VersionSet
from launcher.planning.pinned import Pinned
from launcher.planning.request import PlanRequest
from sparkjobs.errors import UsageError

_DELTA_JAR = re.compile(r"delta-spark(?:_[\d.]+)+-(\d[\w.]*)\.jar$")
_RAPIDS_JAR = re.compile(r"rapids-4-spark_[\d.]+-(\d[\w.]*?)(?:-[\w-]+)?\.jar$")


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
    known = _known(table, spark, rapids)
    versions = {"spark": spark}
    if request.application.writes_delta:
        delta = _of_jar(_DELTA_JAR, request.jars) or (known.delta if known else None)
        versions |= {"delta": delta} if delta else {}
    if rapids:
        versions["rapids"] = _of_jar(_RAPIDS_JAR, request.jars) or _rapids(table, known)
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


def _rapids(table: Compatibility, known: VersionSet | None) -> str:
    if known and known.rapids:
        return known.rapids
    return next(entry.rapids for entry in table.sets if entry.rapids)


def _of_jar(pattern: re.Pattern[str], jars: tuple[str, ...]) -> str | None:
    return next((match.group(1) for jar in jars if (match := pattern.search(jar))), None)
