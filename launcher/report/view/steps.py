"""A figure that changes at moments and stays in between, such as the tasks that run. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """A step function of time.

    Attributes:
        times: ms since the epoch, ascending; the first is the start, the last the end.
        values: from each time on; the last one counts for nothing.
    """

    times: Ints
    values: Floats

    def between(self, begin: float, end: float) -> float:
        """The integral from one moment to another: value x ms."""
        return self._until(end) - self._until(begin) if end > begin else 0.0

    def mean(self, begin: float, end: float) -> float:
        """The mean between two moments; 0 where there is no time between them."""
        return self.between(begin, end) / (end - begin) if end > begin else 0.0

    def within(self, begins: Ints, ends: Ints) -> Floats:
        """The integrals over many spans at once."""
        whole: Floats = np.interp(ends, self.times, self._areas) - np.interp(begins, self.times, self._areas)
        return whole

    def at_zero(self) -> Steps:
        """1 where this one is 0 or less, else 0."""
        return Steps(self.times, (self.values <= 0).astype(np.float64))

    @property
    def most(self) -> float:
        """The highest value that lasts."""
        return float(self.values[:-1].max(initial=0.0))

    def means(self, edges: Floats) -> Floats:
        """The means between neighbouring edges."""
        whole = np.interp(edges, self.times, self._areas)
        widths: Floats = np.maximum(np.diff(edges), 1e-9)
        means: Floats = np.diff(whole) / widths
        return means

    def _until(self, ms: float) -> float:
        return float(np.interp(ms, self.times, self._areas))

    @cached_property
    def _areas(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.values[:-1] * np.diff(self.times))])


def steps(times: Ints, changes: Floats, begin: int, end: int) -> Steps:
    """A step function from what changes when; it begins at 0 before all of them.

    Args:
        times: when; changes before ``begin`` count from there, those after ``end`` not at all.
        changes: by how much.
        begin: its first time.
        end: its last time.
    """
    clipped = np.clip(times, begin, None)
    order = np.argsort(clipped, kind="stable")
    ordered, sums = clipped[order], np.cumsum(changes[order])
    last = np.flatnonzero(np.diff(ordered, append=np.iinfo(np.int64).max))
    moments, values = ordered[last], sums[last]
    inside = moments < end
    moments, values = moments[inside], values[inside]
    if not len(moments) or moments[0] > begin:
        moments, values = np.insert(moments, 0, begin), np.insert(values, 0, 0.0)
    return Steps(np.append(moments, max(end, begin + 1)), np.append(values, 0.0))


def together(one: Steps, other: Steps, how: Callable[[Floats, Floats], Floats]) -> Steps:
    """A third figure from two of the same span."""
    times = np.union1d(one.times, other.times)
    first = one.values[np.searchsorted(one.times, times, side="right") - 1]
    second = other.values[np.searchsorted(other.times, times, side="right") - 1]
    return Steps(times, how(first, second))
