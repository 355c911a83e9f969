"""Dynamic allocation: bounds, what it needs, and what keeps executors for ever."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.applied import SERVICE, TRACKING, bounded, dynamic, spark_version, tracks_shuffle
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import integer, seconds, shown

ENABLED = "spark.dynamicAllocation.enabled"
MIN, INITIAL, MAX = (f"spark.dynamicAllocation.{name}Executors" for name in ("min", "initial", "max"))
TIMEOUT = "spark.dynamicAllocation.shuffleTracking.timeout"
INSTANCES = "spark.executor.instances"
DECOMMISSION = "spark.decommission.enabled"
MIGRATE = "spark.storage.decommission.enabled"
MIGRATE_SHUFFLE = "spark.storage.decommission.shuffleBlocks.enabled"
POD_TEMPLATE = "spark.kubernetes.executor.podTemplateFile"
# Longer than any application: the same as never.
_NEVER_S = 365 * 86400.0


@rule(
    "dynamic-allocation-bounds",
    "error",
    "Set minExecutors <= initialExecutors <= maxExecutors, and maxExecutors to 1 or more.",
)
def bounds(c: Configuration) -> Iterator[Problem]:
    """The bounds of dynamic allocation are out of order."""
    if not dynamic(c):
        return
    least, first, most = integer(c, MIN, 0), integer(c, INITIAL), bounded(c)
    if least is not None and most is not None and (least > most or most <= 0):
        yield Problem((MIN, MAX), f"{shown(c, MIN, MAX)}: Spark refuses to start")
    if least is not None and least < 0:
        yield Problem((MIN,), f"{shown(c, MIN)}: Spark refuses to start")
    if first is not None and least is not None and first < least:
        yield Problem((INITIAL, MIN), f"{shown(c, INITIAL, MIN)}: the start is below the lower bound")
    if first is not None and most is not None and first > most:
        yield Problem((INITIAL, MAX), f"{shown(c, INITIAL, MAX)}: the start is above the upper bound")


@rule(
    "dynamic-allocation-bounds-unused",
    "warning",
    f"Set {ENABLED}=true, or false where the bounds shall rest.",
)
def bounds_unused(c: Configuration) -> Iterator[Problem]:
    """Bounds of dynamic allocation stand there, and nothing says whether it is on."""
    keys = tuple(key for key in (MIN, INITIAL, MAX) if key in c.values)
    if keys and ENABLED not in c.values and c.manager != "local":
        yield Problem((*keys, ENABLED), f"{shown(c, *keys)}, {shown(c, ENABLED)}: Spark reads no bounds")


@rule("dynamic-allocation-unbounded", "warning", f"Set {MAX} to what this application may take.")
def unbounded(c: Configuration) -> Iterator[Problem]:
    """Dynamic allocation has no upper bound."""
    unreadable = integer(c, MAX, 0) is None and (c.get(MAX) or "").strip().lower() != "infinity"
    if dynamic(c) and bounded(c) is None and not unreadable:
        yield Problem(
            (ENABLED, MAX), f"{shown(c, MAX)}: one stage with many tasks can take the whole cluster"
        )


@rule(
    "dynamic-allocation-without-shuffle",
    "error",
    f"Set {TRACKING}=true, or use the external shuffle service ({SERVICE}=true), or decommission "
    f"executors ({DECOMMISSION}=true and {MIGRATE}=true).",
)
def without_shuffle(c: Configuration) -> Iterator[Problem]:
    """Dynamic allocation has nothing that keeps shuffle files when an executor goes."""
    moves = c.on(DECOMMISSION) and c.on(MIGRATE_SHUFFLE, default=True)
    kept = tracks_shuffle(c) or c.on(SERVICE) or moves or "spark.shuffle.sort.io.plugin.class" in c.values
    if dynamic(c) and not kept:
        what = shown(c, SERVICE, TRACKING)
        if TRACKING not in c.values:
            what += f" (false by default in Spark {spark_version(c)})"
        yield Problem((ENABLED, SERVICE, TRACKING), f"{what}, no decommission: Spark refuses to start")


@rule(
    "shuffle-service-on-kubernetes",
    "error",
    f"Remove {SERVICE}; shuffle tracking keeps shuffle files, or decommissioning moves them.",
)
def service_in_pods(c: Configuration) -> Iterator[Problem]:
    """Executors in pods are to register with an external shuffle service, which Kubernetes does not have."""
    # A pod template may put a service of one's own beside the executor.
    if c.manager == "kubernetes" and c.on(SERVICE) and POD_TEMPLATE not in c.values:
        yield Problem(
            (SERVICE, "spark.master"),
            f"{shown(c, SERVICE)}: every executor looks for one in its pod and ends",
        )


@rule(
    "shuffle-tracking-keeps-executors",
    "warning",
    f"Set {TIMEOUT} to a length of time (such as 30min) after which shuffle files may be computed again.",
)
def kept_for_ever(c: Configuration) -> Iterator[Problem]:
    """Idle executors that hold shuffle files are never released."""
    if not dynamic(c) or not tracks_shuffle(c) or _decommissions_shuffle(c):
        return
    timeout = seconds(c, TIMEOUT, _NEVER_S, bare_s=1e-3)
    if timeout is not None and timeout >= _NEVER_S:
        message = f"shuffle tracking is on and {shown(c, TIMEOUT)}: an idle executor with shuffle files stays"
        yield Problem(
            (TRACKING, TIMEOUT), f"{message} until the driver collects the shuffle, often to the end"
        )


@rule("decommission-with-shuffle-tracking", "warning", f"Set {TRACKING}=false.")
def decommission_and_tracking(c: Configuration) -> Iterator[Problem]:
    """Shuffle tracking holds back executors whose shuffle files decommissioning would move."""
    if dynamic(c) and tracks_shuffle(c) and _decommissions_shuffle(c):
        message = f"{shown(c, DECOMMISSION)} and shuffle tracking is on"
        if TRACKING not in c.values:
            message += " by default"
        yield Problem((DECOMMISSION, TRACKING), f"{message}: idle executors are not released in time")


@rule("decommission-without-migration", "warning", f"Set {MIGRATE}=true.")
def decommission_moves_nothing(c: Configuration) -> Iterator[Problem]:
    """Executors are decommissioned but their blocks are not moved."""
    if c.on(DECOMMISSION) and not c.on(MIGRATE) and not c.on(SERVICE) and c.manager != "local":
        message = f"{shown(c, DECOMMISSION, MIGRATE)}: shuffle files and cached blocks go with the executor"
        yield Problem((DECOMMISSION, MIGRATE), f"{message}, and their stages run again")


@rule(
    "executor-instances-with-dynamic-allocation",
    "warning",
    f"Remove {INSTANCES} (--num-executors), or say {INITIAL}; for a fixed number set {ENABLED}=false.",
)
def instances_beside_dynamic(c: Configuration) -> Iterator[Problem]:
    """A fixed number of executors stands beside dynamic allocation, which takes it as a start only."""
    count, first = integer(c, INSTANCES), integer(c, INITIAL)
    if dynamic(c) and count and count != first:
        message = f"{shown(c, INSTANCES)} beside {shown(c, ENABLED)}: it sets how many there are at the start"
        yield Problem((INSTANCES, ENABLED), f"{message}, not how many there will be")


def _decommissions_shuffle(c: Configuration) -> bool:
    return c.on(DECOMMISSION) and c.on(MIGRATE_SHUFFLE, default=True)


RULES = (
    bounds,
    bounds_unused,
    unbounded,
    without_shuffle,
    service_in_pods,
    kept_for_ever,
    decommission_and_tracking,
    decommission_moves_nothing,
    instances_beside_dynamic,
)
