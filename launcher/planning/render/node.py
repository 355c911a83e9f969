"""A picture of one node: its executors, what is reserved, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from launcher.planning.result import Executors, Plan
from launcher.spec.cluster import Nodes
from launcher.spec.units import MIB, counted, human_bytes

WIDTH = 60
# An executor this many columns wide gives its last one to a dividing line.
LEAST_DIVIDED = 3
DIVIDER = "|"


@dataclass(frozen=True)
class Share:
    """A part of a node: its letter in the bar, and how much it takes of the whole."""

    mark: str
    size: int


def node_picture(plan: Plan) -> list[str]:
    """Lines of text; none where the node is not known (local mode has the machine itself)."""
    nodes = plan.cluster.nodes
    if nodes is None or plan.executors.per_node < 1:
        return []
    return [_title(nodes), *_cores(plan.executors, nodes), *_memory(plan.executors, nodes)]


def bar(parts: Sequence[Share], total: int) -> str:
    """Each part as long as its share; ``WIDTH`` columns in all.

    Args:
        parts: they make up ``total``.
        total: the whole.
    """
    drawn, done = "", 0
    for part in parts:
        done += part.size
        drawn += part.mark * (round(done * WIDTH / total) - len(drawn))
    return drawn


def divided(parts: Sequence[Share], total: int) -> str:
    """The same, with a line at the end of each ``#`` that is wide enough for one."""
    drawn, done, begin = bar(parts, total), 0, 0
    for part in parts:
        done += part.size
        end = round(done * WIDTH / total)
        if part.mark == "#" and end - begin >= LEAST_DIVIDED:
            drawn = drawn[: end - 1] + DIVIDER + drawn[end:]
        begin = end
    return drawn


def _title(nodes: Nodes) -> str:
    gpu = f", {nodes.gpu.count} x {nodes.gpu.model}" if nodes.gpu else ""
    which = "The node"
    if nodes.most > 1:
        count = f"{nodes.fewest}" if nodes.fewest == nodes.most else f"{nodes.fewest} to {nodes.most}"
        which = f"One of {count} nodes"
    return f"{which} when full: {counted(nodes.cores, 'core')}, {_size(nodes.memory_mib)}{gpu}"


def _cores(executors: Executors, nodes: Nodes) -> list[str]:
    used, left = executors.per_node * executors.cores, executors.left_cores
    reserved = max(0, nodes.cores - used - left)
    drawn = divided(
        [*[Share("#", executors.cores)] * executors.per_node, Share("r", reserved), Share(".", left)],
        nodes.cores,
    )
    words = [f"# {counted(executors.per_node, 'executor')} x {counted(executors.cores, 'core')}"]
    words += [f"r {reserved} reserved"] if reserved else []
    return [f"  cores   [{drawn}]", f"          {', '.join([*words, _left(str(left) if left else '')])}"]


def _memory(executors: Executors, nodes: Nodes) -> list[str]:
    number, left = executors.per_node, executors.left_mib
    heap, beside = executors.heap_mib, executors.total_mib - executors.heap_mib
    reserved = max(0, nodes.memory_mib - number * executors.total_mib - left)
    drawn = bar(
        [*[Share("#", heap), Share("+", beside)] * number, Share("r", reserved), Share(".", left)],
        nodes.memory_mib,
    )
    words = [f"# heap {number} x {_size(heap)}", f"+ beside it {number} x {_size(beside)}"]
    words += [f"r {_size(reserved)} reserved"] if reserved else []
    return [f"  memory  [{drawn}]", f"          {', '.join([*words, _left(_size(left) if left else '')])}"]


def _left(size: str) -> str:
    return f". {size} left" if size else "nothing left"


def _size(mib: int) -> str:
    return human_bytes(mib * MIB)
