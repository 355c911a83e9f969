"""From earlier runs of a job to the settings of the next: change, hold, or say that it cannot be. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.contention import Contention
from launcher.advice.tuning.candidates import GROWTH, MOST_TASKS, Room
from launcher.advice.tuning.choose import Choice, Decision, Option, Refused, choose
from launcher.advice.tuning.layout_settings import layout_changes
from launcher.advice.tuning.measured import measured
from launcher.advice.tuning.memory_steps import HEAP, memory_steps
from launcher.advice.tuning.other_layout import OtherLayout, options_of, why_not
from launcher.advice.tuning.past import Past, noise, useless
from launcher.advice.tuning.search import Known, option, search
from launcher.advice.tuning.size_settings import TOTAL, Change, size_changes
from launcher.advice.tuning.sizing import KEYS, Sizing
from launcher.advice.tuning.to_come import to_come
from launcher.advice.tuning.too_small import TooSmall, too_small
from launcher.spec.cluster import Price
from launcher.spec.objective import Objective
from launcher.spec.units import counted

# Of more runs the oldest say little of today, and pairs of them are many.
MOST_PASTS = 5


@dataclass(frozen=True)
class Advice:
    """An answer.

    Attributes:
        decision: change, hold or impossible.
        why: one sentence with its numbers.
        objective: what was asked.
        evidence: the runs that it rests on, the newest first; those of other layouts last.
        now: today's size, as it is predicted; ``None`` where no run tells.
        chosen: what is to be; that of today where it holds.
        changes: the settings.
        refused: cheaper sizes that were not taken.
    """

    decision: Decision
    why: str
    objective: Objective | None
    evidence: tuple[Past, ...]
    now: Option | None = None
    chosen: Option | None = None
    changes: tuple[Change, ...] = ()
    refused: tuple[Refused, ...] = ()


def tune(
    pasts: Sequence[Past],
    room: Room,
    objective: Objective | None = None,
    price: Price | None = None,
    *,
    today: Sizing | None = None,
    others: Sequence[OtherLayout] = (),
    input_bytes: int | None = None,
    most_tasks: int = MOST_TASKS,
    distrust: str = "",
    contention: Contention | None = None,
    settled: Collection[str] = (),
) -> Advice:
    """Choose the settings of the next run.

    Args:
        pasts: runs of the same job in today's layout, the newest first.
        room: executors that there may be.
        objective: what counts; ``None``: change what makes nothing slower or dearer.
        price: of executors.
        today: the size of the next run without a change; ``None``: that of the newest run.
        others: runs of the same job in other layouts.
        input_bytes: of the next run, as it is listed; ``None``: nobody knows.
        most_tasks: how many tasks the search may play.
        distrust: why predictions of this job are not believed; empty where they are.
        contention: of the cluster; ``None`` where no job was run at two sizes.
        settled: keys that are not the past's to change: a profile enforces them, or somebody sets them.
    """
    good = [past for past in pasts if not useless(past)][:MOST_PASTS]
    if not good:
        return Advice("hold", _nothing(pasts), objective, ())
    newest = good[0]
    evidence = tuple(good)
    today = newest.sizing if today is None else today
    next_run = to_come(newest, input_bytes)
    seen = {} if next_run.said else measured(good, price)
    known = Known(next_run.basis, contention, price, too_small(pasts))
    now = seen.get(today) or option(known, today)
    counted_ones = [one for one in others if not why_not(one, newest)]
    held = distrust or noise(good) or next_run.why
    if held:
        return Advice("hold", held, objective, evidence, now, now)
    if bound := _settled(settled):
        kept = Choice("hold", bound, now)
        less = () if next_run.said else tuple(_less_memory(kept, newest, pasts, settled))
        return _advice(kept, less, evidence, objective, now, next_run.said)
    if too_soon := _too_soon(objective, next_run.basis, counted_ones, seen):
        return Advice("impossible", too_soon, objective, evidence, now, now)
    found = [one for one in search(known, seen, room, most_tasks) if one.sizing != today]
    elsewhere = [one for other in others for one in options_of(other, newest, contention, price, most_tasks)]
    evidence += tuple(past for other in counted_ones for past in other.good)
    choice = choose(now, [*found, *elsewhere], objective, gone=_gone(now, room, known.barred))
    if choice.decision == "impossible" and objective is not None:
        fastest = min(found, key=lambda one: one.time_s, default=now)
        choice = _nearer(choice, fastest, now, room, next_run.basis, objective.value or 0.0)
    if choice.decision == "impossible":
        why = f"{choice.why}; {_bounds(choice, room, next_run.basis, counted_ones)}"
        return Advice("impossible", why, objective, evidence, now, choice.chosen, (), choice.refused)
    changes = tuple(_changes(choice, newest, others))
    if not next_run.said:  # peaks are those of the input that was
        changes += tuple(_less_memory(choice, newest, pasts, settled))
    return _advice(choice, changes, evidence, objective, now, next_run.said)


def _settled(settled: Collection[str]) -> str:
    """Why the number of executors is not the past's to choose; empty where it is."""
    key = next((key for key in (*KEYS, TOTAL) if key in settled), None)
    return f"the profile enforces {key}, which stands above what earlier runs tell" if key else ""


