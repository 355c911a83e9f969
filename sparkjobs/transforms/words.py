"""Words and their counts: from files (the quick way), and from any DataFrame of lines (streams too).

Both run the kernels of ``sparkjobs.kernels`` inside the Python workers and add the parts up in Spark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest.blocks import BLOCK_BYTES, check, read_blocks
from sparkjobs.ingest.intake import Intake, enforce, refuse_fatal
from sparkjobs.ingest.model import BAD_ROW_DDL, Split, displayed
from sparkjobs.ingest.reading import Source, guarded, slots
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.kernels.lines import line_count
from sparkjobs.kernels.options import WordOptions
from sparkjobs.kernels.words import WordCounter, word_counter
from sparkjobs.phases import phase
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WORDS_DDL = "word string, count bigint"
_SCAN_DDL = f"kind tinyint, {WORDS_DDL}"
# What a row of the scan stands for; the row's text is the word, nothing, the bad row as JSON, the reason.
_WORD, _READ, _GOOD, _BAD, _FATAL = range(5)
_COLUMNS = ["kind", "word", "count"]
# A counter hands its words out past this many distinct ones, which bounds the worker's memory.
DISTINCT_LIMIT = 1 << 20


def count_lines(lines: DataFrame, options: WordOptions) -> DataFrame:
    """Count the words, or n-grams, of a column of lines; works on a stream as on a table.

    Args:
        lines: has a string column ``value`` of valid UTF-8. A null counts nothing; a value that
            holds line ends counts as several lines.
        options: what to count.

    Returns:
        ``word string, count bigint``, one row for each word.
    """
    return _total(lines.select("value").mapInArrow(_LineTask(options), WORDS_DDL))


def count_files(spark: SparkSession, source: Source, options: WordOptions) -> tuple[DataFrame, Intake]:
    """Count the words, or n-grams, of text files in one scan.

    The tasks read byte ranges and count them where they are; lines never become Spark rows. How many
    lines were read, and which were bad, travels in the same rows as the counts.

    Returns:
        ``word string, count bigint``, one row for each word; and the counts of the reading.

    Raises:
        DataError: a file cannot be read, or more lines are bad than allowed.
    """
    with phase("listing and headers"):
        tasks = plan_tasks(source.files(), slots(spark))
    scanned = scan(spark, tasks, source.s3, options)
    return split_bad_lines(scanned, source.max_bad_rows)


def scan(
    spark: SparkSession, tasks: Sequence[tuple[Split, ...]], s3: S3Settings, options: WordOptions
) -> DataFrame:
    """Count the splits of the tasks.

    Returns:
        ``kind tinyint, word string, count bigint``: one row for each word, one that counts the lines
        read, one that counts the good ones, and one for each bad line and each file that cannot be
        read. All are added up alike, so what is kept for the second look is as small as the result.
    """
    from pyspark.sql import functions as F

    shared = spark.sparkContext.broadcast(list(tasks))
    work = _SplitTask(lambda number: shared.value[number], s3, options)
    parts = spark.range(0, len(tasks), 1, max(1, len(tasks))).mapInArrow(work, _SCAN_DDL)
    return parts.groupBy("kind", "word").agg(F.sum("count").alias("count"))


@phase("reading and counting")
def split_bad_lines(scanned: DataFrame, max_bad_rows: str) -> tuple[DataFrame, Intake]:
    """Take stock of a scan as ``sparkjobs.ingest.intake.split_bad_rows`` does of rows.

    The scan is kept in memory and on disk, so that the input is read once.
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    kept = scanned.persist(StorageLevel.MEMORY_AND_DISK)
    kind = F.col("kind")
    found = kept.agg(
        F.coalesce(F.sum(F.when(kind == _READ, F.col("count"))), F.lit(0)).alias("read"),
        F.coalesce(F.sum(F.when(kind == _GOOD, F.col("count"))), F.lit(0)).alias("good"),
        F.count_if(kind == _BAD).alias("bad"),
        F.min(F.when(kind == _FATAL, F.col("word"))).alias("fatal"),
    ).first()
    assert found is not None  # an aggregate without keys has one row
    refuse_fatal(found["fatal"])
    rows = kept.where(kind == _BAD).select(F.from_json("word", BAD_ROW_DDL).alias("bad")).select("bad.*")
    intake = Intake(found["read"], found["good"], found["bad"], rows if found["bad"] else None)
    enforce(intake, max_bad_rows)
    return kept.where(kind == _WORD).select("word", "count"), intake


