"""Exact statistics of one group that is too large for memory: its numbers wait in a temporary file.

Quantiles are found by looking at 16 bits of the numbers at a time, the highest first: a pass over
the file counts how often each of the 65,536 patterns occurs, which says in which pattern the wanted
rank lies, and the next pass looks at the next bits of those numbers only. Four passes, and memory
for the counts only, whatever the size of the group.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sparkjobs.kernels.statistics import F64, Scale, Statistics, interpolate

U64 = npt.NDArray[np.uint64]

CHUNK_VALUES = 1 << 20
_SIGN = np.uint64(1 << 63)
_DIGIT_BITS = 16
_DIGITS = 1 << _DIGIT_BITS


class SpilledGroup:
    """The numbers of one group in a file that vanishes with this object."""

    def __init__(self) -> None:
        folder = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0] or None
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self._count = 0

    def append(self, values: F64) -> None:
        """Add numbers to the group."""
        self._file.write(values.data)
        self._count += len(values)

    def chunks(self) -> Iterator[F64]:
        """All numbers, about a million at a time."""
        self._file.seek(0)
        while data := self._file.read(8 * CHUNK_VALUES):
            yield np.frombuffer(data, np.float64)

    def statistics(self, quantiles: Sequence[float]) -> Statistics:
        """The same as ``sparkjobs.kernels.statistics.statistics`` gives for a group in memory."""
        positions = np.array([q * (self._count - 1) for q in quantiles], np.float64)
        below = np.floor(positions).astype(np.int64)
        above = np.minimum(below + 1, self._count - 1)
        ranks = [0, self._count - 1, *below.tolist(), *above.tolist()]
        found = self.select(ranks)
        low, high = np.split(found[2:], 2)
        scale = Scale(found[:1], found[1:2])
        with np.errstate(invalid="ignore", over="ignore"):
            values = interpolate(low, high, below, positions)
            total = _add([float(chunk.sum()) for chunk in self.chunks()])
            middle = np.array([_add([float(chunk.sum()) for chunk in self._placed(scale)]) / self._count])
            squares = _add([float(np.square(chunk - middle).sum()) for chunk in self._placed(scale)])
            mean = scale.mean(middle, np.array([total / self._count]))
            deviation = scale.deviation(np.sqrt(np.array([squares / max(self._count - 1, 1)])))
        return Statistics(
            count=np.array([self._count]),
            sum=np.array([total]),
            mean=mean,
            min=found[:1],
            max=found[1:2],
            stddev=deviation,
            quantiles=tuple(values.reshape(-1, 1)),
        )

    def _placed(self, scale: Scale) -> Iterator[F64]:
        for chunk in self.chunks():
            yield scale.placed(chunk, np.array([len(chunk)]))

    def select(self, ranks: Sequence[int]) -> F64:
        """The numbers that stand at these ranks, counted from 0, when all are sorted."""
        prefixes = [0] * len(ranks)
        left = list(ranks)
        for shift in range(64 - _DIGIT_BITS, -1, -_DIGIT_BITS):
            tables = self._digit_counts(set(prefixes), shift)
            for i, prefix in enumerate(prefixes):
                ends = np.cumsum(tables[prefix])
                digit = int(np.searchsorted(ends, left[i], side="right"))
                left[i] -= int(ends[digit - 1]) if digit else 0
                prefixes[i] = prefix << _DIGIT_BITS | digit
        return _from_ordered(np.array(prefixes, np.uint64))

    def close(self) -> None:
        """Give the file's space back."""
        self._file.close()

    def _digit_counts(self, prefixes: set[int], shift: int) -> dict[int, npt.NDArray[np.int64]]:
        """How often each next digit occurs among the numbers that begin with each prefix."""
        tables = {prefix: np.zeros(_DIGITS, np.int64) for prefix in prefixes}
        for chunk in self.chunks():
            shifted = _to_ordered(chunk) >> np.uint64(shift)
            digits = (shifted & np.uint64(_DIGITS - 1)).astype(np.int64)
            heads = shifted >> np.uint64(_DIGIT_BITS)
            for prefix, table in tables.items():
                table += np.bincount(digits[heads == np.uint64(prefix)], minlength=_DIGITS)
        return tables


def _add(parts: Sequence[float]) -> float:
    """A sum that loses no digits; the plain one where infinities meet, which ``fsum`` refuses."""
    return math.fsum(parts) if all(map(math.isfinite, parts)) else sum(parts)


def _to_ordered(values: F64) -> U64:
    """Unsigned numbers in the order of the values; every NaN becomes the same, greatest one."""
    canonical = np.where(np.isnan(values), np.nan, values)
    bits = canonical.view(np.uint64)
    flipped: U64 = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    return flipped


def _from_ordered(ordered: U64) -> F64:
    bits = np.where(ordered & _SIGN, ordered ^ _SIGN, ~ordered)
    values: F64 = bits.view(np.float64)
    return values
