"""Of all sizes that can be predicted, the one that an objective wants; or why none. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from launcher.advice.tuning.sizing import Sizing
from launcher.spec.objective import Objective

Decision = Literal["change", "hold", "impossible"]
# What is saved below this share is less than two runs of one thing differ by.
LEAST_SAVING = 0.08
# Of an allowed slowdown, what is left to the error of a prediction.
KEPT_SHARE = 0.4
# Without an objective nothing may be slower; two predictions of one trace differ by less than this.
EQUAL = 0.005
MOST_REFUSED, MOST_UNKNOWN = 5, 3


@dataclass(frozen=True)
class Option:
    """A size with what is predicted of it.

    Attributes:
        sizing: the size.
        seconds: predicted time; ``None``: it cannot be predicted.
        low: the lower end of the 80 % band.
        high: the upper end.
        executor_seconds: executors over time.
        cost: money where there are prices, else executor-seconds.
        why: why it cannot be predicted.
        measured_runs: so many runs had this size: the numbers are theirs and no prediction.
        weight: what its cost counts beside that of today's size: more where its executors are larger and
            cost is executor-seconds.
    """

    sizing: Sizing
    seconds: float | None
    low: float | None = None
    high: float | None = None
    executor_seconds: float | None = None
    cost: float | None = None
    why: str = ""
    measured_runs: int = 0
    weight: float = 1.0

    @property
    def time_s(self) -> float:
        """``seconds``; never, where it cannot be predicted."""
        return float("inf") if self.seconds is None else self.seconds

    @property
    def time_text(self) -> str:
        """For people: ``48.9 s``, ``48.9 s as measured``."""
        if self.seconds is None:
            return "an unknown time"
        return f"{self.seconds:.1f} s{' as measured' if self.measured_runs else ''}"


@dataclass(frozen=True)
class Refused:
    """A cheaper size that was not taken, and why."""

    option: Option
    why: str


@dataclass(frozen=True)
class Choice:
    """What is to be done.

    Attributes:
        decision: change, hold (keep what there is), or impossible (no size meets the objective).
        why: one sentence with its numbers.
        chosen: the size; for hold that of today, for impossible the fastest.
        refused: cheaper sizes that were not taken, the cheapest first.
    """

    decision: Decision
    why: str
    chosen: Option | None
    refused: tuple[Refused, ...] = ()


def choose(now: Option, options: Sequence[Option], objective: Objective | None, *, gone: str = "") -> Choice:
    """Choose a size.

    Args:
        now: today's size, predicted like the others, so that errors of the prediction are the same on both
            sides.
        options: the others.
        objective: what counts; ``None``: change what makes nothing slower or dearer, else hold.
        gone: why today's size is no choice any more; empty where it is one.
    """
    known = [option for option in (options if gone else (now, *options)) if option.seconds is not None]
    if not known or (now.seconds is None and not gone):
        return Choice("hold", f"today's size cannot be predicted: {now.why or gone}", now)
    fastest = min(known, key=lambda option: (option.time_s, _cost(option)))
    limit = _limit(_reference(now, known), fastest, objective)
    good = [option for option in known if _time_of(option, objective) <= limit.of(option)]
    if not good and objective is None:  # today's size is gone, and all others are slower
        good = [fastest]
    best = min(good or [fastest], key=lambda option: (_cost(option), option.time_s))
    refused = tuple(_refused(best, options, limit, objective))
    if not good:
        return _impossible(fastest, objective, refused)
    saved = 1 - _cost(best) / _cost(now) if _cost(now) else 0.0
    if now in good and saved < LEAST_SAVING:
        why = _why_hold(best, now, saved) if len(known) > 1 else _why_alone(now, options)
        return Choice("hold", why, now, refused)
    return Choice("change", _why_change(best, now, limit.how, gone), best, refused)


def _reference(now: Option, known: Sequence[Option]) -> Option:
    """What nothing may be slower than without an objective: today's size, else the fastest that was run."""
    if now.seconds is not None:
        return now
    return max(known, key=lambda option: (option.measured_runs > 0, -option.time_s))


@dataclass(frozen=True)
class _Limit:
    """The longest time that is allowed.

    Attributes:
        predicted_s: of what is predicted.
        measured_s: of what was measured; the same unless what it is held against was measured as well.
        how: how it came about.
    """

    predicted_s: float
    measured_s: float
    how: str

    def of(self, option: Option) -> float:
        return self.measured_s if option.measured_runs else self.predicted_s


