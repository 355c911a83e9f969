"""From earlier runs of a job to the settings of the next: change, hold, or say that it cannot be. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.contention import Contention
from launcher.advice.prediction.inputs import with_input
from launcher.advice.prediction.predict import predict
from launcher.advice.tuning.candidates import GROWTH, MOST_TASKS, Room, candidates
from launcher.advice.tuning.choose import Choice, Decision, Option, Refused, choose
from launcher.advice.tuning.measured import corrected, corrections, measured
from launcher.advice.tuning.memory_steps import MemoryStep, memory_steps
from launcher.advice.tuning.past import Past, noise, useless
from launcher.advice.tuning.size_settings import (
    TRACKING_ON,
    Change,
    may_be_dynamic,
    needs_tracking,
    size_changes,
)
from launcher.advice.tuning.sizing import INITIAL, INSTANCES, Sizing
from launcher.advice.tuning.too_small import TooSmall, too_small
from launcher.records.history.trace import Trace
from launcher.spec.cluster import Price
from launcher.spec.objective import Objective
from launcher.spec.units import counted, human_bytes

# Of more runs the oldest say little of today, and pairs of them are many.
MOST_PASTS = 5
# Input that differs by less is the same; by more than this factor, other work.
LEAST_INPUT_CHANGE, MOST_INPUT_FACTOR = 0.05, 4.0
# Of the tasks' time, in stages whose rows nobody counted.
MOST_UNSCALED = 0.2


@dataclass(frozen=True)
class Advice:
    """An answer.

    Attributes:
        decision: change, hold or impossible.
        why: one sentence with its numbers.
        objective: what was asked.
        evidence: the runs that it rests on, the newest first.
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
    input_bytes: int | None = None,
    most_tasks: int = MOST_TASKS,
    distrust: str = "",
    contention: Contention | None = None,
) -> Advice:
    """Choose the settings of the next run.

    Args:
        pasts: runs of the same job, the newest first.
        room: executors that there may be.
        objective: what counts; ``None``: change what makes nothing slower or dearer.
        price: of executors.
        today: the size of the next run without a change; ``None``: that of the newest run.
        input_bytes: of the next run, as it is listed; ``None``: nobody knows.
        most_tasks: how many tasks the search may play.
        distrust: why predictions of this job are not believed; empty where they are.
        contention: of the cluster; ``None`` where no job was run at two sizes.
    """
    good = [past for past in pasts if not useless(past)][:MOST_PASTS]
    if not good:
        return Advice("hold", _nothing(pasts), objective, ())
    newest = good[0]
    evidence = tuple(good)
    today = newest.sizing if today is None else today
    to_come = _to_come(newest, input_bytes)
    seen = {} if to_come.said else measured(good, price)
    barred = too_small(pasts)

    def option(sizing: Sizing) -> Option:
        if barred is not None and sizing.most < barred.enough:
            return Option(sizing, None, why=barred.why)
        return _option(to_come.basis, sizing, contention, price)

    now = seen.get(today) or option(today)
    least = newest.basis.floor.seconds
    if objective is not None and objective.kind == "deadline" and least > (objective.value or 0):
        return Advice("impossible", f"{objective.text}: {_floor(newest)}", objective, evidence, now, now)
    held = distrust or noise(good) or to_come.why
    if held:
        return Advice("hold", held, objective, evidence, now, now)
    sizes = candidates(newest.basis.executors, _room(room, newest), newest.basis.model.tasks, most_tasks)
    known = corrections(seen, {sizing: _option(to_come.basis, sizing, contention, price) for sizing in seen})
    others = [one for sizing, one in seen.items() if sizing != today and sizing.most <= room.most]
    others += [corrected(option(sizing), known) for sizing in sizes if sizing != today and sizing not in seen]
    choice = choose(now, others, objective, gone=_gone(now, room, barred))
    if choice.decision == "impossible" and choice.chosen is not None and objective is not None:
        choice = _nearer(choice, choice.chosen, now, room, newest, objective.value or 0.0)
    if choice.decision == "impossible":
        bound = "there are" if room.bound else "one run tells of"
        why = f"{choice.why}; {bound} {counted(room.most, 'executor')} at most, and {_floor(newest)}"
        return Advice("impossible", why, objective, evidence, now, choice.chosen, (), choice.refused)
    steps = memory_steps(newest.basis.trace, pasts)
    return _advice(choice, newest, evidence, objective, now, steps, to_come.said)


def _gone(now: Option, room: Room, barred: TooSmall | None) -> str:
    """Why today's size is no choice; empty where it is one."""
    if now.sizing.most > room.most:
        return f"there is room for {counted(room.most, 'executor')}"
    return now.why if barred is not None and now.why == barred.why else ""


