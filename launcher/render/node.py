"""A picture of one node: its executors, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.result import Executors, Plan
from launcher.spec.cluster import Nodes
from launcher.spec.units import mib_text

WIDTH = 60


@dataclass(frozen=True)
class Share:
    """A part of a node: its letter in the bar, how much it takes, and its words below."""

    mark: str
    size: int


def node_picture(plan: Plan) -> list[str]:
    """Lines of text; none where the node is not known (local mode has the machine itself)."""
    nodes = plan.cluster.nodes
    if nodes is None or plan.executors.per_node < 1:
        return []
    return [_title(plan, nodes), *_cores(plan.executors, nodes), *_memory(plan.executors, nodes)]


def _title(plan: Plan, nodes: Nodes) -> str:
    gpu = f", {nodes.gpu.count} x {nodes.gpu.model}" if nodes.gpu else ""
    count = f"{nodes.fewest}" if nodes.fewest == nodes.most else f"{nodes.fewest} to {nodes.most}"
    return f"One of {count} nodes: {nodes.cores} cores, {mib_text(nodes.memory_mib)}{gpu}"


def _cores(executors: Executors, nodes: Nodes) -> list[str]:
    taken = executors.per_node * executors.cores
    reserved = min(nodes.reserved_cores, nodes.cores - taken)
    left = nodes.cores - taken - reserved
    parts = [Share("#", executors.cores)] * executors.per_node
    bar = _bar([*parts, Share("r", reserved), Share(".", left)], nodes.cores)
    words = f"{executors.per_node} x {executors.cores}, reserved {reserved}, left {left}"
    return [f"  cores   {bar}", f"          {words}"]


def _memory(executors: Executors, nodes: Nodes) -> list[str]:
    total = int(nodes.memory_mib)
    taken = executors.per_node * executors.total_mib
    reserved = min(reserved_mib(nodes, total), total - taken)
    left = total - taken - reserved
    one = [Share("#", executors.heap_mib), Share("+", executors.total_mib - executors.heap_mib)]
    bar = _bar([*one * executors.per_node, Share("r", reserved), Share(".", left)], total, joined=2)
    beside = executors.total_mib - executors.heap_mib
    words = (
        f"{executors.per_node} x (heap {mib_text(executors.heap_mib)} # + beside it {mib_text(beside)} +), "
        f"reserved {mib_text(reserved)}, left {mib_text(left)}"
    )
    return [f"  memory  {bar}", f"          {words}"]


def reserved_mib(nodes: Nodes, total_mib: int) -> int:
    """What the profile keeps back from the executors."""
    share = nodes.reserved_share or 0.0
    return max(int(nodes.reserved_mib), int(total_mib * share))


def _bar(parts: list[Share], total: int, joined: int = 1) -> str:
    """Each part as long as its share; ``|`` after every ``joined`` parts that executors make."""
    drawn, at, done = "", 0, 0
    for number, part in enumerate(parts, start=1):
        done += part.size
        end = round(done * WIDTH / total)
        drawn += part.mark * (end - at)
        at = max(at, end)
        if part.size and number % joined == 0 and part.mark in "#+":
            drawn += "|"
    return f"[{drawn}]"
