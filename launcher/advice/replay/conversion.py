"""How a task's duration at another size follows from the recorded one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Of what a recorded task took this part stays at least when its slot is warmer.
LEAST_PART = 0.25


@dataclass(frozen=True)
class Conversion:
    """How durations of a stage differ from the recorded ones.

    Attributes:
        shifts: ms to add where the slot is of another class: entry ``3 * recorded + found``.
        factors: what the result is multiplied by, by the class of the slot.
    """

    shifts: Sequence[float] = (0.0,) * 9
    factors: Sequence[float] = (1.0,) * 3

    def of(self, duration: float, recorded: int, found: int) -> float:
        """What a task takes.

        Args:
            duration: what it took, ms.
            recorded: class of the slot it had.
            found: class of the slot it has.
        """
        moved = duration + self.shifts[3 * recorded + found]
        return max(moved, duration * LEAST_PART) * self.factors[found]
