"""From the batches back to what each look at the input found. Pure."""

from __future__ import annotations

from collections import deque

from sparkjobs.streaming.scaling.events import Arrived


class Looks:
    """Keeps the looks whose rows are not all known yet: a list's rows are known when its batch is done.

    Batches do the lists in their order, one each. What the first look finds lay there before: it tells
    no rate.

    Args:
        left: lists of earlier runs that no batch has done.
    """

    def __init__(self, left: int = 0) -> None:
        self._at: float | None = None
        self._open = deque([_Look(0.0, None, left)])
        # Rows of batches that were done before the look that wrote their lists was over.
        self._early: deque[int] = deque()

    @property
    def waiting(self) -> int:
        """Lists whose batches are not done."""
        return sum(look.lists for look in self._open)

    def looked(self, at: float, lists: int) -> None:
        """A look at the input wrote so many lists."""
        self._open.append(_Look(at, self._at, lists))
        self._at = at
        while self._early and self.waiting:
            self.done(self._early.popleft())

    def done(self, rows: int) -> None:
        """The batch of the oldest list is done."""
        for look in self._open:
            if look.lists:
                look.lists -= 1
                look.rows += rows
                return
        self._early.append(rows)

    def complete(self) -> tuple[Arrived, ...]:
        """The looks, in order, all of whose rows are known; each is told once."""
        found = []
        while self._open and not self._open[0].lists:
            look = self._open.popleft()
            if look.before is not None and look.at > look.before:
                found.append(Arrived(look.at, look.at - look.before, look.rows))
        return tuple(found)


class _Look:
    def __init__(self, at: float, before: float | None, lists: int) -> None:
        self.at = at
        self.before = before
        self.lists = lists
        self.rows = 0
