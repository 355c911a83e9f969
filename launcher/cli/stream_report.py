"""How ``sparkjob stream`` shows its answers to people. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sparkjobs.streaming.progress.batch_progress import most_behind

if TYPE_CHECKING:
    from launcher.tables.stream_replay import Replayed
    from launcher.tables.stream_reset.reset import Reset
    from sparkjobs.streaming.inspection.inspection import Inspection

_WIDTH = 11


def inspected(found: Inspection) -> Iterator[str]:
    """How a stream stands."""
    yield _row("stream", found.job or "unknown")
    if found.query_id is not None:
        yield _row("query", found.query_id)
    yield _row("batches", f"newest begun {_known(found.planned)}, newest done {_known(found.committed)}")
    for source in found.sources:
        offsets = ", ".join(f"{name} {value}" for name, value in source.offsets.items())
        most = most_behind(source.lag_by_partition)
        lag = f"lag {_known(source.lag)}{most and f', {most}'}"
        yield _row("source", f"{source.kind} {source.where}: {offsets or 'unread'}; {lag}")
    if found.state.bytes:
        yield _row("state", f"{found.state.bytes:,} bytes")
    for table in found.tables:
        where = "not there" if table.version is None else f"version {table.version}"
        yield _row("table", f"{table.path}: {where}, batch {_known(table.batch)}")
    if found.behind is not None:
        yield _row("behind", found.behind.text.removeprefix("behind "))
    yield _row("next", f"{found.next}: {found.why}")


def _row(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}}{text}"


def _known(value: int | None) -> str:
    return "none" if value is None else str(value)


def was_reset(found: Reset) -> Iterator[str]:
    """What a reset did, or would do."""
    for path, version in found.tables:
        rows = "no rows" if version is None else f"the rows of version {version}"
        yield f"{path} {'has' if found.done else 'would have'} {rows}"
    if not found.tables:
        yield "no table holds a later batch"
    yield from found.warnings
    if found.done:
        yield f"the next batch of {found.checkpoint} is {found.to + 1}"
    else:
        begun = "this reset was begun and is not finished; " if found.resumed else ""
        yield f"{begun}nothing was changed: --yes does it"


def replayed(found: Replayed) -> str:
    """What the next run takes in."""
    if found.planned is None:
        return f"every late row of {found.table} was taken in before"
    return f"the next run takes in the late rows of the batches {found.planned.first} to {found.planned.last}"
