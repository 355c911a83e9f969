"""A stream as its batches leave it on the disk, made without Spark: tables, checkpoint, records, progress."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from sparkjobs.identity import RunIdentity
from sparkjobs.streaming.progress.batch_progress import to_line
from tests.unit.streaming.test_progress import LINE

QUERY = "6f1d0000-0000-4000-8000-000000000000"
WHO = RunIdentity("analytics_stream", "2026-01-31T00:00:00Z", "cafe", "r1")


class KeptStream:
    """Batches of one list with one file each. ``rows`` is appended to, ``groups`` is the count of all rows.

    Args:
        place: the folder of the stream.
        compact_every: Spark's source writes its log as a whole so often (10 by default).
    """

    def __init__(self, place: Path, compact_every: int = 10) -> None:
        self.place, self._compact_every = place, compact_every
        self.rows, self.groups = place / "out/rows", place / "out/groups"
        self.bad = place / "out_quarantine"
        self.checkpoint = place / "out_checkpoint"
        self._put("sparkjobs.json", json.dumps({
            "v": 1, "job": "analytics_stream", "checkpoint": str(self.checkpoint),
            "output": str(place / "out"), "params": {"input": [str(place / "in")]}, "state": [],
        }))  # fmt: skip
        self._put("metadata", json.dumps({"id": QUERY}))

    def batch(self, number: int, *, bad: bool = False, broken: str | None = None, upto: str = "end") -> None:
        """Do a batch, up to ``list``, ``record``, ``rows`` or its ``end``."""
        line = {"list": number, "path": str(self.place / f"in/{number}"), "size": 1, "modified_ns": 1}
        self._put(f"arrivals/{number:08d}.jsonl", json.dumps(line) + "\n")
        if upto == "list":
            return
        self._seen(number)
        self._put(f"offsets/{number}", f'v1\n{{}}\n{{"logOffset":{number}}}', crc=True)
        tables = [*([self.bad] if bad or broken else []), self.rows, self.groups]
        skips = [{"path": broken, "reason": "cut off"}] if broken else []
        record = {"lists": [number], "tables": list(map(str, tables)), "skips": skips}
        self._put(f"batches/{number}.json", json.dumps(record))
        if upto == "record":
            return
        if bad or broken:
            self.write(self.bad, {"reason": [f"bad {number}"]}, number)
        self.write(self.rows, {"x": [number, number + 100]}, number)
        if upto == "rows":
            return
        count = DeltaTable(self.rows).to_pyarrow_table().num_rows
        self.write(self.groups, {"count": [count]}, number, mode="overwrite")
        if broken:
            self._put("skipped.jsonl", json.dumps({"path": broken, "reason": "cut off"}) + "\n", append=True)
        self._put("progress.jsonl", to_line(replace(LINE, batch=number)) + "\n", append=True)
        self._put(f"commits/{number}", 'v1\n{"nextBatchWatermarkMs":0}', crc=True)

    def write(self, table: Path, columns: dict, number: int, mode: str = "append") -> None:
        """One table's part of a batch."""
        carried = CommitProperties(
            custom_metadata={"userMetadata": replace(WHO, batch=number).metadata()},
            app_transactions=[Transaction(QUERY, number)],
        )
        write_deltalake(table, pa.table(columns), mode=mode, commit_properties=carried)

    def names(self, folder: str) -> list[str]:
        """What lies in a folder of the checkpoint."""
        return sorted(path.name for path in (self.checkpoint / folder).iterdir())

    def state(self) -> dict:
        """All that a stream goes on from: rows, transactions, and the checkpoint file by file."""
        tables = [path for path in (self.rows, self.groups, self.bad) if path.exists()]
        found: dict = {
            path.name: (sorted(map(str, read(path))), DeltaTable(path).transaction_version(QUERY))
            for path in tables
        }
        files = sorted(path for path in self.checkpoint.rglob("*") if path.is_file())
        return found | {str(path.relative_to(self.checkpoint)): path.read_text() for path in files}

    def _seen(self, number: int) -> None:
        whole = self._compact_every and (number + 1) % self._compact_every == 0
        self._put(f"sources/0/{number}{'.compact' if whole else ''}", "v1\n{}", crc=True)

    def _put(self, name: str, text: str, *, crc: bool = False, append: bool = False) -> None:
        path = self.checkpoint / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if append and path.exists() else "") + text)
        if crc:
            path.with_name(f".{path.name}.crc").write_text("crc")


def read(table: Path) -> list[dict]:
    """The rows of a table."""
    return DeltaTable(table).to_pyarrow_table().to_pylist()
