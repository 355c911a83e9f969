"""A stream whose tasks sleep in proportion to their rows: two cores can feed six executors that only wait.

Its rows are appended as they are. One column is when a row was meant to be sent: the commit ends its wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest.typing import Column
from sparkjobs.params import param
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream

if TYPE_CHECKING:
    from sparkjobs.context import JobContext


_COLUMNS = (("sent_ms", "bigint"), ("time", "timestamp"), ("key", "string"), ("value", "double"))


@dataclass(frozen=True)
class Params(StreamParams):
    """Flags of ``sleeping_stream``."""

    ms_per_row: float = param(20.0, help="milliseconds that a task sleeps for each of its rows", group="job")
    tasks: int = param(24, help="tasks of a batch; 0: the rows are only appended", group="job")


def each_batch(context: JobContext, params: Params) -> Sequence[StreamTable]:
    """One table of the rows."""
    rows = context.read_rows([Column(name, kind, source=name) for name, kind in _COLUMNS])
    if not params.tasks:
        return [StreamTable("rows", lambda: rows, "append", at_root=True)]
    work = _sleeping(params.ms_per_row / 1000)

    def worked() -> Any:
        # By a number, so that every task has as many rows as the others.
        # One task writes: a file for each task of a batch would be put together more than it would be worked.
        return rows.repartition(params.tasks).mapInArrow(work, rows.schema).repartition(1)

    return [StreamTable("rows", worked, "append", at_root=True)]


def _sleeping(seconds: float) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """A function of its own, so that it travels to the executors by value: they do not have this file."""

    def work(batches: Iterable[Any]) -> Iterable[Any]:
        import time

        for batch in batches:
            time.sleep(batch.num_rows * seconds)
            yield batch

    return work


JOB = StreamJob(
    name="sleeping_stream",
    summary="Append rows that take their time.",
    params=Params,
    each_batch=each_batch,
    state=("rows: appended",),
    check=check_stream,
)
