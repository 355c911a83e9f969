"""Which events count: the kinds that are counted, and those that only give amounts back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import Column


@dataclass(frozen=True)
class Counting:
    """Kinds of events for tables about value.

    Attributes:
        count: kinds that are counted, with their amounts; none named means every kind but ``refund``.
        refund: kinds whose amounts are added (they are negative as a rule) but which are not counted.
    """

    count: Sequence[str] = ()
    refund: Sequence[str] = ()

    def __post_init__(self) -> None:
        both = [kind for kind in self.count if kind in self.refund]
        if both:
            raise UsageError(f"the kind {both[0]!r} is to be counted and a refund", "Name it once.")

    def counted(self) -> Column:
        """Whether an event is counted; never null."""
        from pyspark.sql import functions as F

        kind = F.col("kind")
        chosen = kind.isin(list(self.count)) if self.count else ~kind.isin(list(self.refund))
        return F.coalesce(chosen, F.lit(not self.count))

    def valued(self) -> Column:
        """Whether an event's amount is summed; never null."""
        from pyspark.sql import functions as F

        return self.counted() | F.coalesce(F.col("kind").isin(list(self.refund)), F.lit(False))
