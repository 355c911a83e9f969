"""Numbered lists of what a stream has found: a list is a batch, whole or not at all.

Spark's file source reads the folder of lists, and Spark's checkpoint remembers which of them are done.
So a batch is written down before Spark sees it, and a repeated batch is the same batch, whatever the
source. A list is JSON lines; each line is an object with the list's number as ``list``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence

from sparkjobs.errors import WriteError
from sparkjobs.streaming.checkpoint import MEND
from sparkjobs.streaming.folder import Folder

FOLDER = "arrivals"
PATTERN = "*.jsonl"
_NAME = re.compile(r"(\d{8,})\.jsonl")


def list_name(number: int) -> str:
    """The file name of a list."""
    return f"{number:08d}.jsonl"


def numbers_of(lines: Iterable[str]) -> tuple[int, ...]:
    """The numbers of the lists that lines stand on, each once, in order. Pure."""
    return tuple(sorted({int(json.loads(line)["list"]) for line in lines}))


class Lists:
    """The lists of one stream. Only one process may write them: Spark's checkpoint refuses a second one.

    Args:
        checkpoint: the stream's folder.
        planned: how many lists Spark's offsets speak of.

    Raises:
        WriteError: a list is missing.
    """

    def __init__(self, checkpoint: Folder, planned: int = 0) -> None:
        self.folder = checkpoint.child(FOLDER)
        names = {name for name in self.folder.names() if _NAME.fullmatch(name)}
        self.count = len(names)
        for number in range(max(self.count, planned)):
            if list_name(number) not in names:
                raise WriteError(f"{self.folder.path}/{list_name(number)} is missing", MEND)

    def read(self, number: int) -> list[str]:
        """The lines of a list."""
        return self.folder.read(list_name(number)).splitlines()

    def append(self, lines: Sequence[str]) -> None:
        """Write the next list, whose number is ``count``; its lines must say so."""
        self.rewrite(self.count, lines)
        self.count += 1
        # Spark takes the lists in the order of their times, which have milliseconds.
        # (FileStreamSource sorts what it finds by modification time.)
        time.sleep(0.002)

    def rewrite(self, number: int, lines: Sequence[str]) -> None:
        """Replace a list as a whole."""
        self.folder.write(list_name(number), "".join(line + "\n" for line in lines))
