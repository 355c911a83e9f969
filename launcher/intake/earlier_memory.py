"""Memory that earlier runs of a job proved or gave back, as settings of its next plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from launcher.advice.tuning.advise import Advice
from launcher.advice.tuning.memory_steps import HEAP, OVERHEAD, spilled
from launcher.advice.tuning.past import Past, alike
from launcher.planning.make import make_plan
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Plan
from launcher.records.learnt_memory import CORES, Learned, may_be
from launcher.spec.cluster import Cluster
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import size_mib
from sparkjobs.errors import UsageError


def still_enough(found: Sequence[Learned], request: PlanRequest) -> Iterator[Pin]:
    """What runs proved; of an input that has grown since only what is more than the plan would take.

    Args:
        found: what they proved.
        request: of the plan without it.
    """
    plan = _plan_without(request) if any(one.outgrown for one in found) else None
    for one in found:
        planned = None if plan is None or one.pin.key == CORES else plan.value(one.pin.key)
        if not one.outgrown or planned is None or size_mib(one.pin.value) > size_mib(planned):
            yield one.pin


def _plan_without(request: PlanRequest) -> Plan | None:
    """The plan; ``None`` where there is none without what runs proved."""
    try:
        return make_plan(request)
    except UsageError:
        return None


def memory_pins(advice: Advice, plan: Plan, found: Sequence[Past], cluster: Cluster) -> Iterator[Pin]:
    """One step down from what the plan would take, where the run had as much; back where less made it spill.

    Args:
        advice: with the steps.
        plan: what it would be without them; what earlier steps proved is in it.
        found: the runs, the newest first.
        cluster: what its profile enforces, or no longer allows, is left out.
    """
    return (pin for pin in _memory_pins(advice, plan, found) if may_be(pin, cluster))


def _memory_pins(advice: Advice, plan: Plan, found: Sequence[Past]) -> Iterator[Pin]:
    place = (advice.evidence or found)[0].name
    steps = {change.key: change for change in advice.changes if change.key in (HEAP, OVERHEAD)}
    taken = {
        key: step
        for key, step in steps.items()
        if step.after is not None and step.before is not None and step.before == plan.value(key)
    }
    for key, step in taken.items():
        yield Pin(key, step.after or "", Origin.HISTORY, place, why=step.reason)
    beside = plan.value(OVERHEAD)
    if HEAP in taken and OVERHEAD not in taken and beside is not None:
        # The plan reckons a part of it by the heap: a smaller heap would take it from Python.
        yield Pin(OVERHEAD, beside, Origin.HISTORY, place, why="as much as beside the larger heap")
    yield from _back(plan, found)


def _back(plan: Plan, found: Sequence[Past]) -> Iterator[Pin]:
    """The heap of an earlier run that did not spill, where the newest had less and did."""
    newest, planned = found[0], plan.value(HEAP)
    if planned is None or newest.basis.conf.get(HEAP) != planned or not spilled(newest.basis.trace):
        return
    for past in found[1:]:
        had = past.basis.conf.get(HEAP, planned)
        if past.succeeded and alike(past, newest) and not spilled(past.basis.trace):
            if size_mib(had) > size_mib(planned):
                why = f"{newest.name} spilled with a heap of {planned}, {past.name} with {had} did not"
                yield Pin(HEAP, had, Origin.HISTORY, past.name, why=why)
            return