def _total(parts: DataFrame) -> DataFrame:
    from pyspark.sql import functions as F

    return parts.groupBy("word").agg(F.sum("count").alias("count"))


class _LineTask:
    """Runs in the workers: batches of lines to batches of counted words."""

    def __init__(self, options: WordOptions) -> None:
        self._options = options

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        counter = word_counter(self._options)
        for batch in batches:
            counter.add(joined(batch.column(0)))
            if counter.distinct > DISTINCT_LIMIT:
                yield from counter.drain()
        yield from counter.drain()


def joined(lines: Any) -> bytes:
    """An Arrow array of strings as one block of lines; without a Python object for each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(lines):
        return b""
    whole = pa.ListArray.from_arrays(
        _int32(0, len(lines)), pc.fill_null(lines, "") if lines.null_count else lines
    )
    block: bytes = pc.binary_join(whole, "\n").cast(pa.binary())[0].as_py()
    return block


def _int32(*numbers: int) -> Any:
    """A small Arrow array; ``pa.array`` of a list would import pandas in each new worker."""
    import pyarrow as pa

    raw = b"".join(number.to_bytes(4, "little") for number in numbers)
    return pa.Array.from_buffers(pa.int32(), len(numbers), [None, pa.py_buffer(raw)])


class _SplitTask:
    """Runs in the workers: numbers of tasks to counted words and the account of the reading."""

    def __init__(
        self, splits_of: Callable[[int], Sequence[Split]], s3: S3Settings, options: WordOptions
    ) -> None:
        self._splits_of = splits_of
        self._s3 = s3
        self._options = options

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        counter = word_counter(self._options)
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for split in self._splits_of(number):
                    yield from guarded(lambda one: self._read(one, counter), split, _failed)
        yield from map(_words, counter.drain())
        forget_archives()

    def _read(self, split: Split, counter: WordCounter) -> Iterator[Any]:
        read = good = 0
        file = displayed(split.path)
        for block in read_blocks(split, self._s3, BLOCK_BYTES):
            checked = check(block, file)
            counter.add(checked.data)
            read += line_count(block.data)
            good += checked.lines
            for bad in checked.bad:
                yield _note(_BAD, json.dumps(bad.as_dict()), 1)
            if counter.distinct > DISTINCT_LIMIT:
                yield from map(_words, counter.drain())
        yield _note(_READ, "", read)
        yield _note(_GOOD, "", good)


def _words(batch: Any) -> Any:
    import pyarrow as pa

    kinds = pa.Array.from_buffers(pa.int8(), batch.num_rows, [None, pa.py_buffer(bytes(batch.num_rows))])
    return pa.record_batch([kinds, batch.column(0), batch.column(1)], names=_COLUMNS)


def _failed(reason: str) -> Any:
    return _note(_FATAL, reason, 1)


def _note(kind: int, text: str, count: int) -> Any:
    """One row of the account; ``pa.array`` of a list would import pandas in each new worker."""
    import pyarrow as pa

    data = text.encode()
    columns = [
        pa.Array.from_buffers(pa.int8(), 1, [None, pa.py_buffer(kind.to_bytes(1, "little"))]),
        pa.Array.from_buffers(pa.string(), 1, [None, _int32(0, len(data)).buffers()[1], pa.py_buffer(data)]),
        pa.Array.from_buffers(pa.int64(), 1, [None, pa.py_buffer(count.to_bytes(8, "little"))]),
    ]
    return pa.record_batch(columns, names=_COLUMNS)
