"""What the part inside Spark answers: the explained plans, and how far the application came."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal["finished", "stopped", "refused", "failed"]


@dataclass(frozen=True)
class SeenPlan:
    """One query or write that the application would have run.

    Attributes:
        what: the action, such as ``count()`` or ``write parquet``.
        place: ``file:line`` of the application.
        reports: texts of RAPIDS' ExplainPlan; a write that hides its query has two.
        outside: what computes the result outside of SQL plans, always on the CPU; empty when the plan does.
    """

    what: str
    place: str
    reports: tuple[str, ...]
    outside: str = ""


@dataclass(frozen=True)
class Answer:
    """The whole answer.

    Attributes:
        outcome: ``finished``; ``stopped`` where a result would have steered it; ``refused`` where it does
            what cannot be held back; ``failed`` by its own error.
        plans: what it would have run, in its order.
        reason: why it did not finish; empty when it did.
        place: ``file:line`` where it ended early; empty when it did not.
        hint: what the user can do about it; empty when nothing.
        notes: what the user should know about the plans.
    """

    outcome: Outcome
    plans: tuple[SeenPlan, ...] = ()
    reason: str = ""
    place: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The answer as one JSON document."""
        return json.dumps(asdict(self), ensure_ascii=True)
