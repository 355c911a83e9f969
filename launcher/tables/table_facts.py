"""What a table says of itself: its state, its commits, its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from launcher.tables import tags as tagging
from sparkjobs.tables.history import read_metadata
from sparkjobs.tables.opening import Place

_WRITTEN = ("numOutputRows", "num_added_rows")
_MERGED = ("numTargetRowsInserted", "numTargetRowsUpdated")
_ADDED = ("numAddedFiles", "num_added_files", "numFilesAdded", "numFiles", "numTargetFilesAdded")
_REMOVED = (
    "numRemovedFiles",
    "num_removed_files",
    "numFilesRemoved",
    "numTargetFilesRemoved",
    "numRemovedFile",
)


@dataclass(frozen=True)
class CommitFact:
    """One commit; what its history does not tell is ``None``.

    Attributes:
        rows: rows written.
        job: the job, or command, that did it, with its ``run_id`` and ``interval``.
        engine: the program that wrote it.
    """

    version: int
    time: str | None
    operation: str
    rows: int | None
    files_added: int | None
    files_removed: int | None
    job: str | None
    run_id: str | None
    interval: str | None
    engine: str | None


@dataclass(frozen=True)
class FileFact:
    """One data file; sizes in bytes, ``rows`` as its statistics tell, deleted ones included."""

    name: str
    bytes: int
    rows: int | None
    partition: Mapping[str, Any]
    modified: str | None


@dataclass(frozen=True)
class TableFacts:
    """The state of a table at a version; sizes in bytes."""

    path: str
    version: int
    rows: int | None
    files: int
    bytes: int
    columns: tuple[Mapping[str, Any], ...]
    partition_columns: tuple[str, ...]
    properties: Mapping[str, str]
    tags: Mapping[str, int]
    features: tuple[str, ...]
    created: str | None
    last_commit: CommitFact | None


def table_facts(table: Any, place: Place) -> TableFacts:
    """The state of an opened table."""
    files = file_facts(table)
    metadata, protocol = table.metadata(), table.protocol()
    commits = table.history(1)
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    return TableFacts(
        path=place.path,
        version=table.version(),
        rows=_rows(files, table, "deletionVectors" in features),
        files=len(files),
        bytes=sum(file.bytes for file in files),
        columns=tuple(_column(field) for field in table.schema().fields),
        partition_columns=tuple(metadata.partition_columns),
        properties={key: str(value) for key, value in metadata.configuration.items()},
        tags=tags_of(table),
        features=tuple(sorted(features)),
        created=_time(metadata.created_time),
        last_commit=commit_fact(commits[0]) if commits else None,
    )


def tags_of(table: Any) -> dict[str, int]:
    """The table's tags, those of a restore that was cut off among them."""
    return {
        **tagging.unfinished(table.history()),
        **tagging.of_properties(table.metadata().configuration),
    }


def commit_facts(table: Any, limit: int | None) -> list[CommitFact]:
    """The commits, newest first."""
    return [commit_fact(row) for row in table.history(limit)]


def commit_fact(row: Mapping[str, Any]) -> CommitFact:
    """Read one commit as delta-rs tells it, whoever wrote it. Pure."""
    ours = read_metadata(row.get("userMetadata"))
    metrics = row.get("operationMetrics") or {}
    merged = [_number(metrics, (name,)) for name in _MERGED]
    rows = _number(metrics, _WRITTEN) if None in merged else sum(number or 0 for number in merged)
    return CommitFact(
        version=int(row["version"]),
        time=_time(row.get("timestamp")),
        operation=str(row.get("operation", "?")),
        rows=rows,
        files_added=_number(metrics, _ADDED),
        files_removed=_number(metrics, _REMOVED),
        job=ours.get("job"),
        run_id=ours.get("run_id"),
        interval=ours.get("interval"),
        engine=row.get("engineInfo"),
    )


def file_facts(table: Any) -> list[FileFact]:
    """The data files of the opened version, by name."""
    actions = table.get_add_actions()
    columns = {name: [item.as_py() for item in actions.column(name)] for name in _present(actions)}
    count = actions.num_rows
    nothing: list[Any] = [None] * count
    rows = columns.get("num_records", nothing)
    partitions = columns.get("partition", columns.get("partition_values", nothing))
    found = [
        FileFact(
            name=columns["path"][i],
            bytes=int(columns["size_bytes"][i]),
            rows=None if rows[i] is None else int(rows[i]),
            partition=partitions[i] or {},
            modified=_time(columns["modification_time"][i]),
        )
        for i in range(count)
    ]
    return sorted(found, key=lambda file: file.name)


def _present(actions: Any) -> list[str]:
    wanted = ("path", "size_bytes", "modification_time", "num_records", "partition", "partition_values")
    return [name for name in wanted if name in actions.column_names]


def _rows(files: Sequence[FileFact], table: Any, may_have_deleted: bool) -> int | None:
    """Rows of the table; ``None`` where a file has no statistics."""
    counts = [file.rows for file in files if file.rows is not None]
    if len(counts) < len(files):
        return None
    return sum(counts) - (_deleted(table) if may_have_deleted else 0)


def _deleted(table: Any) -> int:
    """Rows that deletion vectors mark in files that still hold them."""
    vectors = table.deletion_vectors().read_all().column("selection_vector")
    return sum(vector.as_py().count(False) for vector in vectors)


def _column(field: Any) -> dict[str, Any]:
    return {"name": field.name, "type": _kind(json.loads(field.type.to_json())), "nullable": field.nullable}


def _kind(kind: Any) -> str:
    """A type of Delta's schema as text: ``array<struct<a:long>>``."""
    if isinstance(kind, str):
        return kind
    if kind["type"] == "array":
        return f"array<{_kind(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_kind(kind['keyType'])},{_kind(kind['valueType'])}>"
    return f"struct<{','.join(f['name'] + ':' + _kind(f['type']) for f in kind['fields'])}>"


def _number(metrics: Mapping[str, Any], names: Sequence[str]) -> int | None:
    values = [metrics[name] for name in names if str(metrics.get(name, "")).isdigit()]
    return int(values[0]) if values else None


def _time(milliseconds: Any) -> str | None:
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(int(milliseconds) / 1000, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
