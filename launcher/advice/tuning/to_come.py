"""A run with the input of the next one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.inputs import with_input
from launcher.advice.tuning.past import Past
from launcher.spec.application import SAME_INPUT
from launcher.spec.units import human_bytes

# Input that differs by more than this factor is other work.
MOST_INPUT_FACTOR = 4.0
# Of the tasks' time, in stages whose rows nobody counted.
MOST_UNSCALED = 0.2


@dataclass(frozen=True)
class ToCome:
    """The newest run with the input of the next: why that does not tell; what was done to it, for people."""

    basis: Basis
    why: str = ""
    said: str = ""


def to_come(newest: Past, input_bytes: int | None) -> ToCome:
    """A run as the next one will be.

    Args:
        newest: the run.
        input_bytes: of the next one, as it is listed; ``None``: nobody knows.
    """
    before = newest.listed_bytes
    if input_bytes is None or not before or abs(input_bytes - before) <= SAME_INPUT * before:
        return ToCome(newest.basis)
    factor = input_bytes / before
    change = f"the input changes from {human_bytes(before)} to {human_bytes(input_bytes)}"
    if not 1 / MOST_INPUT_FACTOR <= factor <= MOST_INPUT_FACTOR:
        return ToCome(newest.basis, f"{change}, too far from what was seen")
    scaled = with_input(newest.basis, factor)
    if scaled.unscaled_share > MOST_UNSCALED:
        names = ", ".join(scaled.unscaled[:3])
        share = f"{scaled.unscaled_share:.0%} of the work ({names}) tells no rows"
        return ToCome(newest.basis, f"{change}, and {share}, so nobody can say how it follows")
    return ToCome(scaled.basis, said=f"{change}, and stages take {factor:.2g} times their rows")
