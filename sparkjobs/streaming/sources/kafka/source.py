"""A topic of Kafka as a source: each batch is a range of offsets of each partition."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from sparkjobs.errors import SparkjobsError, WriteError
from sparkjobs.ingest.flows import KafkaFlow
from sparkjobs.run import Run
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.kafka.broker import Broker, Extent, Topic
from sparkjobs.streaming.sources.kafka.faults import AwayError
from sparkjobs.streaming.sources.kafka.pinned import NAME, Pinned, keep_pinned, read_pinned, refuse_other
from sparkjobs.streaming.sources.kafka.ranges import (
    Loss,
    Offsets,
    cut,
    cut_back,
    ends_of,
    from_line,
    loss_error,
    lost,
    to_line,
    told_loss,
)
from sparkjobs.streaming.sources.kafka.reading import PATIENCE_S, RecordReader
from sparkjobs.streaming.sources.kafka.start import begun
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.sources.start import start_of
from sparkjobs.streaming.trigger import is_overdue
from sparkjobs.streaming.writing import Batch

log = logging.getLogger("sparkjobs")
MOST_ROWS = 1_000_000
_MOST_WARNINGS = 20


class KafkaSource:
    """The records of a topic.

    Args:
        run: the run.
        flow: brokers and topic.
        broker: the cluster.
        reader: reads the records of batches.
        checkpoint: the stream's folder.
        lists: the stream's lists.
        done: how many of them belong to batches that are done.
        clock: monotonic seconds.

    Raises:
        WriteError: the checkpoint is another cluster's or topic's, or what it keeps is lost.
        SparkjobsError: nobody answers.
    """

    def __init__(
        self,
        run: Run,
        flow: KafkaFlow,
        broker: Broker,
        reader: RecordReader,
        checkpoint: Folder,
        lists: Lists,
        done: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lists = lists
        self._run = run
        self._flow = flow
        self._broker = broker
        self._reader = reader
        self._checkpoint = checkpoint
        self._clock = clock
        self._ignores = run.params.data_loss == "ignore"
        self._warnings: list[str] = []
        self._answered_s = clock()
        self._pinned = read_pinned(checkpoint)
        if self._pinned is None and lists.count:
            raise checkpoint.missing(NAME)
        self._cluster = broker.cluster()
        self._listed = self._reached(lists.count)
        self._taken = self._reached(done)
        self._first: Offsets = {}
        self._last: Offsets = dict(self._listed)

    def _reached(self, lists: int) -> Offsets:
        """How far the first so many lists come."""
        begin = self._pinned.begin if self._pinned is not None else {}
        return ends_of(map(from_line, self.lists.newest(lists))) or dict(begin)

    @property
    def warnings(self) -> Sequence[str]:
        """Records that were deleted before they were listed."""
        return tuple(self._warnings)

    def look(self) -> bool:
        """Write down the offsets that are new.

        A broker that is away is asked again at the next look, until it was away for too long.

        Raises:
            SparkjobsError: brokers are away for too long, or refuse to answer.
            DataError: records were deleted before they were read.
            WriteError: the topic is another one than when the stream began.
        """
        try:
            topic = self._broker.topic()
            extent = self._broker.extent(topic.partitions)
        except AwayError as error:
            if self._pinned is None or self._clock() - self._answered_s >= PATIENCE_S:
                raise
            log.warning("%s; asked again at the next look", error.message)
            return False
        self._answered_s = self._clock()
        self._note(topic, extent)
        return True

    def _note(self, topic: Topic, extent: Extent) -> None:
        pinned = self._pinned or self._begin(topic, extent)
        refuse_other(self._checkpoint.path, pinned, self._cluster, topic.identity)
        self._refuse_fewer(topic)
        new = {number: extent.first[number] for number in topic.partitions if number not in self._listed}
        if new:
            log.info("partitions %s of %s are read from their first record", sorted(new), self._flow.topic)
            self._listed |= new
        begin = self._without_loss(self._listed, extent)
        # Before the first list: its batch may begin while others are written, and asks what is unread.
        self._first, self._last = extent.first, extent.last
        most = self._run.params.max_rows_per_batch or MOST_ROWS
        for ranges in cut(begin, extent.last, most, self.lists.count):
            number = self.lists.count
            self.lists.append([to_line(number, self._flow.topic, part) for part in ranges])
            self._listed = ends_of(ranges)

    def _begin(self, topic: Topic, extent: Extent) -> Pinned:
        """Where the stream begins: kept at once, so that a crash before the first batch does not move it."""
        start = start_of(self._run.params.start, self._run.params.timezone, self._flow.topic)
        later = {} if start.moment_ms is None else self._broker.at(topic.partitions, start.moment_ms)
        begin = begun(start, extent.first, extent.last, later)
        self._pinned = Pinned(self._cluster, self._flow.topic, topic.identity, begin)
        keep_pinned(self._checkpoint, self._pinned)
        self._listed, self._taken = dict(begin), dict(begin)
        return self._pinned

    def _refuse_fewer(self, topic: Topic) -> None:
        gone = sorted({*self._listed}.difference(topic.partitions))
        if gone:
            raise WriteError(
                f"the topic {self._flow.topic} has no partition {gone[0]} any more: it was made anew",
                "Start anew with a new --output and --checkpoint.",
            )

    def _without_loss(self, begin: Offsets, extent: Extent) -> Offsets:
        losses = lost(begin, extent.first)
        behind = cut_back(begin, extent.last)
        if (losses or behind) and not self._ignores:
            raise loss_error([*losses, *behind], self._flow.topic)
        for loss in (*losses, *behind):
            self._warn_of(loss)
        moved = {loss.partition: loss.end for loss in losses} | {
            loss.partition: loss.begin for loss in behind
        }
        self._listed.update({part: offset for part, offset in moved.items() if part in self._listed})
        return {**begin, **moved}

    def _warn_of(self, loss: Loss) -> None:
        warning = f"{told_loss(loss, self._flow.topic)} and are passed over (--data-loss ignore)"
        log.warning(warning)
        # A stream that runs for months and is always too slow must not keep them all.
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.append(warning)

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Read the records of a batch.

        Raises:
            DataError: records are gone, brokers are away for too long, too many bad rows.
        """
        return self._reader.read(batch, [from_line(line) for line in lines])

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """The same offsets again: the list tells them."""
        return self.read(batch, lines)

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """Records that are gone end the run, or are told by the reading itself."""
        return ()

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Note that a batch is in its tables."""
        self._taken.update(ends_of(map(from_line, lines)))

    def unread(self) -> Collection[str]:
        """Partitions with records that no batch has taken in, as of the last look."""
        return {part for part, count in self._waiting(self._last).items() if count}

    def lag(self) -> Mapping[str, int]:
        """Records of each partition that no batch has taken in; offsets, in truth."""
        return self._waiting(self._ends())

    def _waiting(self, ends: Offsets) -> dict[str, int]:
        return {
            str(part): max(0, end - self._taken.get(part, self._first.get(part, 0)))
            for part, end in sorted(ends.items())
        }

    def _ends(self) -> Offsets:
        """Where partitions end: as of the last look, and now where the next one is overdue."""
        if not is_overdue(self._run.params.trigger, self._answered_s, self._clock()):
            return self._last
        try:
            return self._broker.extent(self._last).last
        except SparkjobsError:  # the next look tells it
            return self._last
