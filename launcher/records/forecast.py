"""What was predicted of a run; kept with its record."""

from __future__ import annotations

import msgspec


class Forecast(msgspec.Struct, frozen=True):
    """What was predicted of a run before it began; seconds of the application.

    Attributes:
        seconds: its time.
        low: the lower end of the 80 % band.
        high: the upper end.
        executor_seconds: executors over time.
        cost: by the price list of its profile; executor-seconds without one.
        size: how many executors, for people.
        decision: whether earlier runs changed the plan: ``change`` or ``hold``.
        why: why.
        evidence: ids of those runs.
    """

    seconds: float
    low: float
    high: float
    executor_seconds: float
    cost: float
    size: str
    decision: str
    why: str
    evidence: tuple[str, ...] = ()
