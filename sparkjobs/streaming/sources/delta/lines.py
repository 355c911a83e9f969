"""Files of a table on lists: a line is a file with the version that brought it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sparkjobs.streaming.sources.delta.commits import Add, rows_of


@dataclass(frozen=True)
class Inserted:
    """A file that a commit brought.

    Attributes:
        version: the commit's; of the files that lay there at the start the version that was read.
        add: what the log says of the file.
    """

    version: int
    add: Add

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from others."""
        return self.version, str(self.add["path"])


def to_line(number: int, file: Inserted) -> str:
    """A file on a list; all that is needed to read it, however the log is cleaned up since."""
    return json.dumps({"list": number, "version": file.version, "add": file.add})


def from_line(line: str) -> Inserted:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Inserted(int(value["version"]), value["add"])


def cut(
    files: Iterable[Inserted], most_files: int, most_rows: int | None = None
) -> Iterator[Sequence[Inserted]]:
    """Files in pieces that fit a batch, in order; a file is never cut.

    Args:
        files: the files.
        most_files: files in a piece.
        most_rows: rows in a piece, unless one file alone has more; files without statistics count as none.
    """
    piece: list[Inserted] = []
    rows = 0
    for file in files:
        more = rows_of(file.add) or 0
        full = len(piece) >= most_files or (most_rows is not None and rows + more > most_rows)
        if piece and full:
            yield piece
            piece, rows = [], 0
        piece.append(file)
        rows += more
    if piece:
        yield piece
