"""What was predicted of a job's runs beside what they took; and when predictions are not believed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# So many runs outside their bands, one after another, and the model is not believed any more: by chance that
# happens once in 125 times.
MOST_MISSES = 3


@dataclass(frozen=True)
class Checked:
    """One run: seconds that were predicted, their 80 % band, and what it took."""

    run_id: str
    predicted_s: float
    low_s: float
    high_s: float
    actual_s: float

    @property
    def error(self) -> float:
        """Predicted over actual, less one: above 0 it was quicker than predicted."""
        return self.predicted_s / self.actual_s - 1 if self.actual_s else 0.0

    @property
    def inside(self) -> bool:
        """Whether it fell into its band."""
        return self.low_s <= self.actual_s <= self.high_s


def distrust(runs: Sequence[Checked]) -> str:
    """Why predictions of a job are not believed; empty where they are.

    Args:
        runs: those with a prediction, the newest first.
    """
    newest = runs[:MOST_MISSES]
    if len(newest) < MOST_MISSES or any(run.inside for run in newest):
        return ""
    errors = ", ".join(f"{run.error:+.0%}" for run in newest)
    return (
        f"the last {MOST_MISSES} predictions were outside their bands ({errors}): they are not believed "
        "until a run falls into its band again"
    )
