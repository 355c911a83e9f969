"""Lines of text as a DataFrame: one column, ``value``; lines that are not UTF-8 are bad rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.intake import BAD, FATAL, Intake, split_bad_rows
from sparkjobs.ingest.messages.reading import LINES_DDL, lines
from sparkjobs.ingest.model import Split, displayed
from sparkjobs.ingest.reading import Source, bad_array, run_tasks, slots
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.storage import S3Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read_lines(spark: SparkSession, source: Source) -> tuple[DataFrame, Intake]:
    """Read text files.

    Returns:
        Lines with ``value``, and where each stood: ``file`` and ``offset`` (bytes); and the counts.
    """
    if source.given is not None:
        return split_bad_rows(lines(spark, source.given), source.max_bad_rows)
    tasks = plan_tasks(source.files(), slots(spark))
    rows = run_tasks(spark, tasks, source.reader(_Reader(source.s3)), _failed, LINES_DDL)
    return split_bad_rows(rows, source.max_bad_rows)


class _Reader:
    """Runs in the workers: the batches of a split."""

    def __init__(self, s3: S3Settings) -> None:
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        import pyarrow as pa

        from sparkjobs.ingest.lines import tabulate

        file = displayed(split.path)
        for block in read_blocks(split, self._s3):
            table, bad = tabulate(block, file)
            good, total = len(table), len(table) + len(bad)
            yield pa.record_batch(
                [
                    _padded(table.values, len(bad)),
                    pa.array([file] * total, pa.string()),
                    _padded(pa.array(table.offsets, pa.int64()), len(bad)),
                    bad_array(bad, good),
                    pa.nulls(total, pa.string()),
                ],
                names=["value", "file", "offset", BAD, FATAL],
            )


def _padded(values: Any, nulls: int) -> Any:
    import pyarrow as pa

    return pa.concat_arrays([values, pa.nulls(nulls, values.type)]) if nulls else values


def _failed(reason: str) -> Any:
    import pyarrow as pa

    return pa.record_batch(
        [*[pa.nulls(1, pa.string())] * 2, pa.nulls(1, pa.int64()), bad_array([], 1), pa.array([reason])],
        names=["value", "file", "offset", BAD, FATAL],
    )