def _too_soon(
    objective: Objective | None, basis: Basis, others: Sequence[OtherLayout], seen: Mapping[Sizing, Option]
) -> str:
    """Why no number of executors meets a deadline; empty where one may, or there is none."""
    if objective is None or objective.kind != "deadline":
        return ""
    floors = [basis.floor.seconds, *(one.good[0].basis.floor.seconds for one in others)]
    least = min([*floors, *(one.time_s for one in seen.values())])
    return f"{objective.text}: {_floor(basis)}" if least > (objective.value or 0) else ""


def _bounds(choice: Choice, room: Room, basis: Basis, others: Sequence[OtherLayout]) -> str:
    """What bounds the fastest size."""
    layout = choice.chosen.sizing.layout if choice.chosen else None
    for other in others:
        if other.layout == layout and other.room is not None:
            room, basis = other.room, other.good[0].basis
    bound = "there are" if room.bound else "one run tells of"
    return f"{bound} {counted(room.most, 'executor')} at most, and {_floor(basis)}"


def _gone(now: Option, room: Room, barred: TooSmall | None) -> str:
    """Why today's size is no choice; empty where it is one."""
    if now.sizing.most > room.most:
        return f"there is room for {counted(room.most, 'executor')}"
    return now.why if barred is not None and now.why == barred.why else ""


def _nearer(
    choice: Choice, fastest: Option, now: Option, room: Room, basis: Basis, deadline_s: float
) -> Choice:
    """A deadline that only growth from run to run may meet: as far as this run may go is nearer to it."""
    most = GROWTH * basis.executors
    if fastest.sizing.most < most or fastest.time_s >= now.time_s or _least_s(room, basis) > deadline_s:
        return choice
    why = f"{choice.why}; a size at most doubles from run to run: the next one tells of more"
    return replace(choice, decision="change", why=why, chosen=fastest)


def _least_s(room: Room, basis: Basis) -> float:
    """The least time with all executors that there are: the driver, and the work on all of their slots."""
    if not room.bound:
        return 0.0
    if room.most <= GROWTH * basis.executors:
        return math.inf
    work_ms = sum(sum(stage.durations) for stage in basis.model.stages)
    return basis.floor.driver_s + work_ms / 1000 / (room.most * basis.slots)


def _taken(choice: Choice) -> Sizing | None:
    """The size that is to be, where it is another one."""
    return choice.chosen.sizing if choice.decision == "change" and choice.chosen is not None else None


def _changes(choice: Choice, newest: Past, others: Sequence[OtherLayout]) -> Iterator[Change]:
    """The settings of a choice."""
    sizing = _taken(choice)
    if sizing is not None:
        yield from size_changes(newest, sizing, choice.why)
    like = [other.good[0] for other in others if sizing is not None and other.layout == sizing.layout]
    if like:
        yield from layout_changes(newest, like[0], choice.why)


def _less_memory(
    choice: Choice, newest: Past, pasts: Sequence[Past], settled: Collection[str]
) -> Iterator[Change]:
    """What of an executor's memory may be given back, where as many of them as were seen share the data."""
    sizing = _taken(choice)
    if sizing is not None:
        fewest = sizing.most if sizing.least is None else sizing.least
        if sizing.layout is not None or fewest < newest.basis.executors:
            return
    for step in memory_steps(newest.basis.trace, pasts):
        beside_the_heap = step.before is None and HEAP in settled
        if step.key not in settled and not beside_the_heap:
            yield Change(step.key, step.before, step.after, step.why)


def _advice(
    choice: Choice,
    changes: tuple[Change, ...],
    evidence: tuple[Past, ...],
    objective: Objective | None,
    now: Option,
    said: str,
) -> Advice:
    decision, why = choice.decision, f"{choice.why}; {said}" if said else choice.why
    if decision == "hold" and changes:
        decision, why = "change", f"{why}; memory alone changes: {changes[0].reason}"
    return Advice(decision, why, objective, evidence, now, choice.chosen, changes, choice.refused)


def _floor(basis: Basis) -> str:
    return f"no number of executors goes below {basis.floor.seconds:.1f} s (driver and critical path)"


def _nothing(pasts: Sequence[Past]) -> str:
    return useless(pasts[0]) if pasts else "no earlier run tells anything"
