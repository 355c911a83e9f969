"""Executors: cores, their number, and whether a node can hold one."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.containers import REQUEST, millicores_of, offered_millicores
from launcher.planning.lint.applied import (
    at_rest,
    bounded,
    cluster_mode,
    containers,
    dynamic,
    executor_cores,
    executor_mib,
    gpus,
    task_cpus,
)
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import integer, shown
from launcher.planning.usable import Room, usable_at_most
from launcher.spec.cluster import Cluster, Nodes
from launcher.spec.units import mib_text

CORES, CPUS, TOTAL = "spark.executor.cores", "spark.task.cpus", "spark.cores.max"
MEMORY, INSTANCES = "spark.executor.memory", "spark.executor.instances"
MOST = "spark.dynamicAllocation.maxExecutors"


@rule("standalone-without-executor-cores", "error", f"Set {CORES}.")
def standalone_dynamic(c: Configuration) -> Iterator[Problem]:
    """Dynamic allocation on a standalone cluster without a size of executors."""
    # ExecutorAllocationManager counts by spark.executor.cores, whose default is 1 whatever the worker hands
    # out.
    if c.manager == "standalone" and dynamic(c) and CORES not in c.values:
        message = "one executor takes every core of a worker, and dynamic allocation counts it as one core"
        yield Problem((CORES, "spark.dynamicAllocation.enabled"), f"{shown(c, CORES)}: {message}")


@rule("standalone-takes-workers", "info", f"Set {CORES} and {TOTAL}.")
def standalone_static(c: Configuration) -> Iterator[Problem]:
    """A standalone application without a size of executors takes whole workers."""
    if c.manager == "standalone" and not dynamic(c) and CORES not in c.values:
        what = "every core of every worker" if TOTAL not in c.values else "whole workers"
        yield Problem((CORES, TOTAL), f"{shown(c, CORES, TOTAL)}: the application takes {what}")


@rule("task-cpus-above-executor-cores", "error", f"Set {CPUS} to at most the cores of an executor.")
def cpus_above_cores(c: Configuration) -> Iterator[Problem]:
    """A task needs more cores than an executor has."""
    cores = executor_cores(c)
    if cores is not None and task_cpus(c) > cores:
        where = f"{c.master} has" if c.manager == "local" else f"{shown(c, CORES)}, so an executor has"
        yield Problem((CPUS, CORES), f"{shown(c, CPUS)}, but {where} {cores}: Spark refuses to start")


@rule("cores-max-below-executor", "error", f"Raise {TOTAL}, or lower {CORES}.")
def total_below_one(c: Configuration) -> Iterator[Problem]:
    """The cores of the whole application are fewer than those of one executor."""
    cores, total = integer(c, CORES), integer(c, TOTAL)
    if c.manager == "standalone" and cores and total is not None and total < cores:
        yield Problem((TOTAL, CORES), f"{shown(c, TOTAL, CORES)}: no executor ever starts")


@rule("cores-max-caps-executors", "warning", f"Raise {TOTAL}, or lower {MOST}.")
def total_caps(c: Configuration) -> Iterator[Problem]:
    """The cores of the whole application silently cap the number of executors below its upper bound."""
    cores, total, most = integer(c, CORES), integer(c, TOTAL), bounded(c)
    if (
        c.manager != "standalone"
        or not (dynamic(c) or at_rest(c))
        or not cores
        or total is None
        or most is None
    ):
        return
    if cores <= total < cores * most:
        keys = (TOTAL, MOST, CORES)
        message = f"there are never more than {total // cores} executors, though {most} are allowed"
        yield Problem(keys, f"{shown(c, *keys)}: {message}")


@rule("executor-instances-ignored", "warning", f"Set {TOTAL} and {CORES} in place of {INSTANCES}.")
def instances_ignored(c: Configuration) -> Iterator[Problem]:
    """A standalone cluster does not look at the number of executors."""
    cores, total, count = (integer(c, key) for key in (CORES, TOTAL, INSTANCES))
    as_counted = cores and total and count and total == cores * count
    if c.manager == "standalone" and not dynamic(c) and INSTANCES in c.values and not as_counted:
        yield Problem((INSTANCES, TOTAL), f"{shown(c, INSTANCES)}: a standalone cluster ignores it")


@rule("executor-fits-no-node", "error", "Ask for smaller executors, or name a cluster with larger nodes.")
def fits_no_node(c: Configuration) -> Iterator[Problem]:
    """An executor is larger than any node of the cluster."""
    room = _room(c)
    if room is None or c.cluster is None or c.cluster.nodes is None:
        return
    cores, need, name = executor_cores(c), executor_mib(c), c.cluster.name
    has = c.cluster.nodes.gpu.count if c.cluster.nodes.gpu else 0
    yield from _asks_too_much(c, c.cluster, c.cluster.nodes)
    if cores is not None and cores > room.cores and not (REQUEST in c.values and c.manager == "kubernetes"):
        yield Problem((CORES,), f"an executor has {cores} cores, a node of {name} offers {room.cores}")
    if need is not None and need > room.mib:
        message = f"an executor takes {mib_text(need)} (heap and all beside it)"
        keys = (MEMORY, "spark.executor.memoryOverhead")
        yield Problem(keys, f"{message}, a node of {name} offers {mib_text(room.mib)}")
    if gpus(c) > has:
        amount = "spark.executor.resource.gpu.amount"
        yield Problem((amount,), f"{shown(c, amount)}, a node of {name} has {has}")


def _asks_too_much(c: Configuration, cluster: Cluster, nodes: Nodes) -> Iterator[Problem]:
    """A pod's own request decides which nodes can hold it, whatever the cores of its executor are."""
    text, offered = c.get(REQUEST), offered_millicores(cluster, nodes)
    if text is not None and c.manager == "kubernetes" and (millicores_of(text) or 0) > offered:
        yield Problem((REQUEST,), f"{shown(c, REQUEST)}, a node of {cluster.name} offers {offered}m to pods")


