"""How far the input of two runs changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A stage that reads less of all that is read, such as a small lookup, tells nothing of the whole.
LEAST_SHARE = 0.01


@dataclass(frozen=True)
class Amount:
    """Data that a stage took in.

    Attributes:
        rows: 0 where nobody counted them.
        size: in bytes; 0 likewise.
    """

    rows: int = 0
    size: int = 0

    def __bool__(self) -> bool:
        """Whether any is known of."""
        return bool(self.rows or self.size)

    def __add__(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.rows + other.rows, self.size + other.size)


@dataclass(frozen=True)
class Growth:
    """How far the input of two runs changed at most, as logarithms of ratios.

    Attributes:
        least: of what shrank most; 0 where nothing shrank.
        most: of what grew most; 0 where nothing grew.
    """

    least: float
    most: float

    def bound(self, ratio: float) -> float:
        """What of a stage's own growth can come from the input."""
        return min(max(ratio, self.least), self.most)


def growth_of(
    matched: Iterable[tuple[Amount, Amount]], of_a: Sequence[Amount], of_b: Sequence[Amount]
) -> Growth | None:
    """How far the input changed: of the stages of both that read much, and of all reading together, for a run
    may read more by more stages, such as one for each file.

    Args:
        matched: what the stages of both runs read.
        of_a: what each stage of run A read.
        of_b: the same of run B.

    Returns:
        ``None`` where nothing was read: then rows of shuffles are all that is known of the input.
    """
    all_a, all_b = sum(of_a, Amount()), sum(of_b, Amount())
    if not all_a and not all_b:
        return None
    ratios = [ratio(a, b) for a, b in matched if _is_much(a, all_a) or _is_much(b, all_b)]
    ratios += [0.0, ratio(all_a, all_b)]
    return Growth(min(ratios), max(ratios))


def ratio(before: Amount, after: Amount) -> float:
    """The logarithm of how many times as much: of rows where both count them, else of bytes, else 0."""
    if before.rows and after.rows:
        return math.log(after.rows / before.rows)
    return math.log(after.size / before.size) if before.size and after.size else 0.0


def _is_much(one: Amount, all_of_it: Amount) -> bool:
    # By what it is known by: bytes of a stage without rows.
    if one.rows:
        return one.rows >= LEAST_SHARE * all_of_it.rows
    return one.size > 0 and one.size >= LEAST_SHARE * all_of_it.size
