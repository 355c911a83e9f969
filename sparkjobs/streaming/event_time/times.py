"""From batch to batch: what each divides its rows by, and how far the rows have come."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from sparkjobs.moments import micros
from sparkjobs.streaming.event_time.watermark import Cut, Rule, advanced, greater, reached
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.records import Record, Records
from sparkjobs.streaming.sources.lists import Lists

NAME = "first_look.json"


@dataclass(frozen=True)
class Begun:
    """A batch that begins, or begins again.

    Attributes:
        started: when it was begun first, ISO 8601 in UTC.
        watermark_us: the watermark from here on, in microseconds from 1970.
        greatest: the greatest accepted time before it, of each part of the source.
        cut: what its rows are divided by; ``None``: all come in time.
    """

    started: str
    watermark_us: int | None
    greatest: dict[str, int]
    cut: Cut | None

    def noted(self, record: Record, found: Mapping[str, int]) -> Record:
        """A batch's record with its times, once its rows are read.

        Args:
            record: the rest of it.
            found: the greatest accepted time of its rows, of each part of the source.
        """
        return replace(
            record,
            started=self.started,
            watermark_us=self.watermark_us,
            greatest_us=greater(self.greatest, found),
        )


def _now() -> datetime:
    return datetime.now(timezone.utc)


class EventTimes:
    """The times of one run of a stream.

    Args:
        rule: how rows are divided; ``None``: not at all.
        checkpoint: the stream's folder.
        records: what batches set out to write.
        unread: the parts of the source with rows that no batch has taken in.
        now: the moment.
    """

    def __init__(
        self,
        rule: Rule | None,
        checkpoint: Folder,
        records: Records,
        unread: Callable[[], Collection[str]],
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._rule = rule
        self._checkpoint = checkpoint
        self._records = records
        self._unread = unread
        self._now = now
        self._first: int | None = None

    def looked(self, lists: int) -> None:
        """The input was looked at, and there are so many lists.

        What lay there at the first look is in no order of time, so the watermark stands still until it
        is read.
        """
        if self._rule is None or self._first is not None:
            return
        self._first = self._checkpoint.parsed(NAME, lambda text: int(json.loads(text)["lists"]))
        if self._first is None:
            self._checkpoint.write(NAME, json.dumps({"v": 1, "lists": lists}) + "\n")
            self._first = lists

    def begin(self, number: int, lists: Sequence[int], *, replayed: bool) -> Begun:
        """Begin a batch, as it was begun before if it was.

        Args:
            number: the batch.
            lists: the numbers of its lists.
            replayed: its rows were late once: they are taken in now, and tell nothing of the source.
        """
        before = self._records.read(number - 1) or Record((), ())
        mine = self._records.read(number)
        again = mine if mine is not None and mine.lists == tuple(lists) else None
        started = again.started if again is not None and again.started else self._now().isoformat()
        greatest = dict(before.greatest_us)
        if self._rule is None:
            return Begun(started, None, greatest, None)
        if again is not None and again.started:
            watermark_us = again.watermark_us
        else:
            watermark_us = self._watermark(before, lists, replayed)
        if replayed:
            return Begun(started, watermark_us, greatest, None)
        latest_us = micros(datetime.fromisoformat(started)) + self._rule.ahead_us
        return Begun(started, watermark_us, greatest, Cut(watermark_us, latest_us))

    def _watermark(self, before: Record, lists: Sequence[int], replayed: bool) -> int | None:
        assert self._rule is not None
        if replayed or self._stands(lists):
            return before.watermark_us
        return advanced(before.watermark_us, reached(before.greatest_us, self._unread()), self._rule.delay_us)

    def _stands(self, lists: Sequence[int]) -> bool:
        """Whether the batch holds what lay there at the first look."""
        return any(number < (self._first or 0) for number in lists)


@dataclass(frozen=True)
class TimesWatcher:
    """Tells the times of each look at the input.

    Attributes:
        times: who wants to know.
        lists: the stream's lists.
    """

    times: EventTimes
    lists: Lists

    def looked(self) -> None:
        """The input was looked at, and its lists are written."""
        self.times.looked(self.lists.count)

    def runs_on(self) -> None:
        """A batch runs longer than the time between two looks, which changes no time."""
