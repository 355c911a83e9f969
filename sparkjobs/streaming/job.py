"""What a stream is: a job whose work is done batch by batch, and how each table takes a batch in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from sparkjobs.job import Job, OutputTable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext
    from sparkjobs.streaming.context import StreamContext

How = Literal["append", "add", "complete", "merge"]
# Of rows to merge: whether the row of these keys goes. No column of a user can have a name with a space.
GONE = "the row is gone"


@dataclass(frozen=True)
class Change:
    """Rows to merge into a table.

    Attributes:
        rows: the rows, with ``GONE``.
        near: a condition on the table's rows ``t``, as SQL, that holds for each whose keys are among those of
            ``rows``: files in which it holds for none are passed over.
    """

    rows: DataFrame
    near: str = "true"


@dataclass(frozen=True)
class StreamTable:
    """One table that a batch of a stream is written to.

    Attributes:
        name: short name in the result; also the sub-folder of ``--output`` unless ``at_root``.
        rows: makes the rows to write. It is called when the tables before this one hold the batch, so
            that a complete table can be computed from what they hold.
        how: ``append`` the rows; ``add`` them to the rows with equal ``keys``; ``complete``: they are
            all rows of the table, which are replaced; ``merge``: each takes the place of the row with equal
            ``keys``, or takes it away where its column ``GONE`` is true (``rows`` makes a ``Change``).
        keys: the columns that identify a row (``add``, ``merge``).
        sums: the columns that are added up (``add``).
        partition_by: the columns that the table is partitioned by.
        at_root: the table stands at ``--output`` itself.
        whole: makes all rows of the table from the tables before it, where rows of the batch are lost.
    """

    name: str
    rows: Callable[[], DataFrame | Change]
    how: How
    keys: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    at_root: bool = False
    whole: Callable[[], DataFrame] | None = None


def _no_batch_job(_: JobContext, __: Any) -> NoReturn:
    raise TypeError("a stream is run by sparkjobs.streaming.runner")


@dataclass(frozen=True)
class StreamJob(Job):
    """A stream in the catalogue.

    Attributes:
        each_batch: as ``run`` of a batch job, for the rows of one batch: reads them through the
            context and returns the tables to write, in the order of writing.
        state: what the tables keep from batch to batch, one text each. A checkpoint made with another
            state is refused.
    """

    run: Callable[[JobContext, Any], Sequence[OutputTable]] = _no_batch_job
    streaming: bool = True
    each_batch: Callable[[StreamContext, Any], Sequence[StreamTable]] = field(kw_only=True)
    state: tuple[str, ...] = field(kw_only=True)
