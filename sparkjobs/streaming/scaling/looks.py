"""From lists and the batches that read them to what each look at the input found. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sparkjobs.streaming.scaling.events import Arrived


class Looks:
    """Keeps the looks whose rows are not all known yet.

    A look writes lists, and how many rows a list has is known when its batch is done. What the first
    look finds lay there before: it tells no rate.

    Args:
        left: lists of earlier runs that no batch has read.
    """

    def __init__(self, left: Iterable[int] = ()) -> None:
        self._at: float | None = None
        self._open = [_Look(0.0, None, set(left))]

    @property
    def waiting(self) -> tuple[int, ...]:
        """Lists whose batches are not done."""
        return tuple(sorted(number for look in self._open for number in look.lists))

    def looked(self, at: float, lists: Iterable[int]) -> None:
        """A look at the input wrote these lists."""
        self._open.append(_Look(at, self._at, set(lists)))
        self._at = at

    def done(self, lists: Iterable[int], rows: int) -> None:
        """A batch has read these lists."""
        read = set(lists)
        for look in self._open:
            if look.lists & read:
                look.rows += rows
                look.lists -= read
                # A batch reads one list; the rows of several are told as those of the first one's look.
                rows = 0

    def complete(self) -> tuple[Arrived, ...]:
        """The looks, in order, all of whose rows are known; each is told once."""
        found = []
        while self._open and not self._open[0].lists:
            look = self._open.pop(0)
            if look.before is not None and look.at > look.before:
                found.append(Arrived(look.at, look.at - look.before, look.rows))
        return tuple(found)


class _Look:
    def __init__(self, at: float, before: float | None, lists: set[int]) -> None:
        self.at = at
        self.before = before
        self.lists = lists
        self.rows = 0
