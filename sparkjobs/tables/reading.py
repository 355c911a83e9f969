"""A table's rows without a JVM: as Arrow, as pandas, at any version.

pyarrow reads the files and not delta-rs, for two reasons. delta-rs reads INT96, in which Spark stores
timestamps unless told otherwise (``spark.sql.parquet.outputTimestampType``), at nanoseconds and wraps
what lies outside 1677 to 2262; only pyarrow has ``coerce_int96_timestamp_unit``. And the file system
that delta-rs gives to pyarrow (``deltalake.fs.DeltaStorageHandler``) calls Python from pyarrow's threads:
a Python that ends by an exception is aborted there (exit 134).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.storage import S3Settings, filesystem
from sparkjobs.tables.footers import has_days, is_int96, is_julian
from sparkjobs.tables.opening import Place, open_table, place_of

_CHAR_KEY = "__CHAR_VARCHAR_TYPE_STRING"  # CharVarcharUtils: there the type is a string with this metadata
_CHAR = re.compile(r"char\((\d+)\)")
# With these pyarrow would read rows that are deleted, or columns by other names.
_BY_DELTA_RS = frozenset({"deletionVectors", "columnMapping"})


@dataclass(frozen=True)
class Snapshot:
    """A version of a table, opened; rows are read when they are asked for.

    Attributes:
        place: where the table stands.
        table: delta-rs' table at that version.
    """

    place: Place
    table: Any

    @property
    def version(self) -> int:
        """The version's number."""
        return int(self.table.version())

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(field.name for field in self.table.schema().fields)

    def to_arrow(self, columns: Sequence[str] = ()) -> Any:
        """All rows as a ``pyarrow.Table``.

        Args:
            columns: the columns wanted; all of them when empty.

        Raises:
            UsageError: a column that the table does not have.
            DataError: a file cannot be read, or not without Spark.
        """
        return self._collected(self.batches(columns), self._wanted(columns))

    def to_pandas(self, columns: Sequence[str] = ()) -> Any:
        """All rows as a ``pandas.DataFrame``.

        Whole numbers and booleans come as pandas' nullable types: numpy's would turn a column with a
        null into floats, and 2^53 + 1 into 2^53. Timestamps come in microseconds, UTC.

        Args:
            columns: the columns wanted; all of them when empty.

        Raises:
            UsageError: a column that the table does not have.
            DataError: a file cannot be read, or not without Spark.
        """
        return self.to_arrow(columns).to_pandas(types_mapper=_nullable().get)

    def head(self, limit: int, columns: Sequence[str] = ()) -> Any:
        """The first ``limit`` rows as a ``pyarrow.Table``, in the order of the files."""
        found: list[Any] = []
        left = limit
        for batch in self.batches(columns):
            if left <= 0:
                break
            found.append(batch.slice(0, left))
            left -= found[-1].num_rows
        return self._collected(iter(found), self._wanted(columns))

    def batches(self, columns: Sequence[str] = ()) -> Iterator[Any]:
        """The rows as ``pyarrow.RecordBatch``, file by file.

        Raises:
            UsageError: a column that the table does not have.
            DataError: a file cannot be read, or not without Spark.
        """
        widths = self._widths()
        for batch in self._stored(self._wanted(columns)):
            yield _padded(batch, widths) if widths else batch

    def _stored(self, wanted: Sequence[str]) -> Iterator[Any]:
        by_delta_rs = self._features() & _BY_DELTA_RS
        if by_delta_rs:
            self._refuse_misread(sorted(by_delta_rs))
            yield from self._queried(wanted)
            return
        dataset = self.dataset()
        for fragment in dataset.get_fragments():
            try:
                self._refuse_julian(fragment)
                yield from fragment.to_batches(schema=dataset.schema, columns=list(wanted))
            except (OSError, ValueError) as error:
                raise DataError(f"{fragment.path} of {self.place.path} cannot be read: {error}") from error

    def dataset(self) -> Any:
        """The files as a ``pyarrow.dataset.FileSystemDataset`` that reads INT96 as microseconds."""
        from pyarrow import dataset as ds

        options = ds.ParquetReadOptions(coerce_int96_timestamp_unit="us")
        return self.table.to_pyarrow_dataset(
            filesystem=inside_table(self.place), parquet_read_options=options
        )

    def _widths(self) -> dict[str, int]:
        """The widths of char(N) columns: Spark pads when it reads, for writers may have left that out."""
        found = {}
        for field in self.table.schema().fields:
            match = _CHAR.fullmatch(str(field.metadata.get(_CHAR_KEY, "")))
            if match:
                found[field.name] = int(match.group(1))
        return found

    def _features(self) -> set[str]:
        protocol = self.table.protocol()
        mapped = self.table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
        return {*(protocol.reader_features or ()), *(("columnMapping",) if mapped else ())}

    def _refuse_misread(self, features: Sequence[str]) -> None:
        """delta-rs must read these tables, and it reads some files wrong."""
        from pyarrow import parquet

        system = inside_table(self.place)
        for item in self.table.get_add_actions().column("path"):
            footer = parquet.read_metadata(unquote(item.as_py()), filesystem=system)
            if is_int96(footer) or (is_julian(footer) and has_days(footer)):
                raise DataError(
                    f"{item.as_py()} of {self.place.path} holds timestamps as INT96 and the table has "
                    f"{', '.join(features)}: it cannot be read without Spark",
                    "Read it by Spark.",
                )

    def _refuse_julian(self, fragment: Any) -> None:
        if is_julian(fragment.metadata) and has_days(fragment.metadata):
            raise DataError(
                f"{fragment.path} of {self.place.path} counts old days by the Julian calendar, as Spark 2 "
                "did: it cannot be read without Spark",
                "Read it by Spark; a rewrite by Spark mends the table.",
            )

    def _queried(self, wanted: Sequence[str]) -> Iterator[Any]:
        import pyarrow as pa
        from deltalake import QueryBuilder

        # The names are the table's own; a quote in one is doubled as SQL wants it.
        selected = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
        query = QueryBuilder().register("t", self.table)
        found = pa.table(query.execute(f"SELECT {selected} FROM t").read_all())
        yield from found.to_batches()

    def _wanted(self, columns: Sequence[str]) -> tuple[str, ...]:
        for name in columns:
            if name not in self.columns:
                raise UsageError(f"the table has no column {name!r}", f"It has {', '.join(self.columns)}.")
        return tuple(columns) or self.columns

    def _collected(self, batches: Iterator[Any], wanted: Sequence[str]) -> Any:
        import pyarrow as pa

        found = list(batches)
        if found:
            return pa.Table.from_batches(found)
        whole = pa.schema(self.table.schema().to_arrow())
        return pa.schema([whole.field(name) for name in wanted]).empty_table()


