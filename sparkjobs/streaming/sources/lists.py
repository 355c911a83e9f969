"""Numbered lists of what a stream has found: a list is a batch, whole or not at all.

Spark's file source reads the folder of lists, and Spark's checkpoint remembers which of them are done.
So a batch is written down before Spark sees it, and a repeated batch is the same batch, whatever the
source. A list is JSON lines; each line is an object with the list's number as ``list``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence

from sparkjobs.errors import WriteError
from sparkjobs.streaming.checkpoint import MEND
from sparkjobs.streaming.folder import Folder

FOLDER = "arrivals"
PATTERN = "*.jsonl"
# The key of a line that names late rows to take in, and no place of the source.
REPLAY = "replay"
DONE_FOLDER = "arrivals_done"
# Lists in a file of that folder; and lists that are kept apart because a batch of them may be repeated, for
# which Spark keeps its last hundred (spark.sql.streaming.minBatchesToRetain).
FOLDED, KEPT = 1000, 1000
_NAME = re.compile(r"(\d{8,})\.jsonl")


def list_name(number: int) -> str:
    """The file name of a list."""
    return f"{number:08d}.jsonl"


def numbers_of(lines: Iterable[str]) -> tuple[int, ...]:
    """The numbers of the lists that lines stand on, each once, in order. Pure."""
    return tuple(sorted({int(json.loads(line)["list"]) for line in lines}))


def is_replay_line(line: str) -> bool:
    """Whether a line names late rows. Pure."""
    # What has no such key at any depth is not parsed: a table may have a partition column of that name.
    return f'"{REPLAY}": ' in line and REPLAY in json.loads(line)


class Lists:
    """The lists of one stream. Only one process may write them: Spark's checkpoint refuses a second one.

    Lists that are long done are kept a thousand to a file in a folder of their own, so that Spark, which
    looks through the folder of lists for every batch, does not look through all that ever was.

    Args:
        checkpoint: the stream's folder.
        planned: how many lists Spark's offsets speak of.
        looked_at: nothing is changed, by who only looks while the stream may run.

    Raises:
        WriteError: a list is missing.
    """

    def __init__(self, checkpoint: Folder, planned: int = 0, *, looked_at: bool = False) -> None:
        self.folder = checkpoint.child(FOLDER)
        self._done = checkpoint.child(DONE_FOLDER)
        self._folded = FOLDED * len([name for name in self._done.names() if _NAME.fullmatch(name)])
        found = (_NAME.fullmatch(name) for name in self.folder.names())
        numbers = {int(match[1]) for match in found if match}
        self.count = self._folded + sum(number >= self._folded for number in numbers)
        for number in range(self._folded, max(self.count, planned)):
            if number not in numbers:
                raise WriteError(f"{self.folder.path}/{list_name(number)} is missing", MEND)
        self._newest_ms = 0
        if not looked_at:  # a fold was cut off
            self._remove(number for number in numbers if number < self._folded)
            self._keep_order(range(max(self._folded, planned), self.count))

    def read(self, number: int) -> list[str]:
        """What a list says of the source; nothing where it names late rows."""
        return [line for line in self._lines(number) if not is_replay_line(line)]

    def newest(self, lists: int) -> list[str]:
        """What the newest of the first so many lists says that says anything of the source."""
        return next(filter(None, map(self.read, range(lists - 1, -1, -1))), [])

    def every(self) -> Iterator[str]:
        """What all lists say of the source, in order."""
        return (line for line in self._every() if not is_replay_line(line))

    def replays(self) -> list[str]:
        """The lines that name late rows, of all lists."""
        return [line for line in self._every() if is_replay_line(line)]

    def _lines(self, number: int) -> list[str]:
        if number >= self._folded:
            return self.folder.read(list_name(number)).splitlines()
        lines = self._done.read(list_name(number // FOLDED)).splitlines()
        return [line for line in lines if numbers_of([line]) == (number,)]

    def _every(self) -> Iterator[str]:
        for number in range(self._folded // FOLDED):
            yield from self._done.read(list_name(number)).splitlines()
        for number in range(self._folded, self.count):
            yield from self._lines(number)

    def append(self, lines: Sequence[str]) -> None:
        """Write the next list, whose number is ``count``; its lines must say so."""
        self.rewrite(self.count, lines)
        self._keep_order([self.count])
        self.count += 1
        # Spark takes the lists in the order of their times, which have milliseconds.
        # (FileStreamSource sorts what it finds by modification time.)
        time.sleep(0.002)

    def _keep_order(self, numbers: Iterable[int]) -> None:
        """Have lists by their times in the order of their numbers.

        A clock that was set back, a list that was rewritten, or a checkpoint that was copied gives them
        others, and which lists are done is told by how many.
        """
        for number in numbers:
            self._newest_ms = self.folder.dated(list_name(number), self._newest_ms + 1)

    def rewrite(self, number: int, lines: Sequence[str]) -> None:
        """Replace a list as a whole."""
        self.folder.write(list_name(number), "".join(line + "\n" for line in lines))

    def fold(self, done: int) -> None:
        """Put lists that no batch and no reset will want again into one file, when there are enough of them.

        Args:
            done: so many lists, from the first, belong to batches that are done.
        """
        until = self._folded + FOLDED
        if done < until + KEPT:
            return
        lines = [line for number in range(self._folded, until) for line in self._lines(number)]
        self._done.write(list_name(self._folded // FOLDED), "".join(line + "\n" for line in lines))
        first, self._folded = self._folded, until
        self._remove(range(first, until))

    def _remove(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.folder.remove(list_name(number))
