"""What was seen of the application so far, and the one way to stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from sparkjobs.qualify.answer import Answer, Outcome, SeenPlan
from sparkjobs.qualify.frames import here


class Halted(BaseException):
    """The application is not run any further. No ``Exception``: applications catch those."""


class Recorder:
    """Collects plans and notes; remembers the first reason to stop, whatever the application catches."""

    def __init__(self) -> None:
        self._plans: list[SeenPlan] = []
        self._notes: dict[str, None] = {}
        self._end: Answer | None = None

    def see(self, what: str, reports: Iterable[str], outside: str = "") -> None:
        """Add a plan of the line that is running, and what computes its result outside of SQL plans."""
        self._plans.append(SeenPlan(what, here(), tuple(reports), outside))

    def note(self, text: str) -> None:
        """Add something that the user should know; the same words count once."""
        self._notes[text] = None

    def note_here(self, text: str) -> None:
        """The same, with the line that is running."""
        self.note(f"{here()}: {text}" if here() else text)

    def halt(self, outcome: Outcome, reason: str, hint: str = "", place: str = "") -> NoReturn:
        """Stop the application here."""
        self.end(outcome, reason, hint, place)
        raise Halted(reason)

    def end(self, outcome: Outcome, reason: str, hint: str = "", place: str = "") -> None:
        """Remember why the application ends, unless there is a reason already."""
        if self._end is None:
            self._end = Answer(outcome, reason=reason, place=place or here(), hint=hint)

    def go_on(self) -> None:
        """Stop again an application that caught the first stop."""
        if self._end is not None:
            raise Halted(self._end.reason)

    def answer(self) -> Answer:
        """All of it."""
        end = self._end or Answer("finished")
        return Answer(end.outcome, tuple(self._plans), end.reason, end.place, end.hint, tuple(self._notes))
