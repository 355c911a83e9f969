"""Where the first run of a stream begins in each partition of its topic. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sparkjobs.errors import UsageError
from sparkjobs.streaming.sources.start import EARLIEST_OFFSET, LATEST_OFFSET, OF_TOPIC, Start


def begun(
    start: Start, first: Mapping[int, int], last: Mapping[int, int], later: Mapping[int, int]
) -> dict[int, int]:
    """The offset at which each partition begins.

    Args:
        start: what the flag says.
        first: the earliest offset that is there.
        last: the offset that comes next.
        later: of a moment, the first offset whose record is not before it; partitions without one are
            not in it, and begin at their end.

    Raises:
        UsageError: offsets leave a partition out, name one that is not there, or lie outside of it.
    """
    if start.kind == "earliest":
        return dict(first)
    if start.kind == "latest":
        return dict(last)
    if start.kind == "moment":
        return {number: later.get(number, end) for number, end in last.items()}
    assert start.offsets is not None
    return _checked(start.offsets, first, last)


def _checked(given: Mapping[int, int], first: Mapping[int, int], last: Mapping[int, int]) -> dict[int, int]:
    for number in sorted({*given, *first}):
        if number not in given:
            raise UsageError(f"--start names no offset of partition {number}", "Name one for each partition.")
        if number not in first:
            raise UsageError(f"--start names partition {number}, which the topic does not have", OF_TOPIC)
    found = {}
    for number, offset in sorted(given.items()):
        at = {EARLIEST_OFFSET: first[number], LATEST_OFFSET: last[number]}.get(offset, offset)
        if not first[number] <= at <= last[number]:
            raise UsageError(
                f"--start: partition {number} holds offsets {first[number]} to {last[number]}, not {offset}",
                OF_TOPIC,
            )
        found[number] = at
    return found
