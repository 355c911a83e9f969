"""What a stream asks of a source, whatever it reads. The query and its batches know only this."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.job import StreamTable
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.writing import Batch


@dataclass(frozen=True)
class Reading:
    """A batch, read.

    Attributes:
        context: holds the accounts and what is kept in memory.
        tables: what the job makes of the batch; none where nothing is left of it.
        skips: what is not in it.
        lost: what was in it when it was begun and cannot be read any more.
        warnings: what to tell beside the context's own warnings.
    """

    context: StreamContext
    tables: tuple[StreamTable, ...]
    skips: tuple[Skip, ...] = ()
    lost: tuple[Skip, ...] = ()
    warnings: tuple[str, ...] = ()


class StreamSource(Protocol):
    """Where the rows of a stream come from.

    A source looks at what is new, cuts it into pieces that fit a batch and writes each down as a list
    before Spark sees it. What a list says is all that its batch reads, now and when it is repeated.

    Attributes:
        lists: the lists that the query hands out as batches.
    """

    lists: Lists

    @property
    def warnings(self) -> Sequence[str]:
        """What the looks at the input found that does not stop the stream."""

    def look(self) -> bool:
        """Look at the input and write down what is new.

        Returns:
            Whether it could be looked at; ``False``: nobody answered, and the next look may tell.

        Raises:
            SparkjobsError: the input cannot be looked at, or what was read has changed.
        """

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Read a batch that no table has taken in.

        Raises:
            DataError: it cannot be read; too many bad rows.
        """

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """Read a batch that one of its tables has taken in, so that the others can be completed.

        Args:
            batch: the batch.
            lines: the lines of its lists.
            before: what it passed over when it was begun, and passes over again.

        Raises:
            DataError: too many bad rows.
        """

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """What to tell where a begun batch is completed without what is lost since.

        Args:
            batch: the batch.
            lost: what cannot be read any more, with the reasons.
            tables: names of the tables that still need its rows.

        Raises:
            DataError: rows would be missing from a table, and the user did not let them go.
        """

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Note that a batch is in its tables.

        Args:
            lines: the lines of its lists.
            skips: what it passed over, and its source passes over from now on.
        """

    def unread(self) -> Collection[str]:
        """The parts, as ``Origin.part`` names them, with rows that no batch has taken in.

        None where the source is one part.
        """

    def lag(self) -> Mapping[str, int]:
        """What the last look found and no batch has taken in yet, by part of the source.

        Files count files under ``files``, Kafka records under each partition's number.
        """
