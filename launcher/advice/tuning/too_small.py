"""Sizes that may be too small for a job: with few executors it spilled or ran out of memory. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from launcher.advice.tuning.memory_steps import spilled
from launcher.advice.tuning.past import Past
from launcher.records.history.facts.memory_ends import may_have_run_out
from launcher.records.history.trace import Ended
from launcher.spec.units import counted


@dataclass(frozen=True)
class TooSmall:
    """With fewer executors than these only what was measured is believed; why, for people."""

    enough: int
    why: str


def too_small(pasts: Sequence[Past]) -> TooSmall | None:
    """How far down predictions go after a run that wanted more memory: to the next size that did not.

    Args:
        pasts: all known runs of the job, those that ended badly too.
    """
    looked_at = [(past.basis.executors, past.name, _wanted(past), past.succeeded) for past in pasts]
    wanted = [(executors, name, how) for executors, name, how, _ in looked_at if how]
    if not wanted:
        return None
    executors, name, how = max(wanted)
    good = [count for count, _, wants, succeeded in looked_at if succeeded and not wants]
    enough = min((count for count in good if count > executors), default=0)
    had = f"{name} {how} with {counted(executors, 'executor')}"
    if not enough:
        return TooSmall(executors + 1, f"{had}, and nobody knows what fewer take")
    return TooSmall(enough, f"{had}: of fewer than {enough} nobody knows what they take")


def _wanted(past: Past) -> str:
    trace = past.basis.trace
    if may_have_run_out(trace):
        return "ran out of memory"
    if not past.succeeded and any(int(Ended.LOST) in stage.tasks.ended for stage in trace.stages):
        return "failed and lost executors"
    return "spilled" if spilled(trace) else ""
