"""What earlier runs of the same job say about a plan: pins of origin history, below what somebody sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from launcher.advice.allocation.allocation_settings import INSTANCES, allocation_settings
from launcher.advice.tuning.advise import MOST_PASTS, Advice, tune
from launcher.advice.tuning.candidates import GROWTH, Room
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.past import Past, elastic
from launcher.advice.tuning.size_settings import TOTAL
from launcher.advice.tuning.sizing import KEYS, Sizing
from launcher.advice.tuning.work_layout import PARTITION_KEYS
from launcher.intake.asked import ABOVE
from launcher.intake.earlier_memory import memory_pins
from launcher.intake.earlier_runs import doubt, newest_of, pasts, same_job
from launcher.intake.known_contention import known_contention
from launcher.intake.like_the_next import like_the_next
from launcher.planning.make import make_plan
from launcher.planning.plan_request import History, PlanRequest
from launcher.planning.result import Plan
from launcher.records.record import Record
from launcher.spec.config.layers import enforced_keys
from launcher.spec.layer import Origin, Pin, resolve
from launcher.spec.objective import Objective
from sparkjobs.errors import UsageError

# A plan answers soon; ``tune`` takes its time.
MOST_TASKS = 300_000
# Logs that are read where the newest runs were trials.
MOST_LOOKED_AT = 15


@dataclass(frozen=True)
class Told:
    """What the past says.

    Attributes:
        pins: settings of origin history.
        advice: why; ``None`` where there is no past, or nobody asked.
    """

    pins: tuple[Pin, ...] = ()
    advice: Advice | None = None

    @property
    def summary(self) -> History | None:
        """For the plan; ``None`` where there is no past."""
        if self.advice is None:
            return None
        found = History(self.advice.decision, self.advice.why, tuple(p.name for p in self.advice.evidence))
        return found if self.advice.chosen is None else replace(found, **_numbers(self.advice.chosen))


NOTHING_TOLD = Told()


def _numbers(chosen: Option) -> dict[str, Any]:
    return {
        "size": chosen.sizing.text,
        **{name: _rounded(getattr(chosen, name)) for name in ("seconds", "low", "high", "executor_seconds")},
        "cost": _rounded(chosen.cost, 6),
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def told(request: PlanRequest, objective: Objective | None, environ: Mapping[str, str]) -> Told:
    """Ask the runs of the same job: same name, content and target.

    Args:
        request: what is planned, without what the past says.
        objective: what executors are chosen by.
        environ: tells where the runs are.
    """
    app, cluster = request.application, request.cluster
    if cluster.manager == "local" or cluster.nodes is None:
        return _nothing(objective, f"{cluster.name} has no executors to choose")
    if app.streaming:
        return _nothing(objective, "a stream takes as long as somebody lets it")
    records = same_job(newest_of(app.name, environ), app.name, cluster.name, app.content)
    found = pasts(records, environ)
    if not found:
        return _nothing(objective, f"no earlier run of {app.name} on {cluster.name} is known to choose by")
    plan = make_plan(request)
    own, unlike = like_the_next(found, records, request, plan)
    if not own:  # the newest were trials
        found = pasts(records, environ, MOST_LOOKED_AT)
        own = like_the_next(found, records, request, plan)[0][:MOST_PASTS]
        unlike = "" if own else unlike
    held = _above(request) or unlike
    if held:
        return Told((), Advice("hold", held, objective, ()))
    alike = {past.run_id for past in own}
    same = [one for one in records if one.run_id in alike or _has_size(one)]
    carried, size = _today(same, plan, own[0], app.input.size_bytes)
    advice = tune(
        own,
        Room(plan.executors.room, f"room on {cluster.name}"),
        objective,
        cluster.price,
        today=size,
        input_bytes=app.input.size_bytes,
        most_tasks=MOST_TASKS,
        contention=known_contention(cluster.name, own, environ),
        distrust=doubt(records, environ),
        settled=_settled(request),
    )
    if advice.decision == "impossible":  # the plan stays as it is, and so does what is predicted of it
        advice = replace(advice, chosen=advice.now)
    pins = (*_pins(advice, carried, own[0]), *memory_pins(advice, plan, own, cluster))
    return _fitting(request, plan, pins, advice)


def _fitting(request: PlanRequest, plan: Plan, pins: tuple[Pin, ...], advice: Advice) -> Told:
    """What the past tells where a plan can be made with it.

    Partitions that the plan computes from its slots stay as they would be without the past: the runs that
    predictions rest on were cut by them.
    """
    try:
        made = make_plan(replace(request, pins=(*request.pins, *pins)))
    except UsageError as error:
        why = f"what earlier runs tell does not fit: {error.message}"
        return Told((), Advice("hold", why, advice.objective, advice.evidence))
    kept = [(key, value) for key in PARTITION_KEYS if (value := plan.value(key)) != made.value(key) and value]
    why = "as without what earlier runs say of executors: what they tell is of tasks that were cut so"
    place = pins[0].place if pins else ""
    return Told((*pins, *(Pin(key, value, Origin.HISTORY, place, why=why) for key, value in kept)), advice)


def _settled(request: PlanRequest) -> frozenset[str]:
    """The keys that stand above what earlier runs tell."""
    set_ones = {pin.key for pin in resolve(request.pins).values() if pin.origin in ABOVE}
    return enforced_keys(request.cluster) | set_ones


def _nothing(objective: Objective | None, why: str) -> Told:
    """Who asked for an objective hears that nothing was chosen by it."""
    if objective is None:
        return NOTHING_TOLD
    return Told((), Advice("hold", f"{objective.place} ({objective.text}): {why}", objective, ()))


def _today(
    records: Sequence[Record], plan: Plan, newest: Past, input_bytes: int | None
) -> tuple[Mapping[str, str], Sizing]:
    """The size without a change, and its settings where they are history's and still fit."""
    carried = _carried(records)
    if carried and not _other_work(newest.listed_bytes, input_bytes):
        size = _size(carried, newest)
        if size.most <= plan.executors.room:
            return carried, size
    return {}, _size({setting.key: setting.value for setting in plan.settings}, newest)


