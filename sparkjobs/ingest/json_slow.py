"""JSON lines read one by one, by ``read_object``: lines of any form, each a row or a bad row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.ingest.csv_records import Records
from sparkjobs.ingest.json_records import Wanted, read_object
from sparkjobs.ingest.lines import TextLines
from sparkjobs.ingest.model import BadRow, Block


def read_lines(
    block: Block, file: str, lines: TextLines, wanted: Wanted, chosen: Sequence[int] | None = None
) -> Records:
    """Read some lines of a block; blank ones are not rows.

    Args:
        block: whole lines.
        file: the file's name for the quarantine.
        lines: where its lines lie.
        wanted: what objects should hold.
        chosen: indexes of the lines to read, which are text; ``None``: all that are.
    """
    good: list[list[str | None]] = []
    kept: list[BadRow] = []
    bad: list[BadRow] = []
    for index in np.flatnonzero(lines.text).tolist() if chosen is None else chosen:
        start = int(lines.starts[index])
        text = block.data[start : int(lines.stops[index])].decode()
        if not text.strip():
            continue
        number = None if block.first_line is None else block.first_line + index
        row = BadRow(file, number, block.offset + start, "", text)
        try:
            good.append(read_object(text, wanted.names, wanted.kinds, wanted.ignore_extra))
            kept.append(row)
        except ValueError as error:
            bad.append(replace(row, reason=str(error)))
    columns = tuple(pa.array([row[i] for row in good], pa.string()) for i in range(len(wanted.names)))

    def refuse(index: int, reason: str) -> BadRow:
        return replace(kept[index], reason=reason)

    def places() -> tuple[Any, Any, Any]:
        texts = pa.array([row.raw for row in kept], pa.string())
        offsets = pa.array([row.offset for row in kept], pa.int64())
        return texts, offsets, pa.array([row.line for row in kept], pa.int64())

    return Records(columns, refuse, places, (*lines.bad, *bad))
