"""What each batch set out to write, kept beside Spark's own logs.

A batch that is repeated must be the same batch: with pieces of Spark's logs lost it could get other
files under a number that the tables hold already, and Delta would drop them without a word.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from sparkjobs.errors import WriteError
from sparkjobs.streaming.checkpoint import MEND, RECORDS
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.skip import Skip

# Spark keeps the offsets of a batch and of the 100 before it (spark.sql.streaming.minBatchesToRetain): an
# older one cannot be repeated, and after a reset to the oldest the next goes on from its record.
_KEPT = 101
# Version 0.1.0 did not know them.
_LATER = ("started", "watermark_us", "greatest_us", "late", "ignore_extra")


@dataclass(frozen=True)
class Record:
    """A batch as it was begun.

    Attributes:
        lists: numbers of its lists of files.
        tables: paths of the tables in the order of writing.
        skips: the files on its lists that it passes over.
        started: when it was begun first, ISO 8601; empty where an earlier version did not say.
        watermark_us: what it divides its rows by, in microseconds from 1970; ``None``: nothing is late.
        greatest_us: the greatest accepted time up to its end, of each part of the source.
        late: the one of the tables that takes its late rows; empty where it has none.
        ignore_extra: whether unknown fields were passed over; ``None`` where an earlier version did not say.
    """

    lists: tuple[int, ...]
    tables: tuple[str, ...]
    skips: tuple[Skip, ...] = ()
    started: str = ""
    watermark_us: int | None = None
    greatest_us: Mapping[str, int] = field(default_factory=dict)
    late: str = ""
    ignore_extra: bool | None = None


class Records:
    """The records of one stream, one file a batch."""

    def __init__(self, checkpoint: Folder) -> None:
        self._folder = checkpoint.child(RECORDS)

    def numbers(self) -> tuple[int, ...]:
        """The batches whose records are kept, oldest first."""
        names = (name.removesuffix(".json") for name in self._folder.names() if name.endswith(".json"))
        return tuple(sorted(int(name) for name in names if name.isdigit()))

    def read(self, number: int) -> Record | None:
        """The record of a batch, if it was begun before.

        Raises:
            WriteError: the file cannot be read.
        """
        return self._folder.parsed(f"{number}.json", _record)

    def tables(self, upto: int | None) -> frozenset[str]:
        """The tables that the kept batches up to one were written to; none where no batch is done.

        Raises:
            WriteError: a record cannot be read.
        """
        done = [] if upto is None else [self.read(number) for number in self.numbers() if number <= upto]
        return frozenset(path for record in done if record for path in record.tables)

    def write(self, number: int, record: Record) -> None:
        """Keep a batch's record; old ones are removed."""
        self._folder.write(f"{number}.json", json.dumps(asdict(record)) + "\n")
        if number >= _KEPT:
            self._folder.remove(f"{number - _KEPT}.json")


def _record(text: str) -> Record:
    value = json.loads(text)
    skips = tuple(Skip(item["path"], item["reason"]) for item in value.get("skips", ()))
    later = {name: value[name] for name in _LATER if name in value}
    return Record(tuple(value["lists"]), tuple(value["tables"]), skips, **later)


def is_taken_in(record: Record, lists: Sequence[int], held: Collection[str]) -> bool:
    """Whether a batch is begun beyond its reading, so that it is completed and never read anew. Pure.

    One of whose rows none was for any table is done: what it read may be gone since.

    Args:
        record: the batch as it was begun.
        lists: its lists now.
        held: those of its tables that hold it.
    """
    return bool(held) or (not record.tables and record.lists == tuple(lists))


def refuse_other_lists(number: int, before: Record, lists: Sequence[int]) -> None:
    """Refuse to repeat a batch with other files than it was written with. Pure.

    Raises:
        WriteError: names both.
    """
    if before.lists != tuple(lists):
        raise WriteError(
            f"batch {number} was written from the lists {list(before.lists)} and would now be "
            f"repeated with {list(lists)}: newer pieces of the checkpoint are lost",
            MEND,
        )
