"""From plans and values of their metrics to what queries read, wrote and broadcast. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from launcher.report.sql.plan_events import Node
from launcher.report.sql.queries import Broadcast, Queries, Scan, Write

# Not what is in memory already, as the state of a Delta table that Spark filters again and again.
_SCAN = re.compile(
    r"(Gpu|Photon|Comet)?\s?(File|Batch)?Scan\b(?!\s(ExistingRDD|OneRowRelation|In-memory|LocalTable))"
)
# Rows pass these as they are, or nearly: what a filter above them keeps, it keeps of the scan. Not those that
# call Python: no layout of a table serves a filter of what a function answers.
_PASSED = re.compile(
    r"(Gpu|Photon|Comet)?(Project|ColumnarToRow|RowToColumnar|InputAdapter|WholeStageCodegen|CoalesceBatches"
    r"|VeloxColumnarToRow|ResultQueryStage)\b"
)
_FILTER = re.compile(r"(Gpu|Photon|Comet)?Filter\b")
# It tells of its number, not of what it does.
_WRAPPER = "WholeStageCodegen"
ROWS, FILES_READ, SIZE_READ = "number of output rows", "number of files read", "size of files read"
PARTITIONS_READ = "number of partitions read"
FILES_WRITTEN, SIZE_WRITTEN = "number of written files", "written output"
# RAPIDS measures in these what Spark measures in ms.
NANOSECONDS = "nsTiming"
# Much more than is told: a text is cut only after its secrets are masked.
_MOST_TEXT = 4000


@dataclass(frozen=True)
class Values:
    """What was measured.

    Attributes:
        totals: by accumulator.
        stages: which stages added to an accumulator.
    """

    totals: Mapping[int, int]
    stages: Mapping[int, tuple[int, ...]]

    def of(self, node: Node, name: str) -> int | None:
        """A metric of an operator; ``None``: it has none of that name, or nobody told of it; times in ms."""
        found = [
            self.totals[metric.id] // (1_000_000 if metric.kind == NANOSECONDS else 1)
            for metric in node.metrics
            if metric.name == name and metric.id in self.totals
        ]
        return sum(found) if found else None

    def where(self, node: Node) -> tuple[int, ...]:
        """The stages in which an operator ran."""
        return tuple(sorted({stage for metric in node.metrics for stage in self.stages.get(metric.id, ())}))


def queries_of(plans: Mapping[int, Node], values: Values) -> Queries:
    """What the last plan of each query tells; an operator that stands in two plans counts once."""
    scans: dict[tuple[int, ...], Scan] = {}
    writes: dict[tuple[int, ...], Write] = {}
    broadcasts: dict[tuple[int, ...], Broadcast] = {}
    operators: dict[int, list[str]] = {}
    for execution, plan in plans.items():
        for scan, key in _scans(execution, plan, None, values):
            scans.setdefault(key, scan)
        for node in _walk(plan):
            key = _key(node)
            if not node.name.startswith(_WRAPPER):
                for stage in values.where(node):
                    operators.setdefault(stage, []).append(_plain(node.name))
            write, broadcast = _write(execution, node, values), _broadcast(execution, node, values)
            if write is not None:
                writes.setdefault(key, write)
            if broadcast is not None:
                broadcasts.setdefault(key, broadcast)
    return Queries(
        tuple(scans.values()),
        tuple(writes.values()),
        tuple(broadcasts.values()),
        {stage: tuple(sorted(names)) for stage, names in operators.items()},
    )


def _key(node: Node) -> tuple[int, ...]:
    return tuple(sorted(metric.id for metric in node.metrics))


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.children)


def _scans(
    execution: int, plan: Node, above: Node | None, values: Values
) -> Iterator[tuple[Scan, tuple[int, ...]]]:
    """The scans, each with the filter that its rows pass first."""
    waiting: list[tuple[Node, Node | None]] = [(plan, above)]
    while waiting:
        node, filtering = waiting.pop()
        if _SCAN.match(node.name) and node.metrics:
            yield _scan(execution, node, filtering, values), _key(node)
        if _FILTER.match(node.name):
            below: Node | None = filtering or node  # the uppermost of several in a row
        else:
            below = filtering if _PASSED.match(node.name) else None
        waiting.extend((child, below) for child in node.children)


def _scan(execution: int, node: Node, filtering: Node | None, values: Values) -> Scan:
    pruning = node.metadata.get("PartitionFilters", "[]")
    return Scan(
        execution=execution,
        name=_plain(node.name),
        rows=values.of(node, ROWS) or 0,
        kept=values.of(filtering, ROWS) if filtering is not None else None,
        filtered_by=_plain(filtering.text) if filtering is not None else "",
        files=values.of(node, FILES_READ),
        size=values.of(node, SIZE_READ),
        partitioned=values.of(node, PARTITIONS_READ) is not None,
        pruned=pruning not in ("", "[]"),
        stages=values.where(node),
    )


def _write(execution: int, node: Node, values: Values) -> Write | None:
    files = values.of(node, FILES_WRITTEN)
    if not files:
        return None
    return Write(execution, _plain(node.name), files, values.of(node, SIZE_WRITTEN) or 0, values.where(node))


def _broadcast(execution: int, node: Node, values: Values) -> Broadcast | None:
    if not node.name.endswith("BroadcastExchange"):
        return None
    size = values.of(node, "data size")
    if size is None:
        return None
    collect, build, send = (
        values.of(node, f"time to {step}") or 0 for step in ("collect", "build", "broadcast")
    )
    return Broadcast(execution, _read_by(node), size, values.of(node, ROWS) or 0, collect, build, send)


def _read_by(node: Node) -> str:
    """What a broadcast is made of: its first scan, else the operator below it."""
    below = list(_walk(node))[1:]
    found: Iterable[Node] = [one for one in below if _SCAN.match(one.name)] or below
    return _plain(next(iter(found)).name) if below else node.name


def _plain(text: str) -> str:
    return " ".join(text.split())[:_MOST_TEXT]
