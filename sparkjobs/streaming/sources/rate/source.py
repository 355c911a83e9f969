"""Made up rows as a source: there is nothing to prepare, and nothing ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.ingest.flows import RateFlow
from sparkjobs.run import Run
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import Origin
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.sources.rate.rows import Numbers, columns, cut, due, from_line, to_line
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.trigger import is_overdue
from sparkjobs.streaming.writing import Batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NAME = "rate.json"
MOST_ROWS = 1_000_000
# A task's share: fewer rows are not worth one.
_ROWS_PER_TASK = 250_000
_NS_PER_US, _NS_PER_S = 1_000, 1_000_000_000


class RateSource:
    """So many rows a second since the first start.

    Args:
        run: the run.
        job: its job.
        flow: the rate.
        checkpoint: the stream's folder.
        lists: the stream's lists.
        done: how many of them belong to batches that are done.
        clock_ns: nanoseconds since 1970.

    Raises:
        WriteError: what the checkpoint keeps is lost.
    """

    def __init__(
        self,
        run: Run,
        job: StreamJob,
        flow: RateFlow,
        checkpoint: Folder,
        lists: Lists,
        done: int,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.lists = lists
        self._run = run
        self._job = job
        self._flow = flow
        self._clock_ns = clock_ns
        self._looked_ns = clock_ns()
        self._began_us = _began(checkpoint, lists, self._looked_ns // _NS_PER_US)
        self._listed = self._reached(lists.count)
        self._taken = self._reached(done)

    def _reached(self, lists: int) -> int:
        """How far the first so many lists come."""
        lines = self.lists.newest(lists)
        return from_line(lines[-1]).end if lines else 0

    @property
    def warnings(self) -> Sequence[str]:
        """There is nothing to tell."""
        return ()

    def look(self) -> bool:
        """Write down the rows whose time has come."""
        self._looked_ns = self._clock_ns()
        for rows in cut(
            self._listed, self._due(self._looked_ns), self._run.params.max_rows_per_batch or MOST_ROWS
        ):
            self._listed = rows.end
            self.lists.append([to_line(self.lists.count, rows)])
        return True

    def _due(self, now_ns: int) -> int:
        return due(self._began_us, now_ns // _NS_PER_US, self._flow.rows_per_second)

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Make the rows of a batch.

        Raises:
            DataError: too many bad rows: a column is asked for as what it is not.
        """
        parts = [from_line(line) for line in lines]

        def frame() -> DataFrame:
            return self._frame(batch, Numbers(parts[0].begin, parts[-1].end))

        source = replace(self._run.source, format="delta", frame=frame, frame_place=str(self._flow))
        context = StreamContext(batch, source, self._run.interval, Origin(str(self._flow)))
        try:
            return Reading(context, tuple(self._job.each_batch(context, self._run.params)))
        except Exception:
            context.release()
            raise

    def _frame(self, batch: Batch, rows: Numbers) -> DataFrame:
        tasks = max(1, -(-(rows.end - rows.begin) // _ROWS_PER_TASK))
        made = columns(self._began_us, self._flow.rows_per_second)
        return batch.spark.range(rows.begin, rows.end, 1, tasks).selectExpr(*made)

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """The same rows again."""
        return self.read(batch, lines)

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """Nothing is ever lost."""
        return ()

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Note that a batch is in its tables."""
        self._taken = max(self._taken, *(from_line(line).end for line in lines))

    def unread(self) -> Collection[str]:
        """All rows are one part."""
        return ()

    def lag(self) -> Mapping[str, int]:
        """Rows on lists that no batch has taken in, and those that are due since where a look is overdue."""
        now_ns, end = self._clock_ns(), self._listed
        if is_overdue(self._run.params.trigger, self._looked_ns / _NS_PER_S, now_ns / _NS_PER_S):
            end = max(end, self._due(now_ns))
        return {"rows": end - self._taken}


def _began(checkpoint: Folder, lists: Lists, now_us: int) -> int:
    """When the stream began, microseconds since 1970; kept at the first start."""
    kept = checkpoint.parsed(NAME, lambda text: int(json.loads(text)["began_us"]))
    if kept is not None:
        return kept
    if lists.count:
        raise checkpoint.missing(NAME)
    checkpoint.write(NAME, json.dumps({"v": 1, "began_us": now_us}) + "\n")
    return now_us
