"""JSON lines whose columns are typed inside the workers, a block at a time.

Lines that are flat objects without a backslash, which nearly all are, become columns without a look at any
single one. Every other line, and every line with a value that does not fit, is read by ``read_object``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.model import Block, Split, displayed
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.typing import Column

if TYPE_CHECKING:
    from sparkjobs.kernels.json_structure import Fields

# What is looked at at a time, and all that is noted of it, fits the processor's cache.
PIECE_BYTES = 1 << 20


class TypedJsonReader:
    """Runs in the workers: a split of JSON lines as typed batches. Blank lines are not rows."""

    def __init__(self, columns: tuple[Column, ...], source: Source, piece_bytes: int = PIECE_BYTES) -> None:
        self._columns = columns
        self._wanted = Wanted.of(columns, source)
        self._s3 = source.s3
        self._piece_bytes = piece_bytes

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split."""
        from sparkjobs.ingest.lines import pieces

        file = displayed(split.path)
        for block in read_blocks(split, self._s3):
            for piece in pieces(block, self._piece_bytes):
                yield from typed_objects(piece, file, self._columns, self._wanted)

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""
        from sparkjobs.ingest.typed_batches import failed_batch

        return failed_batch(self._columns, reason)


def typed_objects(block: Block, file: str, columns: Sequence[Column], wanted: Wanted) -> Iterator[Any]:
    """The rows of a block as typed batches.

    Args:
        block: whole lines.
        file: the file's name for the quarantine.
        columns: what the job asks for.
        wanted: the same as fields.
    """
    import numpy as np

    from sparkjobs.ingest.json_columns import by_name
    from sparkjobs.ingest.json_slow import read_lines
    from sparkjobs.ingest.lines import text_lines
    from sparkjobs.ingest.typed_batches import typed_batch, value_batch
    from sparkjobs.kernels.json_structure import flat_objects

    lines = text_lines(block, file)
    doubtful = ~lines.text
    fields = flat_objects(block.data, lines.starts, lines.stops, doubtful)
    names = list(dict.fromkeys(wanted.names))
    found = dict(zip(names, by_name(fields, names, wanted.ignore_extra, doubtful), strict=True))
    good = np.flatnonzero(~doubtful)
    typed = [_typed(column, found[column.input_name]) for column in columns]
    wrong = np.logical_or.reduce([column_wrong for _, column_wrong in typed])
    if not wrong.all():
        yield value_batch(columns, [value for value, _ in typed], ~wrong)
    doubtful[good[wrong]] = True
    slow = np.flatnonzero(doubtful & lines.text).tolist()
    if slow or lines.bad:
        records = read_lines(block, file, lines, wanted, slow)
        yield typed_batch(records, columns, None)


def _typed(column: Column, fields: Fields) -> tuple[Any, Any]:
    from sparkjobs.ingest.json_columns import text_column
    from sparkjobs.ingest.typed_batches import typed_column

    text, doubt = text_column(fields, column.kind)
    value, wrong = typed_column(column, text)
    return value, wrong | doubt
