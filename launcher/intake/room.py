"""How many executors of a run's shape a cluster has room for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launcher.advice.prediction.basis import Basis
from launcher.advice.tuning.candidates import GROWTH, Room
from launcher.host.compatibility import TABLE_NAME, read_table
from launcher.machine import MIB, cores, memory
from launcher.places import config_file
from launcher.planning.make import make_plan
from launcher.planning.plan_request import Machine, PlanRequest
from launcher.spec.application import UNKNOWN_INPUT, Application
from launcher.spec.cluster import Cluster
from launcher.spec.layer import Origin, Pin
from sparkjobs.errors import UsageError

# What makes one executor as large as it is.
_SHAPE = (
    "spark.executor.cores",
    "spark.executor.memory",
    "spark.executor.memoryOverhead",
    "spark.executor.pyspark.memory",
    "spark.memory.offHeap.enabled",
    "spark.memory.offHeap.size",
    "spark.task.cpus",
)


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
    conf = basis.conf
    pins = tuple(Pin(key, conf[key], Origin.HISTORY, "the run") for key in _SHAPE if key in conf)
    if "spark.executor.cores" not in conf:
        pins += (Pin("spark.executor.cores", str(basis.cores), Origin.HISTORY, "the run"),)
    request = PlanRequest(
        application=Application(basis.trace.name or "run", "script", "run.py", (), UNKNOWN_INPUT, False),
        cluster=cluster,
        machine=machine(),
        versions=read_table(config_file(TABLE_NAME, environ, start)),
        pins=pins,
        gpu="off",
    )
    return Room(
        make_plan(request).executors.room, f"the room that {cluster.name} has for executors like these"
    )


def machine() -> Machine:
    """This machine, as its container limits it."""
    room, threads = memory(), cores()
    return Machine(threads.number, room.limit_bytes // MIB, room.origin, threads.origin)
