"""Ranges of offsets on lists: what a batch reads of each partition. Pure.

A list names every partition, also one without anything new: so the newest list alone tells how far all of
them are listed, however many lists there were.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparkjobs.errors import DataError

Offsets = dict[int, int]


@dataclass(frozen=True)
class Range:
    """The offsets ``[begin, end)`` of a partition."""

    partition: int
    begin: int
    end: int

    @property
    def count(self) -> int:
        """Offsets in it; markers of transactions and records that were compacted away have one too."""
        return self.end - self.begin


def to_line(number: int, topic: str, part: Range) -> str:
    """A range on a list as one line of JSON."""
    places = {"partition": part.partition, "from": part.begin, "until": part.end}
    return json.dumps({"list": number, "topic": topic, **places})


def from_line(line: str) -> Range:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Range(int(value["partition"]), int(value["from"]), int(value["until"]))


def ends_of(ranges: Iterable[Range]) -> Offsets:
    """How far ranges reach, by partition."""
    return {part.partition: part.end for part in ranges}


def cut(begin: Mapping[int, int], end: Mapping[int, int], most: int, first: int = 0) -> Iterator[list[Range]]:
    """What is new, in pieces that fit a batch; each names every partition.

    Args:
        begin: where each partition goes on.
        end: where it ends now.
        most: offsets in a piece.
        first: the number of the first piece: where there are more partitions than offsets, it says which
            partitions have their turn.
    """
    at = dict(begin)
    number = first
    while any(end[part] > at[part] for part in at):
        shares = share({part: end[part] - at[part] for part in sorted(at)}, most, number)
        yield [Range(part, at[part], at[part] + shares[part]) for part in sorted(at)]
        at = {part: at[part] + shares[part] for part in at}
        number += 1


def share(waiting: Mapping[int, int], most: int, turn: int = 0) -> Offsets:
    """How many of what waits in each partition are taken: in proportion, and one at least of each.

    Args:
        waiting: offsets that wait, by partition.
        most: taken at most, of all partitions together.
        turn: which partitions come first where there are more of them than ``most``.
    """
    total = sum(waiting.values())
    if total <= most:
        return dict(waiting)
    busy = [part for part, count in waiting.items() if count]
    if most <= len(busy):
        begin = turn * most % len(busy)
        chosen = {(busy + busy)[begin + i] for i in range(most)}
        return {part: int(part in chosen) for part in waiting}
    spare, rest = most - len(busy), total - len(busy)
    exact = {part: (waiting[part] - 1) * spare for part in busy}
    taken = {part: 1 + exact[part] // rest for part in busy}
    # What rounding left over goes to those who lost most by it.
    left = most - sum(taken.values())
    for part in sorted(busy, key=lambda one: (-(exact[one] % rest), one))[:left]:
        taken[part] += 1
    return {part: taken.get(part, 0) for part in waiting}


@dataclass(frozen=True)
class Loss:
    """Offsets of a partition that are gone: ``[begin, end)``."""

    partition: int
    begin: int
    end: int


def lost(next_offsets: Mapping[int, int], first: Mapping[int, int]) -> list[Loss]:
    """What was deleted before it was read.

    Args:
        next_offsets: what is read next, by partition.
        first: the earliest offset that is there.
    """
    return [
        Loss(part, at, first[part]) for part, at in sorted(next_offsets.items()) if first.get(part, at) > at
    ]


def cut_back(next_offsets: Mapping[int, int], last: Mapping[int, int]) -> list[Loss]:
    """Partitions that end before what was read: their newest records are gone, or the topic is another."""
    return [
        Loss(part, last[part], at) for part, at in sorted(next_offsets.items()) if last.get(part, at) < at
    ]


def trimmed(ranges: Sequence[Range], first: Mapping[int, int]) -> list[Range]:
    """The ranges without what is gone; empty ones are left out."""
    kept = [
        Range(part.partition, max(part.begin, first.get(part.partition, part.begin)), part.end)
        for part in ranges
    ]
    return [part for part in kept if part.count > 0]


def told_loss(loss: Loss, topic: str) -> str:
    """What is gone, in words."""
    return f"records {loss.begin} to {loss.end - 1} of kafka://{topic}/{loss.partition} are gone"


def loss_error(losses: Sequence[Loss], topic: str) -> DataError:
    """The error of records that nobody can read any more."""
    return DataError(
        f"{told_loss(losses[0], topic)}: they were deleted before the stream read them",
        "Pass over what is gone with --data-loss ignore; a longer retention.ms of the topic prevents it.",
    )
