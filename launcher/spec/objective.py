"""What a plan is chosen by, beside working at all: a deadline, an allowed slowdown, the least cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from launcher.spec.units import Seconds, Share, share, time_s
from sparkjobs.errors import UsageError

Kind = Literal["deadline", "max_slowdown", "min_cost"]
MIN_COST: Kind = "min_cost"


class JobObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The objective as a job file has it, one of the two.

    Attributes:
        deadline_s: the run ends within this time.
        max_slowdown: a share such as ``10%``, against the fastest size that the cluster allows.
    """

    deadline_s: Seconds | None = msgspec.field(default=None, name="deadline")
    max_slowdown: Share | None = None


@dataclass(frozen=True)
class Objective:
    """An objective.

    Attributes:
        kind: which.
        value: seconds of a deadline, the share of a slowdown (.1 for 10 %); ``None`` for the least cost.
        place: who asked, for people.
    """

    kind: Kind
    value: float | None
    place: str

    @property
    def text(self) -> str:
        """For people: ``deadline 1200 s``, ``at most 10 % slower``, ``the least cost``."""
        if self.kind == "deadline":
            return f"deadline {self.value:g} s"
        return "the least cost" if self.value is None else f"at most {self.value * 100:g} % slower"


def deadline(text: str, place: str) -> Objective:
    """An objective of ``20m``.

    Raises:
        UsageError: it is no length of time, or none at all.
    """
    try:
        seconds = time_s(text)
    except ValueError as error:
        raise UsageError(f"{place}: {error}", "Write a length of time such as 20m or 2h.") from error
    if seconds <= 0 or text.strip().isdecimal():
        wrong = "is no time at all" if seconds <= 0 else "has no unit"
        raise UsageError(f"{place}: {text!r} {wrong}", "Write a length of time such as 20m or 2h.")
    return Objective("deadline", seconds, place)


def max_slowdown(text: str, place: str) -> Objective:
    """An objective of ``10%``.

    Raises:
        UsageError: it is no share.
    """
    try:
        return Objective("max_slowdown", share(text), place)
    except ValueError as error:
        raise UsageError(f"{place}: {error}", "Write one such as 10%.") from error


def min_cost(place: str) -> Objective:
    """The objective of the least cost."""
    return Objective(MIN_COST, None, place)


def of_job_file(value: JobObjective | Literal["min_cost"], place: str) -> Objective:
    """The objective of a job file whose rules hold."""
    if not isinstance(value, JobObjective):
        return min_cost(place)
    if value.max_slowdown is not None:
        return Objective("max_slowdown", float(value.max_slowdown), place)
    return Objective("deadline", float(value.deadline_s or 0), place)


def of_flags(within: str | None, slower: str | None, cheapest: bool) -> Objective | None:
    """The objective of the flags; ``None`` without one.

    Raises:
        UsageError: there are several, or a value is wrong.
    """
    found = []
    if within is not None:
        found.append(deadline(within, "--deadline"))
    if slower is not None:
        found.append(max_slowdown(slower, "--max-slowdown"))
    if cheapest:
        found.append(min_cost("--min-cost"))
    if len(found) > 1:
        names = " and ".join(objective.place for objective in found)
        raise UsageError(f"{names} are different objectives", "Choose one of them.")
    return found[0] if found else None