def _other_work(before: int | None, now: int | None) -> bool:
    """Whether the input is so much more or less that no size stays for it."""
    return bool(before and now) and not 1 / GROWTH <= (now or 1) / (before or 1) <= GROWTH


def _has_size(record: Record) -> bool:
    """Whether earlier runs told the size of a run: such a one was no trial of another size."""
    return bool(_size_of_history(record))


def _carried(records: Sequence[Record]) -> dict[str, str]:
    """The size that the newest run had from history: it stays until there is reason to change it."""
    newest = next((record for record in records if record.plan), None)
    return _size_of_history(newest) if newest else {}


def _size_of_history(record: Record) -> dict[str, str]:
    settings = (record.plan or {}).get("settings", ())
    return {
        setting["key"]: setting["value"]
        for setting in settings
        if setting.get("origin") == Origin.HISTORY.value and setting.get("key") in KEYS
    }


def _size(settings: Mapping[str, str], newest: Past) -> Sizing:
    own = allocation_settings(settings, newest.basis.trace.spark)
    if own is not None:
        return elastic(own)
    count = settings.get(INSTANCES, "")
    return Sizing(int(count)) if count.isdecimal() else newest.sizing


def _above(request: PlanRequest) -> str:
    """Who sets the number of executors, so that the past has no say; empty where nobody does."""
    resolved = resolve(request.pins)
    enforced = enforced_keys(request.cluster)
    for key in (*KEYS, TOTAL):
        pin = resolved.get(key)
        if pin is not None and pin.origin in ABOVE:
            return f"{pin.place} sets {key}, which stands above what earlier runs tell"
        if key in enforced:
            return f"the profile enforces {key}, which stands above what earlier runs tell"
    return ""


def _pins(advice: Advice, carried: Mapping[str, str], newest: Past) -> Iterator[Pin]:
    place = advice.evidence[0].name if advice.evidence else newest.name
    same = advice.chosen is None or advice.now is None or advice.chosen.sizing == advice.now.sizing
    settings = carried if same or advice.chosen is None else advice.chosen.sizing.settings
    for key, value in settings.items():
        yield Pin(key, value, Origin.HISTORY, place, why=advice.why)
