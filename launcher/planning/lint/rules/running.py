"""How the application runs: time limits, reading, shuffling, time zones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from launcher.planning.lint.applied import most_executors, slots
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import integer, seconds, shown

HEARTBEAT, NETWORK = "spark.executor.heartbeatInterval", "spark.network.timeout"
ADAPTIVE, PARTITIONS = "spark.sql.adaptive.enabled", "spark.sql.shuffle.partitions"
ZONE = "spark.sql.session.timeZone"
OPTIONS = ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions")
IGNORED = {
    "spark.files.ignoreCorruptFiles": "the rest of a damaged file is left out, and the job succeeds",
    "spark.sql.files.ignoreCorruptFiles": "the rest of a damaged file is left out, and the job succeeds",
    "spark.files.ignoreMissingFiles": "files that go during the job are left out, and the job succeeds",
    "spark.sql.files.ignoreMissingFiles": "files that go during the job are left out, and the job succeeds",
}


@rule("heartbeat-above-timeout", "error", f"Set {HEARTBEAT} well below {NETWORK}.")
def heartbeat(c: Configuration) -> Iterator[Problem]:
    """Executors say that they live less often than the driver wants to hear it."""
    # Without a unit the one counts milliseconds, the other seconds (SparkConf.validateSettings compares
    # them).
    beat, limit = seconds(c, HEARTBEAT, 10.0, bare_s=1e-3), seconds(c, NETWORK, 120.0)
    if beat is not None and limit is not None and beat >= limit:
        message = f"{shown(c, HEARTBEAT) if HEARTBEAT in c.values else f'{HEARTBEAT} is 10s by default'}"
        message += f", {shown(c, NETWORK) if NETWORK in c.values else f'{NETWORK} is 120s by default'}"
        yield Problem((HEARTBEAT, NETWORK), f"{message}: Spark refuses to start")


@rule("files-left-out", "warning", "Remove it; find damaged files and bad rows by their names instead.")
def left_out(c: Configuration) -> Iterator[Problem]:
    """Files that cannot be read are left out silently."""
    for key, what in IGNORED.items():
        if c.on(key):
            yield Problem((key,), f"{shown(c, key)}: {what}")


@rule("adaptive-execution-off", "info", f"Remove {ADAPTIVE}.")
def not_adaptive(c: Configuration) -> Iterator[Problem]:
    """Adaptive execution is switched off."""
    if (c.get(ADAPTIVE) or "").strip().lower() == "false":
        message = "partitions are neither merged nor split by their size, and joins keep their first plan"
        yield Problem((ADAPTIVE,), f"{shown(c, ADAPTIVE)}: {message}")


@rule("shuffle-partitions-below-slots", "warning", f"Raise {PARTITIONS}, or set {ADAPTIVE}=true.")
def few_partitions(c: Configuration) -> Iterator[Problem]:
    """Without adaptive execution there are fewer shuffle partitions than tasks that can run at once."""
    count, tasks, executors = integer(c, PARTITIONS, 200), slots(c), most_executors(c)
    if not count or not tasks or not executors or (c.get(ADAPTIVE) or "").strip().lower() != "false":
        return
    if count < tasks * executors:
        text = shown(c, PARTITIONS) if PARTITIONS in c.values else f"{PARTITIONS} is 200 by default"
        message = (
            f"{executors} executors run {tasks * executors} tasks at once: {tasks * executors - count} idle"
        )
        yield Problem(
            (PARTITIONS, ADAPTIVE), f"{text} and {shown(c, ADAPTIVE)}, but {message} after a shuffle"
        )


@rule("speculation-repeats-effects", "info", "Keep it only where a task does nothing but compute.")
def speculation(c: Configuration) -> Iterator[Problem]:
    """Slow tasks are run twice, and so is what they do outside Spark."""
    if c.on("spark.speculation"):
        message = "a slow task runs twice: calls and writes from inside tasks happen twice"
        yield Problem(("spark.speculation",), f"{shown(c, 'spark.speculation')}: {message}")


@rule("jvm-timezones-differ", "warning", "Give both the same -Duser.timezone.")
def jvm_zones(c: Configuration) -> Iterator[Problem]:
    """Driver and executors are given different time zones."""
    driver, executor = (_zone(c, key) for key in OPTIONS)
    if driver and executor and driver != executor:
        yield Problem(OPTIONS, f"-Duser.timezone is {driver} for the driver and {executor} for the executors")


@rule("session-timezone-differs", "info", f"Give {ZONE} and -Duser.timezone the same zone.")
def session_zone(c: Configuration) -> Iterator[Problem]:
    """The session's time zone is not that of the JVMs."""
    session = (c.get(ZONE) or "").strip()
    for key in OPTIONS:
        zone = _zone(c, key)
        if session and zone and _plain(session) != _plain(zone):
            message = (
                f"{shown(c, ZONE)}, but {key} has {zone}: SQL and code of the JVM show other local times"
            )
            yield Problem((ZONE, key), message)


def _zone(c: Configuration, key: str) -> str | None:
    match = re.search(r"-Duser\.timezone=[\"']?([\w/+:-]+)", c.get(key) or "")
    return match[1] if match else None


def _plain(zone: str) -> str:
    utc = zone.upper() in ("UTC", "ETC/UTC", "GMT", "Z", "ETC/GMT", "+00:00", "UCT", "ETC/UCT")
    return "UTC" if utc else zone


RULES = (
    heartbeat,
    left_out,
    not_adaptive,
    few_partitions,
    speculation,
    jvm_zones,
    session_zone,
)
