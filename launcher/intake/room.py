"""How many executors of a run's shape a cluster has room for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from launcher.advice.prediction.basis import Basis
from launcher.advice.tuning.candidates import GROWTH, Room
from launcher.advice.tuning.layout_settings import SIZE_KEYS
from launcher.advice.tuning.work_layout import CORES
from launcher.host.compatibility import TABLE_NAME, read_table
from launcher.machine import MIB, cores, memory
from launcher.places import config_file
from launcher.planning.make import make_plan
from launcher.planning.plan_request import Machine, PlanRequest
from launcher.spec.application import UNKNOWN_INPUT, Application
from launcher.spec.cluster import Cluster, Nodes
from launcher.spec.config.layers import enforced_keys
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import counted
from sparkjobs.errors import UsageError


def room_of(cluster: Cluster | None, basis: Basis, start: Path, environ: Mapping[str, str]) -> Room:
    """The executors that there may be.

    Args:
        cluster: where the next run goes; ``None``: nobody says.
        basis: the run whose executors they are like.
        start: absolute working folder.
        environ: tells where the configuration is.

    Raises:
        UsageError: the cluster has no room for one executor of that shape.
    """
    if cluster is None:
        most = GROWTH * basis.executors
        how = f"{GROWTH} times the {basis.executors} that were seen, for no --target says more"
        return Room(most, how, bound=False)
    if cluster.manager == "local" or cluster.nodes is None:
        raise UsageError(
            f"{cluster.name} has no executors to be sized: its driver does all the work",
            "Name a cluster with nodes by --target.",
        )
    had = {**basis.conf, CORES: basis.conf.get(CORES, str(basis.cores))}
    own = [key for key in (*SIZE_KEYS, CORES) if key in had and key not in enforced_keys(cluster)]
    pins = tuple(Pin(key, had[key], Origin.HISTORY, "the run") for key in own)
    request = PlanRequest(
        application=Application(basis.trace.name or "run", "script", "run.py", (), UNKNOWN_INPUT, False),
        cluster=cluster,
        machine=machine(),
        versions=read_table(config_file(TABLE_NAME, environ, start)),
        pins=pins,
        gpu="off",
    )
    most = min(make_plan(request).executors.room, _with_gpus(cluster, cluster.nodes, basis))
    return Room(most, f"the room that {cluster.name} has for executors like these")


def _with_gpus(cluster: Cluster, nodes: Nodes, basis: Basis) -> int:
    """The executors that the GPUs of its nodes are enough for, where each of the run's held some.

    Raises:
        UsageError: not one of them.
    """
    each = max((executor.gpus for executor in basis.trace.executors), default=0)
    if not each:
        return sys.maxsize
    there = nodes.gpu.count if nodes.gpu else 0
    if there < each:
        raise UsageError(
            f"{cluster.name} has no room for executors of {counted(each, 'GPU')}: a node has {there}",
            "Name a cluster with GPUs by --target.",
        )
    return there // each * nodes.most


def machine() -> Machine:
    """This machine, as its container limits it."""
    room, threads = memory(), cores()
    return Machine(threads.number, room.limit_bytes // MIB, room.origin, threads.origin)
