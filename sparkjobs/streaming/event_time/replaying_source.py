"""A source whose batches may also be late rows that are taken in after all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.ingest.intake import Intake
from sparkjobs.ingest.typing import Column
from sparkjobs.run import Run
from sparkjobs.sql import quoted
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import JSON_OPTIONS, Origin
from sparkjobs.streaming.event_time.replay import Replay, from_line, is_replay
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading, StreamSource
from sparkjobs.streaming.writing import Batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class ReplayingSource:
    """A source as it is, but for lists of late rows.

    Args:
        source: the source.
        run: the run.
        job: its job.
    """

    def __init__(self, source: StreamSource, run: Run, job: StreamJob) -> None:
        self._source = source
        self._run = run
        self._job = job
        self.lists = source.lists

    @property
    def warnings(self) -> Sequence[str]:
        """What the looks at the input found."""
        return self._source.warnings

    def look(self) -> bool:
        """Look at the input."""
        return self._source.look()

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Read a batch that no table has taken in."""
        return self._late(batch, lines) if is_replay(lines) else self._source.read(batch, lines)

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """Read a batch that one of its tables has taken in."""
        return self._late(batch, lines) if is_replay(lines) else self._source.read_again(batch, lines, before)

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """What to tell where a begun batch is completed without what is lost since."""
        return self._source.without(batch, lost, tables)

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Note that a batch is in its tables."""
        if not is_replay(lines):
            self._source.taken(lines, skips)

    def unread(self) -> Collection[str]:
        """The parts with rows that no batch has taken in."""
        return self._source.unread()

    def lag(self) -> Mapping[str, int]:
        """What no batch has taken in yet."""
        return self._source.lag()

    def _late(self, batch: Batch, lines: Sequence[str]) -> Reading:
        context = _LateContext(batch, self._run, [from_line(line) for line in lines])
        return Reading(context, tuple(self._job.each_batch(context, self._run.params)))


class _LateContext(StreamContext):
    """Reads late rows as if they came from the input; they were accepted once."""

    def __init__(self, batch: Batch, run: Run, replays: Sequence[Replay]) -> None:
        super().__init__(batch, run.source, run.interval, Origin("late rows"))
        self._replays = replays

    def read_rows(
        self, columns: Sequence[Column], *, counted: bool = False, passes: int = 1, time: str | None = None
    ) -> DataFrame:
        """The rows, typed."""
        from pyspark.sql import functions as F

        kinds = {column.input_name: column.kind for column in columns}
        schema = ", ".join(f"{quoted(name)} {kind}" for name, kind in kinds.items())
        options = {**JSON_OPTIONS, "mode": "FAILFAST"}
        cells = [F.col(f"row.{quoted(column.input_name)}").alias(column.name) for column in columns]
        rows = self._rows().select(F.from_json("row", schema, options).alias("row")).select(*cells).persist()
        count = rows.count()
        self.account(Intake(count, count, 0, None))
        return rows

    def _rows(self) -> DataFrame:
        from pyspark.sql import functions as F

        table = self._replays[0].table
        rows = self.spark.read.format("delta").load(paths.hadoop(table))
        return rows.where(
            " OR ".join(f"batch BETWEEN {item.first} AND {item.last}" for item in self._replays)
        ).where(F.col("row").isNotNull())
