"""What a finding says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from launcher.records.history.trace import Stage
from launcher.spec.units import counted

# Less is not worth a line, neither in seconds nor as a share of the run.
LEAST_S, LEAST_SHARE = 0.5, 0.01


@dataclass(frozen=True)
class Loss:
    """Something that cost time or executors.

    Attributes:
        id: name of the finding, stable, such as ``skew``.
        seconds_lost: of the run's time; where executors stood idle, the time in which all executors that were
            there on average would have cost as much. Each finding tells its formula.
        keys: Spark's settings that would change it.
        message: what happened and where, with its numbers.
        fix: what to do.
    """

    id: str
    seconds_lost: float
    keys: tuple[str, ...]
    message: str
    fix: str


def noteworthy(losses: Iterable[Loss], seconds: float) -> list[Loss]:
    """Those worth a line, the dearest first; none is longer than the run itself.

    Args:
        losses: all of them.
        seconds: time of the run.
    """
    least = max(LEAST_S, LEAST_SHARE * seconds)
    kept = [
        Loss(one.id, round(min(one.seconds_lost, seconds), 1), one.keys, one.message, one.fix)
        for one in losses
        if one.seconds_lost >= least or one.id in ALWAYS
    ]
    return sorted(kept, key=lambda one: (-one.seconds_lost, one.id))


# Told however little they cost: the next failure, or the next table that is sent to all, may cost the run.
ALWAYS = frozenset({"failed-tasks", "big-broadcast"})
# What left executors idle is told at the top rather than that they were.
CAUSES = {"idle-driver": ("driver-bound",), "idle-tail": ("skew", "huge-task")}


def dearest(losses: Sequence[Loss], count: int = 3) -> list[Loss]:
    """The findings for the first screen."""
    return [one for one in losses if not _explained(one, losses)][:count]


def _explained(idle: Loss, losses: Sequence[Loss]) -> bool:
    """Whether other findings tell of most of the same time."""
    causes = CAUSES.get(idle.id, ())
    return sum(one.seconds_lost for one in losses if one.id in causes) > idle.seconds_lost / 2


def named(stage: Stage) -> str:
    """A stage for people."""
    again = f".{stage.attempt}" if stage.attempt else ""
    return f"stage {stage.id}{again} ({stage.name})" if stage.name else f"stage {stage.id}{again}"


def alike(others: int) -> str:
    """How many stages more have the same."""
    return f"; {counted(others, 'stage')} more like it" if others else ""


def listed(names: Sequence[object], most: int = 5) -> str:
    """``3, 7 and 12``; a long list is cut."""
    texts = [str(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(texts)} and {len(names) - most} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def sentence(text: str) -> str:
    """A message as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def seconds_text(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 120:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
