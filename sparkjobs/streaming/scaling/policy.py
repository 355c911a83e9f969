"""From what batches took to how many executors there shall be. Pure.

Spark's own loop watches waiting tasks: a stream has some at every trigger, so it grows and never
shrinks. This one watches how long a batch takes against how long it may take. It grows at once, to
what the measured cost of a row says, and gives back late, what has not been needed for a while.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median

from sparkjobs.streaming.scaling.cost import Cost, measured
from sparkjobs.streaming.scaling.events import Batch, Decision, Event
from sparkjobs.streaming.scaling.memory import KNOWN, Memory, Shrunk, remembered
from sparkjobs.streaming.scaling.need import Load, needed, settled_seconds
from sparkjobs.streaming.scaling.rate import Rate, rate_of
from sparkjobs.streaming.scaling.rules import GROW_AT, SHRINK_TO, Rules
from sparkjobs.streaming.scaling.wording import in_words, seconds

_COLD_S = 20.0
# Of what a batch may take, what the first start is taken to cost until one has shown it.
_UNKNOWN_START = 0.25
# Of a batch, the part during which its tasks ran, from which on more executors would have helped it.
_BY_TASKS = 0.5
# What had to be undone is not tried again for an hour, unless so much less arrives than then.
_REMEMBERED_S = 3600.0
_OTHER_LOAD = 0.6
_MORE, _UNDONE = 1.5, 3


@dataclass(frozen=True)
class _Seen:
    """What is known at this moment."""

    at: float
    cost: Cost
    rate: Rate
    load: Load


def begin(rules: Rules, start: int) -> Memory:
    """Before the first batch.

    Args:
        rules: bounds and objective.
        start: executors to begin with; taken into the bounds.
    """
    return Memory(min(rules.most, max(rules.least, start)))


def decide(rules: Rules, memory: Memory, event: Event) -> tuple[Memory, Decision]:
    """What follows from one more event.

    Args:
        rules: bounds and objective.
        memory: as the decision before left it.
        event: what happened.
    """
    memory = remembered(memory, event)
    seen = _seen(rules, memory, event)
    # The first batch alone says too much to grow by. What is more than even it asks for is given back.
    first = memory.runs <= 1
    if seen is None or (first and event.running):
        return _unmeasured(rules, memory, event)
    extra = 0.0 if _waits_for_what_came(rules, memory, event.at) else _start_costs_s(rules, memory)
    least = needed(seen.cost, seen.load, rules, GROW_AT, extra)
    # Of what arrives usually: one look with many rows is a reason to grow, and none to stay for long.
    usual = replace(seen.load, rate=seen.rate.usual_ahead(rules.ahead_s))
    enough = (seen.at, max(least, needed(seen.cost, usual, rules, SHRINK_TO, extra)))
    recent = (item for item in memory.enough if item[0] > seen.at - rules.window_s)
    memory = replace(
        memory,
        judged_since=seen.at if memory.judged_since is None else memory.judged_since,
        enough=(*recent, enough),
        shrunk=memory.shrunk and _risen(memory.shrunk, seen.rate.level),
        undone=tuple(_risen(one, seen.rate.level) for one in memory.undone),
    )
    if least > memory.target and not first:
        return _grow(rules, memory, seen, least, extra)
    return _perhaps_shrink(rules, memory, seen, running=event.running)


def _unmeasured(rules: Rules, memory: Memory, event: Event) -> tuple[Memory, Decision]:
    """Before a second batch has ended: twice as many for each trigger that a batch runs on.

    A first batch may take its time for all that starts with it, so it is waited for. Where none comes at all,
    executors are given back.
    """
    came = event.running or event.waiting or (event.batch and event.batch.rows)
    if not came and not any(look.rows for look in event.arrived):
        return _silent(rules, memory, event)
    target = min(rules.most, 2 * memory.target)
    begun = event.at if memory.begun is None else memory.begun
    if not event.running or target == memory.target or event.at - begun < _cold_s(memory.first):
        return memory, Decision(memory.target, "nothing is measured yet", changed=False)
    reason = "nothing is measured yet, and a batch runs longer than a trigger: twice as many"
    return replace(memory, target=target, since=event.at), Decision(target, reason, changed=True)


def _cold_s(first: Batch | None) -> float:
    """For how long a batch is waited for: longer where the first one was not waiting for its tasks."""
    if first is None or first.work is None or first.work >= _BY_TASKS * first.seconds * first.executors:
        return _COLD_S
    return 2 * _COLD_S


def _silent(rules: Rules, memory: Memory, event: Event) -> tuple[Memory, Decision]:
    """Nothing comes, and nothing is measured."""
    target = max(rules.least, -(-memory.target // 2))
    held = event.at - (event.at if memory.since is None else memory.since)
    if target == memory.target or held < rules.window_s:
        return memory, Decision(memory.target, "nothing has come", changed=False)
    reason = f"nothing has come for {held:.0f} s"
    return replace(memory, target=target, since=event.at), Decision(target, reason, changed=True)


def _seen(rules: Rules, memory: Memory, event: Event) -> _Seen | None:
    cost = measured(memory.batches)
    rate = rate_of(memory.looks, rules.window_s)
    if cost is None or rate is None:
        return None
    # What comes until an executor is there, and a while after that: one load does not start two in a row.
    expected = rate.ready_for(rules.start_s, rules.start_s + rules.window_s)
    return _Seen(event.at, cost, rate, Load(expected, event.waiting))


def _start_costs_s(rules: Rules, memory: Memory) -> float:
    return median(memory.starts) if memory.starts else _UNKNOWN_START * rules.batch_s


def _grow(rules: Rules, memory: Memory, seen: _Seen, target: int, extra_s: float) -> tuple[Memory, Decision]:
    if len(memory.batches) < KNOWN:
        # Batches of a run that has just begun take longer than later ones: they are believed half.
        target = min(target, 2 * memory.target)
        if _waits_for_what_came(rules, memory, seen.at):
            reason = f"{memory.target} were decided just now, and no batch has shown yet what they do"
            return memory, Decision(memory.target, reason, changed=False)
    now = in_words(rules, seen.cost, seen.rate, seen.load, memory.target)
    then = seconds(settled_seconds(seen.cost, seen.load, rules, target))
    # Without regard to what a start costs there would be no need yet.
    early = needed(seen.cost, seen.load, rules, GROW_AT) <= memory.target
    above = (
        f"and a start may take {seconds(extra_s)} more" if early else f"above {GROW_AT:.0%} of what it may"
    )
    reason = f"{now}, {above}; on {target} it takes {then}"
    undone, shrunk = memory.undone, memory.shrunk
    if shrunk is not None and memory.target == shrunk.to:
        undone, shrunk = (*undone, replace(shrunk, undone_at=seen.at))[-_UNDONE:], None
    memory = replace(memory, target=target, since=seen.at, shrunk=shrunk, undone=undone)
    return memory, Decision(target, reason, changed=True)


def _waits_for_what_came(rules: Rules, memory: Memory, at: float) -> bool:
    """Whether no batch was measured since the last change, which is not long ago."""
    if memory.since is None or memory.measured_at is None:
        return False
    return memory.measured_at <= memory.since and at - memory.since < rules.window_s


def _perhaps_shrink(rules: Rules, memory: Memory, seen: _Seen, *, running: bool) -> tuple[Memory, Decision]:
    # Half of them at most at once: predictions far from what was measured err most.
    target = max(-(-memory.target // 2), rules.least, *(number for _, number in memory.enough))
    tried = max((one for one in memory.undone if _in_vain(one, seen)), key=lambda one: one.to, default=None)
    if target < memory.target and tried is not None and target < _enough_after(tried):
        ago = f"{seen.at - tried.at:.0f} s ago, at {tried.rate:.4g} rows/s"
        why, target = f"{target} would do, but {tried.to} were too few {ago}", _enough_after(tried)
    else:
        why = in_words(rules, seen.cost, seen.rate, seen.load, memory.target)
    if target >= memory.target:
        return memory, Decision(memory.target, why, changed=False)
    against = "a batch runs" if running else _against(rules, memory, seen)
    if against:
        return memory, Decision(memory.target, f"{target} would do, but {against}", changed=False)
    level = seen.rate.level
    words = in_words(rules, seen.cost, seen.rate, seen.load, target)
    reason = f"{words}, and no more than {target} were needed for {rules.window_s:.0f} s"
    memory = replace(memory, target=target, since=seen.at, shrunk=Shrunk(seen.at, level, level, target))
    return memory, Decision(target, reason, changed=True)


def _against(rules: Rules, memory: Memory, seen: _Seen) -> str:
    """Why nothing is given back now; empty when nothing stands against it."""
    if seen.load.waiting:
        return f"batches wait ({len(seen.load.waiting)})"
    held = seen.at - (seen.at if memory.since is None else memory.since)
    if held < rules.window_s:
        return f"{memory.target} were decided {held:.0f} s ago, and stay for {rules.window_s:.0f} s"
    judged = seen.at - (seen.at if memory.judged_since is None else memory.judged_since)
    if judged < rules.window_s:
        return f"what is enough is known for {judged:.0f} s only, of {rules.window_s:.0f} s"
    return ""


def _risen(shrunk: Shrunk, rate: float) -> Shrunk:
    return replace(shrunk, peak=max(shrunk.peak, rate))


def _enough_after(tried: Shrunk) -> int:
    """Executors that are believed to be enough where so many were too few: half more than one more."""
    return math.ceil(_MORE * (tried.to + 1))


def _in_vain(before: Shrunk, seen: _Seen) -> bool:
    """What was given back had to be asked for again although about as much arrived, and does now."""
    if before.undone_at is None or seen.at - before.undone_at >= _REMEMBERED_S:
        return False
    return min(before.rate, seen.rate.level) >= _OTHER_LOAD * max(before.peak, before.rate)
