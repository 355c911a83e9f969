"""What an inspection tells, and what a start would do with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sparkjobs.streaming.progress.behind import Behind

Next = Literal["continues", "refused", "fresh"]


@dataclass(frozen=True)
class SourceStand:
    """How far a stream is in one of its inputs.

    Attributes:
        kind: files, kafka, delta or rate.
        where: the input as it was given.
        offsets: how far the batches that are done have read, in the source's own terms.
        lag: what was found and is in no batch that is done; ``None``: nobody knows.
        lag_by_partition: the same by partition, of a topic that has several.
    """

    kind: str
    where: str
    offsets: Mapping[str, Any]
    lag: int | None
    lag_by_partition: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {name: value for name, value in asdict(self).items() if value or name != "lag_by_partition"}


@dataclass(frozen=True)
class StateStand:
    """What Spark keeps as state: nothing for the streams of the catalogue."""

    rows: int | None
    bytes: int


@dataclass(frozen=True)
class TableStand:
    """A table of the stream.

    Attributes:
        path: where it stands.
        version: its newest version; ``None``: there is no table, or it cannot be read here.
        batch: the newest batch that it holds; ``None``: none of this stream's.
    """

    path: str
    version: int | None
    batch: int | None


@dataclass(frozen=True)
class Inspection:
    """How a stream stands.

    Attributes:
        job: its name; ``None`` where the checkpoint does not tell.
        query_id: the id that the tables' transactions carry.
        planned: the newest batch that was begun.
        committed: the newest batch that is done.
        sources: its inputs.
        state: what Spark keeps.
        tables: its tables in the order of writing.
        next: what a start with the same flags would do.
        why: the reason.
        behind: whether it falls behind its input, by its newest batches.
    """

    job: str | None
    query_id: str | None
    planned: int | None
    committed: int | None
    sources: tuple[SourceStand, ...]
    state: StateStand
    tables: tuple[TableStand, ...]
    next: Next
    why: str
    behind: Behind | None = None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        # Only of streams that are: the others' document has no such key.
        behind = {} if self.behind is None else {"behind": asdict(self.behind)}
        return {
            "v": 1,
            "job": self.job,
            "query_id": self.query_id,
            "batches": {"planned": self.planned, "committed": self.committed},
            "sources": [source.document() for source in self.sources],
            "state": asdict(self.state),
            "tables": [asdict(table) for table in self.tables],
            "next": self.next,
            "why": self.why,
            **behind,
        }


def verdict(
    *,
    query_id: str | None,
    planned: int | None,
    committed: int | None,
    waiting: int,
    tables: Sequence[TableStand],
    recorded: Sequence[int],
    gone: Sequence[str],
    fault: str | None,
) -> tuple[Next, str]:
    """What a start would do, and why.

    Args:
        query_id: the stream's id.
        planned: the newest batch that was begun.
        committed: the newest batch that is done.
        waiting: lists that no batch has begun.
        tables: the stream's tables.
        recorded: the batches whose records the checkpoint keeps.
        gone: tables that a batch wrote and that are not there any more.
        fault: what is wrong with the checkpoint, or who uses it now.
    """
    if fault is not None:
        return "refused", fault
    for table in tables:
        problem = _misfit(table, query_id, planned, recorded)
        if problem is not None:
            return "refused", problem
    if gone:
        return "refused", deleted(gone[0])
    if planned is None:
        return "fresh", "no batch was begun: the first start reads all of its input"
    lists = f"; {waiting} lists wait" if waiting else ""
    if committed != planned:
        return "continues", f"batch {planned} was begun and is not done: it is repeated first{lists}"
    return "continues", f"batch {planned} is done, the next is {planned + 1}{lists}"


def _misfit(
    table: TableStand, query_id: str | None, planned: int | None, recorded: Sequence[int]
) -> str | None:
    if table.version is None:
        return None
    if query_id is None or table.batch is None:
        return f"the table {table.path} exists and this checkpoint did not write it"
    return ahead(table.path, table.batch, planned, recorded)


def ahead(path: str, batch: int, planned: int | None, recorded: Sequence[int]) -> str | None:
    """What is wrong where a table holds a batch of which the checkpoint knows nothing.

    Delta passes over whatever comes under the number of such a batch, so its rows would be lost.

    Args:
        path: the table.
        batch: the newest batch that it holds.
        planned: the newest batch that was begun.
        recorded: the batches whose records the checkpoint keeps.
    """
    if (planned is not None and batch <= planned) or batch in recorded:
        return None
    ends = "begins anew" if planned is None else f"ends at batch {planned}"
    return (
        f"the table {path} holds batch {batch} and the checkpoint {ends}: "
        "it is older than its tables, which would drop the next batches"
    )


def deleted(path: str) -> str:
    """What is wrong where a table was taken away: a new one would lack the rows of the batches so far."""
    return f"the table {path} was written by this stream and is gone"