def _nearer(
    choice: Choice, fastest: Option, now: Option, room: Room, newest: Past, deadline_s: float
) -> Choice:
    """A deadline that only growth from run to run may meet: as far as this run may go is nearer to it."""
    most = GROWTH * newest.basis.executors
    if fastest.sizing.most < most or fastest.time_s >= now.time_s or _least_s(room, newest) > deadline_s:
        return choice
    why = f"{choice.why}; a size at most doubles from run to run: the next one tells of more"
    return replace(choice, decision="change", why=why)


def _least_s(room: Room, newest: Past) -> float:
    """The least time with all executors that there are: the driver, and the work on all of their slots."""
    if not room.bound:
        return 0.0
    if room.most <= GROWTH * newest.basis.executors:
        return math.inf
    work_ms = sum(sum(stage.durations) for stage in newest.basis.model.stages)
    return newest.basis.floor.driver_s + work_ms / 1000 / (room.most * newest.basis.slots)


@dataclass(frozen=True)
class _ToCome:
    """The newest run with the input of the next: why that does not tell; what was done to it, for people."""

    basis: Basis
    why: str = ""
    said: str = ""


def _to_come(newest: Past, input_bytes: int | None) -> _ToCome:
    before = newest.listed_bytes
    if input_bytes is None or not before or abs(input_bytes - before) <= LEAST_INPUT_CHANGE * before:
        return _ToCome(newest.basis)
    factor = input_bytes / before
    change = f"the input changes from {human_bytes(before)} to {human_bytes(input_bytes)}"
    if not 1 / MOST_INPUT_FACTOR <= factor <= MOST_INPUT_FACTOR:
        return _ToCome(newest.basis, f"{change}, too far from what was seen")
    scaled = with_input(newest.basis, factor)
    if scaled.unscaled_share > MOST_UNSCALED:
        names = ", ".join(scaled.unscaled[:3])
        share = f"{scaled.unscaled_share:.0%} of the work ({names}) tells no rows"
        return _ToCome(newest.basis, f"{change}, and {share}, so nobody can say how it follows")
    return _ToCome(scaled.basis, said=f"{change}, and stages take {factor:.2g} times their rows")


def _advice(
    choice: Choice,
    newest: Past,
    evidence: tuple[Past, ...],
    objective: Objective | None,
    now: Option,
    steps: Sequence[MemoryStep],
    said: str,
) -> Advice:
    changes = [Change(step.key, step.before, step.after, step.why) for step in steps]
    if choice.decision == "change" and choice.chosen is not None:
        changes = [*size_changes(newest, choice.chosen.sizing, choice.why), *changes]
    decision, why = choice.decision, f"{choice.why}; {said}" if said else choice.why
    if decision == "hold" and changes:
        decision, why = "change", f"{why}; memory alone changes: {changes[0].reason}"
    return Advice(decision, why, objective, evidence, now, choice.chosen, tuple(changes), choice.refused)


def _floor(newest: Past) -> str:
    floor = newest.basis.floor
    return f"no number of executors goes below {floor.seconds:.1f} s (driver and critical path)"


def _nothing(pasts: Sequence[Past]) -> str:
    return useless(pasts[0]) if pasts else "no earlier run tells anything"


def _room(room: Room, newest: Past) -> Room:
    """Executors may come and go where Spark lets them, with shuffle data only where no later job reads it."""
    trace = newest.basis.trace
    return replace(
        room,
        dynamic=room.dynamic and may_be_dynamic(newest.basis.conf, trace.spark),
        forgets_shuffles=room.forgets_shuffles and not reads_again(trace),
    )


def reads_again(trace: Trace) -> bool:
    """Whether a job used the shuffle data of an earlier one: it lists a stage that ran before."""
    ran: set[int] = set()
    there = {stage.id for stage in trace.stages}
    for job in trace.jobs:
        own = there.intersection(job.stages)
        if own & ran:
            return True
        ran |= own
    return False


def _option(basis: Basis, sizing: Sizing, known: Contention | None, price: Price | None) -> Option:
    conf = dict(basis.conf)
    if needs_tracking(conf, basis.trace.spark):
        conf[TRACKING_ON] = "true"
    found = predict(basis, case_of(sizing, conf), known, price)
    return Option(sizing, found.seconds, found.low, found.high, found.executor_seconds, found.cost, found.why)


def case_of(sizing: Sizing, conf: Mapping[str, str]) -> Case:
    """The question of a size; settings of the run that the size leaves alone stay."""
    if sizing.least is None:
        return Case(executors=sizing.most)
    # Spark starts with the larger of two settings (Utils.getDynamicAllocationInitialExecutors).
    start = sizing.settings[INITIAL]
    return Case(
        dynamic=Dynamic(sizing.least, sizing.most), conf={**conf, **sizing.settings, INSTANCES: start}
    )
