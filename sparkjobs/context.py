"""What a job is given: the session, its reading functions, and a place for warnings.

Every row that a job reads goes through here, so that the run can account for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.errors import DataError
from sparkjobs.identity import Interval, RunIdentity
from sparkjobs.ingest.intake import ROWS, Intake, Unsettled, Way, enforce
from sparkjobs.ingest.pins import Pins
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.typing import Column
from sparkjobs.phases import phase
from sparkjobs.strategies import AUTO, Strategy, strategy, unheard

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from sparkjobs.ingest.rows import Read

log = logging.getLogger("sparkjobs")


class JobContext:
    """One run's session, source and accounts.

    Attributes:
        spark: the session.
        source: where and how to read (``read_*`` below use it).
        identity: job, interval, config hash and run id.
        interval: the run's logical time.
        allow_empty: whether input without rows is accepted.
        partitions: columns by which the tables that the run writes to are partitioned.
        wanted: ``--strategy``.
        way: how bad rows may be found.
        unsettled: the reading that settles when the first table is written, if there is one.
    """

    def __init__(
        self,
        spark: SparkSession,
        source: Source,
        identity: RunIdentity,
        interval: Interval,
        *,
        allow_empty: bool,
        partitions: frozenset[str] = frozenset(),
        wanted: str = AUTO,
        way: Way = Way.KEPT,
    ) -> None:
        self.spark = spark
        self.source = source
        self.identity = identity
        self.interval = interval
        self.allow_empty = allow_empty
        self.partitions = partitions
        self.wanted = wanted
        self.way = way
        self.unsettled: Unsettled | None = None
        self._pins: tuple[Pins, ...] = ()
        # What a reading by Way.ONCE gave, and the same rows without checks.
        self._checked: tuple[DataFrame, Callable[[], DataFrame] | None] | None = None
        self.intakes: list[Intake] = []
        self.warnings: list[str] = []

    def strategy(self, operator: str) -> Strategy:
        """The way that an operator takes in this session."""
        from sparkjobs.session import strategy_settings

        return strategy(strategy_settings(self.spark), operator, self.wanted)

    def tell_strategies(self, operators: Sequence[str]) -> None:
        """Log the ways of the job's operators, and warn of those that do not follow ``--strategy``."""
        chosen = [self.strategy(operator) for operator in operators]
        for item in chosen:
            # The plan shows them; who runs a job did not ask.
            log.debug("%s: %s way, %s", item.operator, item.way, item.reason)
        for line in unheard(chosen, self.wanted):
            self.warn(line)

    @phase("listing and headers")
    def read_lines(self) -> DataFrame:
        """Lines of text: ``value``, with ``file`` and ``offset`` (bytes) of each."""
        from sparkjobs.ingest.text import read_lines

        rows, intake = read_lines(self.spark, self.source)
        self.account(intake)
        return rows

    @phase("listing and headers")
    def read_rows(self, columns: Sequence[Column], *, counted: bool = False, passes: int = 1) -> DataFrame:
        """Typed rows with the asked columns, from CSV, JSON lines, Parquet or Delta.

        Args:
            columns: what the job asks for.
            counted: the job's first table is made of every row, looks at a column of each, and tells how
                many there were (``OutputTable.counted_by``). Then a bad row may end the write of that
                table instead of being looked for before.
            passes: how often the job's tables go through the rows. Text, which is costly to read, is kept
                meanwhile where that is more than once.

        A job that goes through the rows before its tables may count them itself, see ``proven``.
        """
        from sparkjobs.ingest.rows import read_rows

        wanted = [self._partitioning(column) for column in columns]
        if not self.source.inputs:
            return self._nothing(wanted)
        return self._accounted(read_rows(self.spark, self.source, wanted, self._way(counted, passes)))

    @phase("listing and headers")
    def read_sums(self, key: Column, value: Column, *, counted: bool = False) -> DataFrame:
        """A key and a value of each row, both required, to be added up.

        Returns:
            The two columns and ``ROWS``: each row stands for so many of the input, whose values add up to its
            own. Text is added up inside the workers.
        """
        from sparkjobs.ingest.rows import read_rows

        wanted = [self._partitioning(column) for column in (key, value)]
        if not self.source.inputs:
            return self._nothing([*wanted, Column(ROWS, "bigint")])
        read = read_rows(self.spark, self.source, wanted, self._way(counted, 1), summed=True)
        return self._accounted(read)

    def _way(self, counted: bool, passes: int) -> Way:
        if self.way is not Way.ONCE:
            return self.way
        costly = self.source.format not in ("parquet", "delta") and passes > 1
        # Two readings of one run cannot both be told from one number.
        return Way.ONCE if counted and not costly and self.unsettled is None else Way.CHECKED

    def _partitioning(self, column: Column) -> Column:
        names = {column.name, column.input_name}
        return replace(column, partition=True) if names & self.partitions else column

    @phase("listing and headers")
    def read_any(self, types: Mapping[str, str], *, counted: bool = False, passes: int = 1) -> DataFrame:
        """Every column of the input, for jobs that take any table; ``types`` of CSV or JSON columns."""
        from sparkjobs.ingest.whole import read_any

        return self._accounted(read_any(self.spark, self.source, types, self._way(counted, passes)))

    def _nothing(self, columns: Sequence[Column]) -> DataFrame:
        """No rows: every file of a stream's batch is passed over."""
        self.account(Intake(0, 0, 0, None))
        names = [f"`{column.name}` {column.kind}" for column in columns]
        return self.spark.createDataFrame([], ", ".join(names))

    def _accounted(self, read: Read) -> DataFrame:
        for warning in read.warnings:
            self.warn(warning)
        self._pins += read.pins
        if isinstance(read.intake, Unsettled):
            self.unsettled, self._checked = read.intake, (read.rows, read.proven)
        else:
            self.account(read.intake)
        return read.rows

    def rows_accepted(self) -> int:
        """Rows of the last reading, where they must be known before the work; the files may tell."""
        unsettled = self.unsettled
        if unsettled is not None and unsettled.rows_read is not None:
            return unsettled.rows_read
        self.settle(None)
        return self.intakes[-1].rows_accepted

    def most_rows(self) -> int | None:
        """Rows of the last reading, bad ones too; ``None`` where only reading tells."""
        return self.intakes[-1].rows_read if self.unsettled is None else self.unsettled.rows_read

    def settle(self, rows: int | None) -> None:
        """Account for the reading that was left unsettled.

        Args:
            rows: how many rows the written table was made of; ``None``: nothing tells, they are counted now.

        Raises:
            DataError: the files tell another number; a row is bad.
        """
        if self.unsettled is None:
            return
        unsettled, self.unsettled = self.unsettled, None
        if rows is None:
            intake = unsettled.check()
            enforce(intake, self.source.max_bad_rows)
            self.account(intake)
        else:
            read = rows if unsettled.rows_read is None else unsettled.rows_read
            self.account(Intake(read, rows, 0, None))

    def proven(self, rows: DataFrame, count: int) -> DataFrame:
        """The rows of the last reading for later passes, after the job's own went through all of them.

        That pass must have looked at a column of each row: then none is bad, and the check need not be made
        again. What the files hold by then is looked at before and after each write.

        Args:
            rows: what ``read_rows(..., counted=True)`` gave.
            count: how many the pass met.
        """
        if self.unsettled is None or self._checked is None or self._checked[0] is not rows:
            return rows
        self.settle(count)
        proven = self._checked[1]
        return rows if proven is None else proven()

    def account(self, intake: Intake) -> None:
        """Add what a reader read to the run's accounts.

        Raises:
            DataError: no row was accepted and ``--allow-empty`` was not given.
        """
        self.intakes.append(intake)
        log.info(
            "read %s rows: %s accepted, %s quarantined",
            f"{intake.rows_read:,}",
            f"{intake.rows_accepted:,}",
            f"{intake.rows_quarantined:,}",
        )
        if intake.rows_accepted == 0 and not self.allow_empty:
            raise DataError(
                f"the input has no rows ({', '.join(self.source.inputs[:3])})",
                "If that may happen, run with --allow-empty.",
            )

    @phase("looking at the input again")
    def refuse_changed_input(self) -> None:
        """Look again at the files that Spark itself reads; those of our own readers look for themselves.

        Raises:
            DataError: names the first that is gone or another one.
        """
        for pins in self._pins:
            pins.refuse_changed()

    def release(self) -> None:
        """Let go of what the readers keep in memory and on disk (a stream, after each batch)."""
        self.spark.catalog.clearCache()

    def warn(self, message: str) -> None:
        """Tell the user something that does not stop the run; it appears in the result as well."""
        log.warning(message)
        self.warnings.append(message)
