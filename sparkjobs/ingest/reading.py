"""What every Spark-side reader shares: the source, one task a partition, faults as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import SparkjobsError
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.messages.given import Given
from sparkjobs.ingest.model import InputFile, Split
from sparkjobs.ingest.pins import PinnedReader
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.times import TimeReading
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Tasks = Sequence[tuple[Split, ...]]


@dataclass(frozen=True)
class Source:
    """Where and how a job reads: the common input flags, with the storage settings.

    ``pinned``: a file that changes while it is read ends the run.
    ``scan_quotes``: long CSV files are cut by a first reading that only looks for quotes (``csv_files``).
    ``frame``: the rows of the only input, a table, in place of all that it holds.
    ``frame_place``: where those rows come from, where it is no file.
    ``added``: columns that came since a stream began to read it: one that nobody asks for is passed over.
    ``given``: the records of the only input, a log.
    """

    inputs: tuple[str, ...]
    format: str
    glob: bool
    s3: S3Settings
    max_bad_rows: str
    delimiter: str = ","
    null: str = ""
    timestamp_format: str | None = None
    timestamp_unit: str | None = None
    ignore_extra: bool = False
    pinned: bool = False
    scan_quotes: bool = False
    frame: Callable[[], DataFrame] | None = None
    frame_place: str | None = None
    added: tuple[str, ...] = ()
    given: Given | None = None

    def files(self) -> tuple[InputFile, ...]:
        """The files to read, listed now."""
        return list_files(self.inputs, glob=self.glob, s3=self.s3)

    def reader(self, read: Callable[[Split], Iterable[Any]]) -> Callable[[Split], Iterable[Any]]:
        """A reader of splits as it goes to the workers."""
        return PinnedReader(read, self.s3) if self.pinned else read


def times(spark: SparkSession, source: Source) -> TimeReading:
    """How times are written; the zone is the session's."""
    zone = spark.conf.get("spark.sql.session.timeZone") or "UTC"
    return TimeReading(source.timestamp_format, source.timestamp_unit, zone)


def slots(spark: SparkSession) -> int:
    """Tasks that can run at once, as far as Spark knows now."""
    # The cores registered so far, or spark.default.parallelism (CoarseGrainedSchedulerBackend).
    return max(1, spark.sparkContext.defaultParallelism)


def run_tasks(
    spark: SparkSession,
    tasks: Tasks,
    read: Callable[[Split], Iterable[Any]],
    failed: Callable[[str], Any],
    ddl: str,
) -> DataFrame:
    """Run one task for each group of splits.

    Args:
        spark: the session.
        tasks: the groups of splits.
        read: record batches of a split; runs in a Python worker.
        failed: the record batch that reports why a file cannot be read.
        ddl: schema of the batches.
    """
    shared = spark.sparkContext.broadcast(list(tasks))

    def work(batches: Iterable[Any]) -> Iterable[Any]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for split in shared.value[number]:
                    yield from guarded(read, split, failed)
        forget_archives()

    # Said outright: range() would take defaultParallelism, and a partition is a task here.
    count = max(1, len(tasks))
    return spark.range(0, len(tasks), 1, count).mapInArrow(work, ddl)


def guarded(
    read: Callable[[Split], Iterable[Any]], split: Split, failed: Callable[[str], Any]
) -> Iterator[Any]:
    """Read a split; a file that no retry can mend is reported as a row, so that its name is kept."""
    try:
        yield from read(split)
    except SparkjobsError as error:
        yield failed(error.message)
    # Every other error fails the task: TaskSetManager tries it again, spark.task.maxFailures times in all.
    except (PermissionError, FileNotFoundError) as error:
        yield failed(f"{error.filename}: {error.strerror}")


def bad_array(rows: Sequence[Any], leading_nulls: int = 0) -> Any:
    """Bad rows as an Arrow struct array, after some nulls for the good rows before them."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    kind = pa.struct({"file": text, "line": number, "offset": number, "reason": text, "raw": text}.items())
    bad = pa.array([row.as_dict() for row in rows], kind)
    return pa.concat_arrays([pa.nulls(leading_nulls, kind), bad]) if rows else pa.nulls(leading_nulls, kind)
