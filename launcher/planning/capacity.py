"""How many executors the cluster and the limits allow one application."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.driver import TAKEN_KEYS, Taken
from launcher.planning.pinned import Pinned
from launcher.planning.shape import Shape
from launcher.planning.usable import usable_at_most
from launcher.spec.cluster import Cluster, Nodes
from launcher.spec.units import counted
from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class Capacity:
    """The most executors.

    Attributes:
        executors: how many.
        at_once: how many fit the nodes that are always there.
        how: what bounds them, for people.
    """

    executors: int
    at_once: int
    how: str


def capacity(cluster: Cluster, nodes: Nodes, shape: Shape, taken: Taken, pins: Pinned) -> Capacity:
    """The most executors of ``shape`` beside ``taken``.

    Raises:
        UsageError: not even one fits.
    """
    _check_taken(cluster, nodes, taken, pins)
    most, how = min(_ways(cluster, nodes, shape, taken, pins), key=lambda way: way[0])
    if most < 1:
        one = f"{counted(shape.cores, 'core')} and {shape.taken_mib} MiB"
        raise UsageError(
            f"no executor of {one} fits {cluster.name}: {how}",
            hint="ask for less per executor, or choose a target with more room",
        )
    at_once = _on_nodes(nodes, nodes.fewest, shape, taken)
    return Capacity(most, min(most, at_once), how)


def _ways(cluster: Cluster, nodes: Nodes, shape: Shape, taken: Taken, pins: Pinned) -> list[tuple[int, str]]:
    limits, name = cluster.limits, cluster.name
    beside = f", {taken.what} beside them" if taken.mib else ""
    each = f"{counted(nodes.most, 'node')} with {shape.per_node} each{beside}"
    ways = [(_on_nodes(nodes, nodes.most, shape, taken), each)]
    if limits.max_executors is not None:
        ways.append((limits.max_executors, f"limits.max_executors of {name} is {limits.max_executors}"))
    if limits.max_total_cores is not None:
        most = (limits.max_total_cores - taken.cores) // shape.held_cores
        ways.append((most, f"limits.max_total_cores of {name} is {limits.max_total_cores}{beside}"))
    if limits.max_total_memory_mib is not None:
        most = (limits.max_total_memory_mib - taken.mib) // shape.taken_mib
        ways.append((most, f"limits.max_total_memory of {name} is {limits.max_total_memory_mib} MiB{beside}"))
    # The master's own cap (Master.scheduleExecutorsOnWorkers): it starts fewer executors and refuses nothing.
    cores_max = pins.number("spark.cores.max")
    if cores_max is not None and cluster.manager == "standalone":
        ways.append((cores_max // shape.cores, f"spark.cores.max is {cores_max}"))
    return ways


def _on_nodes(nodes: Nodes, count: int, shape: Shape, taken: Taken) -> int:
    if count < 1:
        return 0
    if nodes.most == 1 or not taken.mib:  # the only node's room has been lessened already
        return count * shape.per_node
    return (count - 1) * shape.per_node + shape.beside(taken)


def _check_taken(cluster: Cluster, nodes: Nodes, taken: Taken, pins: Pinned) -> None:
    room = usable_at_most(cluster, nodes)
    if taken.cores <= room.cores and taken.mib <= room.mib:
        return
    set_by = pins.places(TAKEN_KEYS)
    start = f"{set_by}: " if set_by else ""
    raise UsageError(
        f"{start}{taken.what} takes {counted(taken.cores, 'core')} and {taken.mib} MiB, "
        f"but a node of {cluster.name} has {room.how}",
        hint="ask for a smaller driver, or let it run where you type: --deploy-mode client",
    )
