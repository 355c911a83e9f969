"""What a stream's job is given for a batch: the context of batch jobs, with rows divided by their time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sparkjobs.context import JobContext
from sparkjobs.errors import DataError, UsageError
from sparkjobs.identity import Interval
from sparkjobs.ingest.intake import CHANGED
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.typing import Column
from sparkjobs.phases import phase
from sparkjobs.streaming.event_time.division import Divided, Origin, divide
from sparkjobs.streaming.event_time.watermark import greater

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.streaming.writing import Batch


class StreamContext(JobContext):
    """One batch's session, source and accounts.

    Attributes:
        cut: what the batch divides its rows by; ``None``: all come in time.
        divided: the rows that were divided so far.

    Args:
        batch: the batch.
        source: where and how to read.
        interval: the run's logical time.
        origin: where its rows come from.
    """

    def __init__(self, batch: Batch, source: Source, interval: Interval, origin: Origin) -> None:
        super().__init__(batch.spark, source, batch.identity, interval, allow_empty=True)
        self.cut = batch.cut
        self.divided: list[Divided] = []
        self._origin = origin

    def read_rows(
        self, columns: Sequence[Column], *, counted: bool = False, passes: int = 1, time: str | None = None
    ) -> DataFrame:
        """As the context of batch jobs does; rows that do not come in time are put aside.

        Args:
            columns: what the job asks for.
            counted: as for batch jobs.
            passes: as for batch jobs.
            time: SQL expression of a row's time, over these columns. A job that leaves it out cannot be
                run with ``--watermark``.

        Raises:
            UsageError: ``--watermark`` was given, and the job does not say what a row's time is.
        """
        if self.cut is None:
            return super().read_rows(columns, counted=counted, passes=passes)
        if time is None:
            raise self._timeless()
        hidden = self._origin.columns if self.source.inputs else ()
        rows = super().read_rows([*columns, *hidden], counted=counted, passes=passes)
        return self._divide(rows, columns, time) if self.source.inputs else rows

    def read_lines(self) -> DataFrame:
        """As the context of batch jobs does; lines have no time."""
        if self.cut is not None:
            raise self._timeless()
        return super().read_lines()

    def read_sums(self, key: Column, value: Column, *, counted: bool = False) -> DataFrame:
        """As the context of batch jobs does; sums have no time."""
        if self.cut is not None:
            raise self._timeless()
        return super().read_sums(key, value, counted=counted)

    def read_any(self, types: Mapping[str, str], *, counted: bool = False, passes: int = 1) -> DataFrame:
        """As the context of batch jobs does; nobody says which column is the time."""
        if self.cut is not None:
            raise self._timeless()
        return super().read_any(types, counted=counted, passes=passes)

    def _timeless(self) -> UsageError:
        return UsageError(
            f"--watermark: {self.identity.job} reads rows without telling their time",
            "Leave the flag out, or let the job say it: read_rows(columns, time=...).",
        )

    @phase("dividing by time")
    def _divide(self, rows: DataFrame, columns: Sequence[Column], time: str) -> DataFrame:
        assert self.cut is not None
        found = divide(rows, columns, time, self.cut, self._origin)
        taken = self.intakes[-1].rows_accepted
        if found.accepted + found.rows_late != taken:
            raise DataError(
                f"{taken} rows were accepted, and {found.accepted} of them come in time and "
                f"{found.rows_late} do not",
                CHANGED,
            )
        self.divided.append(found)
        return found.rows

    @property
    def rows_late(self) -> int:
        """Rows that were put aside."""
        return sum(found.rows_late for found in self.divided)

    @property
    def rows_in_time(self) -> int:
        """Rows for the job's tables."""
        return sum(intake.rows_accepted for intake in self.intakes) - self.rows_late

    @property
    def greatest_us(self) -> dict[str, int]:
        """The greatest time of the rows that came in time, of each part of the source."""
        found: dict[str, int] = {}
        for divided in self.divided:
            found = greater(found, divided.greatest)
        return found
