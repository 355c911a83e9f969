"""Writing small files together: read and written by pyarrow, compared, then one commit.

delta-rs has a compaction, but it wraps INT96 timestamps outside 1677 to 2262, leaves NaN out of the
statistics, by which Spark then passes rows over, and commits by itself, before anybody could look.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from launcher.tables.bins import DataFile, bins, partition_text, statistics
from launcher.tables.digest import Digest
from launcher.tables.editing import Edit, committed, editing
from launcher.tables.table_lock import Locking
from launcher.tables.table_storage import refuse_unnameable
from sparkjobs.errors import WriteError
from sparkjobs.tables.footers import has_days, is_julian
from sparkjobs.tables.opening import Place
from sparkjobs.tables.reading import inside_table

MIB = 1 << 20
_SPARK_VERSION = b"org.apache.spark.version"


@dataclass(frozen=True)
class Optimized:
    """A compaction; ``version`` is the newest, also where there was nothing to do."""

    version: int
    files_removed: int
    files_added: int


def optimize(place: Place, target_mib: int, locking: Locking) -> Optimized:
    """Write small files together into files of about ``target_mib`` MiB; the rows stay.

    Rows and a digest of each column are compared before the commit.

    Raises:
        WriteError: the table, or a file of it, cannot be written without Spark.
    """
    with editing(place, "table_optimize", {"target_mib": target_mib}, locking) as edit:
        chosen = bins(_data_files(edit.table), target_mib * MIB)
        if not chosen:
            return Optimized(edit.table.version(), 0, 0)
        refuse_unnameable((file.path for files in chosen for file in files), place.path)
        made = _all_rewritten(edit, chosen)
        # From here on nothing is deleted: a commit whose answer is lost may stand.
        at = _commit(edit, chosen, made)
        return Optimized(at, sum(len(files) for files in chosen), len(made))


def _data_files(table: Any) -> list[DataFile]:
    import pyarrow as pa

    return [
        DataFile(
            path=action["path"].as_py(),
            bytes=action["size_bytes"].as_py(),
            rows=action["num_records"].as_py() if "num_records" in action else None,
            partition={name: partition_text(v.as_py()) for name, v in _fields(action, "partition")},
            lowest={name: _value(v) for name, v in _fields(action, "min")},
            highest={name: _value(v) for name, v in _fields(action, "max")},
            nulls={n: v.as_py() for n, v in _fields(action, "null_count") if isinstance(v.as_py(), int)},
        )
        for batch in pa.table(table.get_add_actions()).to_batches()
        for action in batch.to_struct_array()
    ]


def _fields(action: Any, name: str) -> list[tuple[str, Any]]:
    found = action[name] if name in action.keys() else None  # noqa: SIM118 - a pyarrow scalar
    return list(found.items()) if found is not None and found.is_valid else []


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):  # Python's times end with the year 9999
        return None


def _all_rewritten(edit: Edit, chosen: Sequence[Sequence[DataFile]]) -> list[tuple[str, int, int]]:
    system = inside_table(edit.place)
    made: list[tuple[str, int, int]] = []
    try:
        made.extend(_rewritten(edit, system, files) for files in chosen)
    except BaseException:
        _forget(system, [path for path, *_ in made])
        raise
    return made


def _rewritten(edit: Edit, system: Any, files: Sequence[DataFile]) -> tuple[str, int, int]:
    """Write some files as one, read it again and compare.

    Returns:
        its path as the log writes it, its bytes and its rows.

    Raises:
        WriteError: it does not hold what the files hold.
    """
    from pyarrow import parquet

    schema = _stored_schema(edit.table)
    folder = files[0].path.rpartition("/")[0]
    path = f"{folder}/" * bool(folder) + f"part-00000-{uuid.uuid4()}-c000.zstd.parquet"
    source, target = Digest(), Digest()
    try:
        with parquet.ParquetWriter(
            unquote(path),
            schema,
            filesystem=system,
            compression="zstd",
            store_schema=False,
            write_statistics=_described(schema),
        ) as writer:
            for batch in _batches(edit, system, files, schema, writer):
                source.add(batch)
                writer.write_batch(batch)
        for batch in _of_file(system, DataFile(path, 0), schema):
            target.add(batch)
        _refuse_difference(edit.place.path, files, source, target)
        return path, system.get_file_info(unquote(path)).size, target.rows
    except BaseException:
        _forget(system, [path])
        raise


def _refuse_difference(table: str, files: Sequence[DataFile], source: Digest, target: Digest) -> None:
    wrong = [name for name, found in source.columns().items() if target.columns().get(name) != found]
    counts = [file.rows for file in files if file.rows is not None]
    other_count = len(counts) == len(files) and sum(counts) != source.rows
    if wrong or source.rows != target.rows or other_count:
        raise WriteError(
            f"the compaction of {table} would change {', '.join(wrong) or 'the number of rows'}: "
            f"nothing was changed",
            "Use Spark: OPTIMIZE in SQL.",
        )


def _batches(edit: Edit, system: Any, files: Sequence[DataFile], schema: Any, writer: Any) -> Iterator[Any]:
    """The rows of the files; what tells Spark how to read their days goes to the new file."""
    from pyarrow import parquet

    versions: set[bytes | None] = set()
    for file in files:
        footer = parquet.read_metadata(unquote(file.path), filesystem=system)
        if is_julian(footer) and has_days(footer):
            raise WriteError(
                f"{file.path} of {edit.place.path} counts old days by the Julian calendar, as Spark 2 did: "
                "it cannot be written without Spark",
                "Use Spark: OPTIMIZE in SQL.",
            )
        versions.add((footer.metadata or {}).get(_SPARK_VERSION))
        yield from _of_file(system, file, schema)
    if None not in versions:
        # Without a version Spark reads the days as spark.sql.parquet.datetimeRebaseModeInRead says
        # (DataSourceUtils).
        writer.add_key_value_metadata({_SPARK_VERSION: min(version for version in versions if version)})


def _of_file(system: Any, file: DataFile, schema: Any) -> Iterator[Any]:
    from pyarrow import dataset as ds

    options = ds.ParquetReadOptions(coerce_int96_timestamp_unit="us")
    fragment = ds.ParquetFileFormat(read_options=options).make_fragment(unquote(file.path), filesystem=system)
    yield from fragment.to_batches(schema=schema)


def _stored_schema(table: Any) -> Any:
    import pyarrow as pa

    partitions = set(table.metadata().partition_columns)
    whole = pa.schema(table.schema().to_arrow())
    return pa.schema([field for field in whole if field.name not in partitions])


def _described(schema: Any) -> list[str]:
    """The columns whose least and greatest values a file may tell in its footer.

    pyarrow leaves NaN out of them, which to Spark is the greatest number: it would pass such rows over.
    """
    import pyarrow as pa

    return [
        field.name
        for field in schema
        if not pa.types.is_nested(field.type) | pa.types.is_floating(field.type)
    ]


def _commit(edit: Edit, chosen: Sequence[Sequence[DataFile]], made: Sequence[tuple[str, int, int]]) -> int:
    from deltalake.transaction import AddAction, RemoveAction

    now = int(time.time() * 1000)
    # delta-rs hands out paths as the log has them and takes them as the disk has them.
    actions: list[Any] = []
    for files, (path, size, rows) in zip(chosen, made, strict=True):
        partition = dict(files[0].partition)
        # data_change is off: who follows the table, as a stream does, has seen these rows.
        actions.append(AddAction(unquote(path), size, partition, now, False, statistics(files, rows)))
        actions.extend(RemoveAction(unquote(file.path), False, now, file.bytes, partition) for file in files)

    def change(carried: Any) -> None:
        edit.table.create_write_transaction(
            actions,
            "append",
            edit.table.schema(),
            partition_by=edit.table.metadata().partition_columns,
            commit_properties=carried,
        )

    return committed(edit, change, "compaction")


def _forget(system: Any, paths: Sequence[str]) -> None:
    """Delete files that no commit names."""
    for path in paths:
        try:
            system.delete_file(unquote(path))
        except OSError:  # it was never made; else the next vacuum takes it
            continue
