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
    from sparkjobs.ingest.json_columns import ByName
    from sparkjobs.ingest.lines import TextLines

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

    from sparkjobs.ingest.json_slow import read_lines
    from sparkjobs.ingest.json_values import typed_values
    from sparkjobs.ingest.lines import text_lines
    from sparkjobs.ingest.typed_batches import typed_batch, value_batch

    lines = text_lines(block, file)
    left = lines.text.copy()
    for found in flat(block.data, lines, wanted):
        values = dict(zip(wanted.once, found.values, strict=True))
        typed = [typed_values(column, values[column.input_name]) for column in columns]
        good = ~np.logical_or.reduce([wrong for _, wrong in typed])
        if good.any():
            yield value_batch(columns, [value for value, _ in typed], good)
        left[found.lines[good]] = False
    slow = np.flatnonzero(left).tolist()
    if slow or lines.bad:
        yield typed_batch(read_lines(block, file, lines, wanted, slow), columns, None)


def flat(data: bytes, lines: TextLines, wanted: Wanted) -> Iterator[ByName]:
    """The lines that are flat objects with the wanted fields."""
    from sparkjobs.ingest.json_columns import of_alike, of_any
    from sparkjobs.kernels.json_layout import like_first
    from sparkjobs.kernels.json_structure import flat_objects, marks

    found = marks(data, lines.starts, lines.stops, lines.text)
    alike = like_first(found)
    if alike is not None:
        same = of_alike(found, alike, wanted.once, wanted.ignore_extra)
        if same is not None:
            yield same
            found = found.of(~alike.chosen)
    if len(found.lines):
        fields, _ = flat_objects(found)
        yield of_any(fields, len(lines.starts), wanted.once, wanted.ignore_extra)