@rule("pod-limit-below-request", "error", "Raise the limit, or ask for fewer cores.")
def limit_below_request(c: Configuration) -> Iterator[Problem]:
    """A pod may use fewer cores than it asks for, and Kubernetes' API refuses it."""
    if c.manager != "kubernetes":
        return
    for role in ("executor", "driver") if cluster_mode(c) else ("executor",):
        request, limit = (f"spark.kubernetes.{role}.{kind}.cores" for kind in ("request", "limit"))
        cores = f"spark.{role}.cores"
        # BasicExecutorFeatureStep, BasicDriverFeatureStep: without a request, a pod asks for its cores.
        key = request if request in c.values else cores
        text = c.get(key) or "1"
        most, least = millicores_of(c.get(limit) or ""), millicores_of(text)
        if most is not None and least is not None and most < least:
            yield Problem((limit, key), f"{shown(c, limit)}, but the pod of the {role} asks for {text} cores")


@rule("more-executors-than-fit", "warning", f"Lower {INSTANCES}, or ask for smaller executors.")
def more_than_fit(c: Configuration) -> Iterator[Problem]:
    """A fixed number of executors is more than the cluster can hold."""
    requested, each = integer(c, INSTANCES), _per_node(c)
    if c.cluster is None or c.cluster.nodes is None or not requested or not each or dynamic(c):
        return
    held = each * c.cluster.nodes.most
    if containers(c) and held < requested:
        message = f"{c.cluster.nodes.most} nodes of {c.cluster.name} hold {each} each, {held} in all"
        yield Problem((INSTANCES, CORES, MEMORY), f"{shown(c, INSTANCES)}: {message}")


def _per_node(c: Configuration) -> int | None:
    room, cores, need = _room(c), executor_cores(c), executor_mib(c)
    if room is None or not cores or not need or c.cluster is None or c.cluster.nodes is None:
        return None
    gpu = c.cluster.nodes.gpu
    by_gpus = int(gpu.count // gpus(c)) if gpu and gpus(c) >= 1 else room.cores
    return min(room.cores // cores, room.mib // need, by_gpus)


def _room(c: Configuration) -> Room | None:
    if c.cluster is None or c.cluster.nodes is None or c.manager in (None, "local"):
        return None
    return usable_at_most(c.cluster, c.cluster.nodes)


RULES = (
    standalone_dynamic,
    standalone_static,
    cpus_above_cores,
    total_below_one,
    total_caps,
    instances_ignored,
    fits_no_node,
    limit_below_request,
    more_than_fit,
)
