"""What a job is: a name, typed parameters and a function from input to output tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import checks
from sparkjobs.ingest import flows
from sparkjobs.ingest.patterns import check_timestamp_format
from sparkjobs.params import param
from sparkjobs.strategies import AUTO, STRATEGIES
from sparkjobs.tables.schema import SCHEMAS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext

MODES = ("overwrite", "append", "merge", "replace")
FORMATS = ("text", "csv", "jsonl", "parquet", "delta")
UNITS = ("s", "ms", "us", "ns")
# Of a table each of whose rows was made of one row of the input.
EACH_ROW = "*"


@dataclass(frozen=True)
class BatchParams:
    """The flags that every batch job has."""

    input: tuple[str, ...] = param(
        help="file, folder or table to read; repeat for more; @FILE names a list, one path a line",
        metavar="PATH",
        repeatable=True,
        group="common",
        fingerprint=flows.identity,
    )
    output: str = param(
        help="Delta table (or folder of tables) to write", metavar="PATH", group="common", identity=False
    )
    mode: str = param("overwrite", help="what happens to rows already there", choices=MODES, group="common")
    keys: tuple[str, ...] = param(
        (), help="columns that identify a row, for --mode merge", metavar="A,B", group="common"
    )
    interval_column: str | None = param(
        None, help="time column for --mode replace: the interval's rows are replaced", group="common"
    )
    interval: str | None = param(
        None,
        help="logical time of this run: 2026-01-31, 2026-01-31T05 or START/END (UTC); identity, not a filter",
        group="common",
        identity=False,
    )
    schema: str = param(
        "refuse",
        help="columns that the table lacks, or that it has and the rows lack",
        choices=SCHEMAS,
        group="common",
        identity=False,
    )
    force: bool = param(
        False,
        help="compute again although this run is already in the table",
        group="common",
        identity=False,
    )
    allow_empty: bool = param(False, help="accept input without rows", group="common", identity=False)
    max_bad_rows: str = param(
        "0",
        help="bad rows to put into quarantine before the run fails: a number or a share",
        metavar="N|P%",
        check=checks.bad_rows,
        group="common",
        identity=False,
    )
    quarantine: str | None = param(
        None,
        help="Delta table for bad rows (default: OUTPUT_quarantine)",
        metavar="TABLE",
        group="common",
        identity=False,
    )
    format: str | None = param(
        None, help="format of the input (default: by job)", choices=FORMATS, group="common"
    )
    delimiter: str = param(",", help="CSV: the separator", check=checks.one_character, group="common")
    null: str = param("", help="CSV: the text that stands for null", group="common")
    timestamp_format: str | None = param(
        None,
        help="pattern of timestamps, such as dd/MM/yyyy HH:mm (default: ISO 8601)",
        check=check_timestamp_format,
        group="common",
    )
    timestamp_unit: str | None = param(
        None,
        help="what whole numbers for times count since 1970, UTC; without it such columns are refused",
        choices=UNITS,
        group="common",
        since="0.2.0",
    )
    extra_columns: str = param(
        "refuse",
        help="columns that the job does not know",
        choices=("refuse", "ignore"),
        group="common",
    )
    glob: bool = param(False, help="expand * ? [ ] { } in input paths", group="common")
    timezone: str = param(
        "UTC", help="time zone of timestamps without one", check=checks.timezone, group="common"
    )
    strategy: str = param(
        AUTO,
        help="how operators with two ways work: by Spark's own expressions or by kernels in Python workers",
        choices=STRATEGIES,
        group="common",
        identity=False,
        since="0.2.0",
    )
    profile: bool = param(
        False,
        help="tell in the result, and on stderr, where the time went, phase by phase",
        group="common",
        identity=False,
        since="0.2.0",
    )
    result: str | None = param(
        None, help="write the result JSON to this path as well", metavar="URI", group="common", identity=False
    )


@dataclass(frozen=True)
class OutputTable:
    """One table that a job wants written.

    Attributes:
        name: short name in the result; also the sub-folder of ``--output`` unless ``at_root``.
        rows: what to write; a function is called when the tables before this one are committed, so that
            it can tell what they became (its columns are checked only then).
        keys: columns that identify a row when ``--mode merge`` names none.
        partition_by: partition columns of the table.
        time: the table's own time column, by which ``--mode replace`` replaces an interval where the table
            lacks ``--interval-column``.
        at_root: the table stands at ``--output`` itself (jobs with one table).
        counted_by: of a job's first table that is made of every row read: the column whose sum is the number
            of those rows, or ``EACH_ROW`` where each of its rows was made of one.
    """

    name: str
    rows: DataFrame | Callable[[], DataFrame]
    keys: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    time: str | None = None
    at_root: bool = False
    counted_by: str | None = None


@dataclass(frozen=True)
class Job:
    """A job in the catalogue.

    Attributes:
        name: what the user types.
        summary: one sentence for the list of jobs.
        params: frozen dataclass, a subclass of ``BatchParams``.
        run: reads through the context and returns the tables to write, in the order of writing.
        tables: names of the tables, known before the run, so that finished work is found first;
            ``()`` means one table at ``--output``.
        default_format: format of the input without ``--format``.
        check: looks at all parameters together; raises ``UsageError``.
        streaming: whether it is a stream (``sparkjobs.streaming.job.StreamJob``).
        operators: names of ``sparkjobs.strategies.OPERATORS`` that the job uses, by its parameters;
            ``None`` of them means that nobody has given any yet.
    """

    name: str
    summary: str
    params: type[Any]
    run: Callable[[JobContext, Any], Sequence[OutputTable]]
    tables: tuple[str, ...] = ()
    default_format: str = "csv"
    check: Callable[[Any], None] | None = None
    streaming: bool = False
    operators: Callable[[Any], tuple[str, ...]] = lambda params: ()