def _limit(now: Option, fastest: Option, objective: Objective | None) -> _Limit:
    if objective is None:
        same_s = now.time_s * (1 + EQUAL)
        return _Limit(same_s, same_s, "nothing may be slower without an objective")
    if objective.value is None:
        return _Limit(float("inf"), float("inf"), "cost matters alone")
    if objective.kind == "deadline":
        return _Limit(objective.value, objective.value, f"{objective.place} is {objective.value:g} s")
    allowed = objective.value * (1 - KEPT_SHARE)
    among_measured = objective.value if fastest.measured_runs else allowed
    return _Limit(
        fastest.time_s * (1 + max(EQUAL, allowed)),
        fastest.time_s * (1 + max(EQUAL, among_measured)),
        f"{objective.place} allows {_percent(objective.value)} over the fastest size, {fastest.time_s:.1f} s "
        f"with {fastest.sizing.text}, and {_percent(objective.value - allowed)} of that is left to chance",
    )


def _time_of(option: Option, objective: Objective | None) -> float:
    """What is held against the limit: of a deadline the band's upper end, so that nine of ten meet it."""
    if objective is not None and objective.kind == "deadline":
        return option.time_s if option.high is None else option.high
    return option.time_s


def _refused(
    best: Option, options: Sequence[Option], limit: _Limit, objective: Objective | None
) -> Iterator[Refused]:
    """Of what would be cheaper the sizes that come nearest to the limit, and what nobody can predict."""
    known = [option for option in options if option.seconds is not None and _cost(option) < _cost(best)]
    slower = [option for option in known if _time_of(option, objective) > limit.of(option)]
    for option in sorted(slower, key=lambda option: (option.time_s, _cost(option)))[:MOST_REFUSED]:
        held = _time_of(option, objective)
        band = "" if held == option.time_s else f", one run in ten more than {held:.1f} s"
        verb = "took" if option.measured_runs else "predicted"
        why = f"{verb} {option.time_s:.1f} s{band}, and at most {limit.of(option):.1f} s are allowed"
        yield Refused(option, why)
    unknown = [option for option in options if option.seconds is None]
    for option in unknown[:MOST_UNKNOWN]:
        yield Refused(option, option.why)


def _impossible(fastest: Option, objective: Objective | None, refused: tuple[Refused, ...]) -> Choice:
    wanted = objective.text if objective else "no objective"
    size = fastest.sizing.text
    why = f"{wanted}: the fastest size that can be predicted, {size}, takes {fastest.time_s:.1f} s"
    if objective is not None and fastest.time_s <= (objective.value or 0):
        why += f", but one run in ten more than {_time_of(fastest, objective):.1f} s"
    return Choice("impossible", why, fastest, refused)


def _why_alone(now: Option, options: Sequence[Option]) -> str:
    """Why there is nothing to choose from: the reason that most sizes have."""
    reasons = Counter(option.why for option in options if option.why)
    if not reasons:
        return f"there is no other size than {now.sizing.text}"
    return f"no other size than {now.sizing.text} can be predicted: {reasons.most_common(1)[0][0]}"


def _why_hold(best: Option, now: Option, saved: float) -> str:
    if best is now or saved < EQUAL:
        return f"no size that can be predicted costs less than {now.sizing.text} and is quick enough"
    return (
        f"{best.sizing.text} would save {_percent(saved)}, less than the {_percent(LEAST_SAVING)} by which "
        "runs of one thing differ"
    )


def _why_change(best: Option, now: Option, limit: str, gone: str) -> str:
    if now.seconds is None:
        return f"{best.sizing.text} ({best.time_text}) instead of {now.sizing.text}: {gone}; {limit}"
    cheaper = 1 - _cost(best) / _cost(now) if _cost(now) else 0.0
    less = f"{_percent(abs(cheaper))} {'less' if cheaper >= 0 else 'more'}"
    if best.weight != now.weight:
        less = f"{less} (without prices one of its executors counts {best.weight / now.weight:.3g} times)"
    return (
        f"{best.sizing.text} instead of {now.sizing.text}: {best.time_text} instead of {now.time_text} "
        f"for {less}; {f'{gone}; ' if gone else ''}{limit}"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _cost(option: Option) -> float:
    return float("inf") if option.cost is None else option.cost * option.weight
