"""What the queries of an application read, wrote and broadcast. Data alone; sizes in bytes, times in ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scan:
    """A read of a table or of files.

    Attributes:
        execution: the query.
        name: of the operator, such as ``Scan parquet sales``.
        rows: read.
        kept: of these after the filters on it; ``None`` without a filter.
        filtered_by: the filter.
        files: read.
        size: of these, bytes.
        partitioned: whether the table has partitions.
        pruned: whether a filter chose among them.
        stages: numbers of the stages that read it.
    """

    execution: int
    name: str
    rows: int
    kept: int | None
    filtered_by: str
    files: int | None
    size: int | None
    partitioned: bool
    pruned: bool
    stages: tuple[int, ...]


@dataclass(frozen=True)
class Write:
    """A write of files.

    Attributes:
        execution: the query.
        name: of the operator.
        files: written.
        size: of these, bytes.
        stages: numbers of the stages that wrote them.
    """

    execution: int
    name: str
    files: int
    size: int
    stages: tuple[int, ...]


@dataclass(frozen=True)
class Broadcast:
    """A table that was sent to all executors.

    Attributes:
        execution: the query.
        name: of the operator.
        size: in memory, bytes.
        rows: of it.
        collect_ms: until the driver had it; the work of what lies below it is in that.
        build_ms: until its hash table was built.
        send_ms: until it was ready to be fetched.
    """

    execution: int
    name: str
    size: int
    rows: int
    collect_ms: int
    build_ms: int
    send_ms: int

    @property
    def driver_ms(self) -> int:
        """The driver's own time for it."""
        return self.build_ms + self.send_ms


@dataclass(frozen=True)
class Queries:
    """All of an application; ``operators`` are those of each stage's plan, in the order of their names."""

    scans: tuple[Scan, ...] = ()
    writes: tuple[Write, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    operators: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