def read(path: str, version: int | None = None) -> Snapshot:
    """Open a table for reading without Spark.

        sparkjobs.tables.read("out/rows").to_pandas()

    Args:
        path: the table, local or with a scheme.
        version: its version; the newest by default.

    Raises:
        UsageError: there is no table, or only Spark can open it.
        DataError: the version was never there, or its log has been cleaned up.
    """
    place = place_of(path, os.environ)
    return Snapshot(place, open_table(place, version))


def inside_table(place: Place) -> Any:
    """pyarrow's own file system with the table as its root: no Python runs in its threads."""
    from pyarrow import fs

    if paths.is_local(place.path):
        return fs.SubTreeFileSystem(place.path, fs.LocalFileSystem())
    system, inside = filesystem(place.path, S3Settings.from_environment(os.environ))
    return fs.SubTreeFileSystem(inside, system)


def _padded(batch: Any, widths: Mapping[str, int]) -> Any:
    from pyarrow import compute as pc

    for i, name in enumerate(batch.schema.names):
        if name in widths:
            batch = batch.set_column(i, batch.schema.field(i), pc.utf8_rpad(batch.column(i), widths[name]))
    return batch


def _nullable() -> dict[Any, Any]:
    import pandas as pd
    import pyarrow as pa

    return {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
