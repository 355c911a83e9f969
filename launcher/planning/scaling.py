"""The settings of the number of executors, and what happens to their shuffle files when they go."""

from __future__ import annotations

from launcher.planning.elastic import Counts
from launcher.planning.executor_bounds import DYNAMIC
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.cluster import Cluster

POLICY = "Spark: ExecutorAllocationManager"
MONITOR = "Spark: ExecutorMonitor"
IDLE_S, SLOW_START_IDLE_S = 60, 120
CACHED_IDLE_S = 1800
TRACKED_S = 600
FOLLOWED = "sparkjobs.streaming.scaling"
FORGIVEN = "1h"


def put_scaling(
    builder: SettingsBuilder, cluster: Cluster, counts: Counts, gpus: bool, *, streaming: bool
) -> None:
    """All settings about the number of executors."""
    builder.put(Group.SCALING, f"{DYNAMIC}.enabled", counts.dynamic, counts.why, POLICY)
    if counts.dynamic:
        _put_range(builder, counts, POLICY)
        _put_timeouts(builder, cluster, gpus)
    else:
        if counts.follows:
            _put_range(builder, counts, FOLLOWED)
        if cluster.manager != "standalone":  # whose master knows only spark.cores.max
            why = counts.initial_why if counts.follows else counts.max_why
            builder.put(Group.SCALING, "spark.executor.instances", counts.initial, why, "Spark configuration")
    if streaming and cluster.manager != "standalone":
        _put_failures(builder)
    spot = cluster.nodes is not None and cluster.nodes.spot
    if spot:
        _put_decommission(builder)
    if counts.dynamic:
        _put_shuffle_files(builder, cluster, spot)


def _put_range(builder: SettingsBuilder, counts: Counts, source: str) -> None:
    put = builder.put
    put(Group.SCALING, f"{DYNAMIC}.minExecutors", counts.min, counts.min_why, source)
    put(Group.SCALING, f"{DYNAMIC}.initialExecutors", counts.initial, counts.initial_why, source)
    put(Group.SCALING, f"{DYNAMIC}.maxExecutors", counts.max, counts.max_why, source)


def _put_failures(builder: SettingsBuilder) -> None:
    why = (
        "a stream runs for weeks: executors that were lost longer ago than that no longer count towards "
        "spark.executor.maxNumFailures, which would end it"
    )
    builder.put(
        Group.SCALING,
        "spark.executor.failuresValidityInterval",
        FORGIVEN,
        why,
        "Spark: ExecutorFailureTracker",
    )


def _put_timeouts(builder: SettingsBuilder, cluster: Cluster, gpus: bool) -> None:
    slow = gpus or cluster.manager == "kubernetes"
    idle = SLOW_START_IDLE_S if slow else IDLE_S
    why = f"an executor without a task for {idle} s is given back"
    if slow:
        what = "a GPU executor" if gpus else "a pod"
        why += f"; {what} takes long to start, so it stays longer than Spark's {IDLE_S} s"
    builder.put(Group.SCALING, f"{DYNAMIC}.executorIdleTimeout", f"{idle}s", why, MONITOR)
    builder.put(
        Group.SCALING,
        f"{DYNAMIC}.cachedExecutorIdleTimeout",
        f"{CACHED_IDLE_S}s",
        f"after {CACHED_IDLE_S // 60} idle minutes a cache is cheaper to build again than to hold; "
        "Spark alone would never give the executor back",
        MONITOR,
    )
    builder.put(
        Group.SCALING,
        f"{DYNAMIC}.schedulerBacklogTimeout",
        "1s",
        "tasks that wait for 1 s ask for executors: 1, then 2, 4, 8 more each further second",
        POLICY,
    )


def _put_decommission(builder: SettingsBuilder) -> None:
    source = "Spark: BlockManagerDecommissioner"
    why = (
        "spot nodes go at short notice: an executor that is told so takes no more tasks and moves its blocks"
    )
    builder.put(Group.SCALING, "spark.decommission.enabled", True, why, source)
    why = "blocks of an executor that leaves are copied to others instead of computed again"
    builder.put(Group.SCALING, "spark.storage.decommission.enabled", True, why, source)
    why = "shuffle files move too: without them every stage before would run again"
    builder.put(Group.SCALING, "spark.storage.decommission.shuffleBlocks.enabled", True, why, source)
    why = "cached partitions move too"
    builder.put(Group.SCALING, "spark.storage.decommission.rddBlocks.enabled", True, why, source)


def _put_shuffle_files(builder: SettingsBuilder, cluster: Cluster, spot: bool) -> None:
    service = cluster.shuffle_service and not spot and cluster.manager != "kubernetes"
    builder.put(Group.SCALING, "spark.shuffle.service.enabled", service, _service_why(cluster, spot), POLICY)
    tracking = f"{DYNAMIC}.shuffleTracking.enabled"
    if service:
        why = "the external shuffle service serves the files of executors that have gone"
        builder.put(Group.SCALING, tracking, False, why, MONITOR)
    elif spot:
        why = "executors move their shuffle files before they go; tracked as well, idle ones would be held"
        builder.put(Group.SCALING, tracking, False, why, MONITOR)
    else:
        why = "an executor whose shuffle files are still wanted stays, for nobody else serves them"
        builder.put(Group.SCALING, tracking, True, why, MONITOR)
        why = (
            f"after {TRACKED_S // 60} idle minutes it goes all the same, and lost files are computed again; "
            "without a limit executors that once shuffled are never given back"
        )
        builder.put(Group.SCALING, f"{DYNAMIC}.shuffleTracking.timeout", f"{TRACKED_S}s", why, MONITOR)


def _service_why(cluster: Cluster, spot: bool) -> str:
    if cluster.manager == "kubernetes":
        message = ", so shuffle_service of the profile has no effect" if cluster.shuffle_service else ""
        return f"Spark has no external shuffle service on Kubernetes{message}"
    if spot:
        return "a spot node takes the files of its shuffle service with it, so executors move them instead"
    if cluster.shuffle_service:
        return f"every node of {cluster.name} runs the external shuffle service, so executors may go at once"
    return f"the nodes of {cluster.name} run no external shuffle service"
