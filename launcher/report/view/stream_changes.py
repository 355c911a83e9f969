"""How a stream changed the number of its executors. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.report.view.run_view import RunView
from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.bounds import bounds_of


@dataclass(frozen=True)
class Change:
    """One decision.

    Attributes:
        seconds: since the start of the application.
        before: executors that were asked for until then; ``None`` where nothing tells.
        after: executors that are asked for from then on.
        reason: why, in a sentence.
    """

    seconds: float
    before: int | None
    after: int
    reason: str

    def numbers(self, arrow: str) -> str:
        """Before and after, for people."""
        return f"{'?' if self.before is None else self.before} {arrow} {self.after}"


def changes(view: RunView) -> list[Change]:
    """The decisions of a run's stream, oldest first."""
    found: list[Change] = []
    before = start_of(view)
    for one in view.decisions:
        found.append(Change((one.at_ms - view.trace.start_ms) / 1000, before, one.target, one.reason))
        before = one.target
    return found


def start_of(view: RunView) -> int | None:
    """Executors that a stream asks for before its first decision; ``None`` where its settings do not tell."""
    try:
        return bounds_of(view.trace.conf or {}).start
    except UsageError:
        return None
