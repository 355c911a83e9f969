"""What the number of executors is decided by: bounds, the objective, how long a batch may take. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# Above this part of what a batch may take, executors are added; noise and the next rows need the rest.
GROW_AT = 0.9
# Executors are given back only where what remains stays below this part: between the two nothing moves.
SHRINK_TO = 0.85
# Without --max-latency a row may wait for one trigger and for a batch that is as long as the next.
TRIGGERS = 2.0
_LEAST_WINDOW_S, _WINDOW_TRIGGERS = 30.0, 5.0
# What would be asked for again so soon is not given back: to start an executor costs more than to keep it.
_AHEAD_WINDOWS = 2.0


@dataclass(frozen=True)
class Rules:
    """The bounds and the objective of one stream.

    Attributes:
        trigger_s: seconds between two looks at the input.
        latency_s: seconds within which a row shall be committed; more than ``trigger_s``.
        least: fewest executors.
        most: most executors.
        start_s: seconds from asking for an executor to its first task.
    """

    trigger_s: float
    latency_s: float
    least: int
    most: int
    start_s: float = 10.0

    @property
    def batch_s(self) -> float:
        """Seconds that a batch may take.

        A row waits for the next look, or for the end of a batch that takes longer than a trigger, and then
        for its own batch: ``max(trigger, batch) + batch <= latency``.
        """
        return min(self.latency_s - self.trigger_s, self.latency_s / 2)

    @property
    def window_s(self) -> float:
        """Seconds for which fewer executors must have been enough before some are given back."""
        return max(_LEAST_WINDOW_S, _WINDOW_TRIGGERS * self.trigger_s)

    @property
    def ahead_s(self) -> float:
        """Seconds for which what remains must be enough by how the load grows."""
        return _AHEAD_WINDOWS * self.window_s
