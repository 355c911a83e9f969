"""How each table of a run is written: where, in which mode, by which keys or time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparkjobs import paths
from sparkjobs.context import JobContext
from sparkjobs.job import OutputTable
from sparkjobs.run import Run, table_name
from sparkjobs.tables.commit import Write


def table_writes(
    run: Run, context: JobContext, outputs: Sequence[OutputTable]
) -> list[tuple[OutputTable, Write]]:
    """How each table is written.

    ``--mode replace`` of several tables: one has ``--interval-column``; another is replaced by a time of
    its own, and one without any describes the run as a whole and is written whole.
    """
    writes = [(output, _write_of(run, output)) for output in outputs]
    named = run.params.interval_column
    if run.params.mode != "replace" or not any(named in columns_of(output) for output in outputs):
        return writes
    return [(output, _timed(write, output, context)) for output, write in writes]


def _timed(write: Write, output: OutputTable, context: JobContext) -> Write:
    columns = columns_of(output)
    for time_column in (write.interval_column, output.time):
        if time_column in columns:
            return replace(write, interval_column=time_column)
    context.warn(f"the table {write.name} has no time column: it is that of this run alone")
    return replace(write, mode="overwrite")


def columns_of(output: OutputTable) -> Sequence[str]:
    """The columns of a table, as far as they are known before it is made."""
    return () if callable(output.rows) else output.rows.columns


def _write_of(run: Run, output: OutputTable) -> Write:
    params = run.params
    path = params.output if output.at_root else paths.child(params.output, output.name)
    return Write(
        path=path,
        name=table_name(params.output) if output.at_root else output.name,
        mode=params.mode,
        keys=_keys(params.keys, output),
        interval_column=params.interval_column,
        interval=run.interval,
        partition_by=output.partition_by,
        schema=params.schema,
        force=run.params.force,
        begun_at=run.begun_at.get(path),
    )


def _keys(requested: tuple[str, ...], output: OutputTable) -> tuple[str, ...]:
    """``--keys`` where the table has them; a job's other tables are merged by keys of their own."""
    if requested and output.keys and not set(requested) <= set(columns_of(output) or requested):
        return output.keys
    return requested or output.keys
