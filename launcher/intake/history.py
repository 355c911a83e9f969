"""What earlier runs of the same job say about a plan: pins of origin history, below what somebody sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from launcher.advice.allocation.allocation_settings import allocation_settings
from launcher.advice.tuning.advise import Advice, tune
from launcher.advice.tuning.candidates import Room
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.past import Past, elastic
from launcher.advice.tuning.size_settings import TOTAL
from launcher.advice.tuning.sizing import INSTANCES, KEYS, Sizing
from launcher.advice.tuning.work_layout import Layout
from launcher.intake.asked import ABOVE, asked, asked_of, partitions
from launcher.intake.earlier_memory import memory_pins
from launcher.intake.earlier_runs import doubt, earlier_runs, pasts, same_job
from launcher.intake.known_contention import known_contention
from launcher.intake.other_layouts import is_laid_out_as
from launcher.planning.make import make_plan
from launcher.planning.plan_request import History, PlanRequest
from launcher.planning.result import Plan
from launcher.records.record import Record
from launcher.redact import masked
from launcher.spec.known_keys import todays
from launcher.spec.layer import Origin, Pin, resolve
from launcher.spec.objective import Objective

# A plan answers within a second; ``tune`` takes its time.
MOST_TASKS = 300_000


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


def told(request: PlanRequest, objective: Objective | None, start: Path, environ: Mapping[str, str]) -> Told:
    """Ask the runs of the same job: same name, content and target.

    Args:
        request: what is planned, without what the past says.
        objective: what executors are chosen by.
        start: absolute working folder.
        environ: tells where the runs are.
    """
    app, cluster = request.application, request.cluster
    if cluster.manager == "local" or cluster.nodes is None:
        return _nothing(objective, f"{cluster.name} has no executors to choose")
    if app.streaming:
        return _nothing(objective, "a stream takes as long as somebody lets it")
    records = same_job(earlier_runs(app, start, environ), app.name, cluster.name, app.content)
    found = pasts(records, environ)
    if not found:
        return _nothing(objective, f"no earlier run of {app.name} on {cluster.name} is known to choose by")
    plan = make_plan(request)
    today = Layout(plan.executors.cores, partitions(request.pins))
    same = [past for past in found if is_laid_out_as(past, today, plan)]
    alike = [past for past in same if past.asked == same[0].asked]
    own = [replace(past, partitions=today.partitions) for past in alike]
    held = _unlike(request, records, (own or found)[0], plan)
    held = held or ("" if own else _laid_out_otherwise(found[0], today, plan)) or _above(request)
    if held:
        return Told((), Advice("hold", held, objective, ()))
    others = {past.run_id for past in found} - {past.run_id for past in own}
    carried, size = _today([one for one in records if one.run_id not in others], plan, own[0])
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
    )
    if advice.decision == "impossible":  # the plan stays as it is, and so does what is predicted of it
        advice = replace(advice, chosen=advice.now)
    return Told((*_pins(advice, carried, own[0]), *memory_pins(advice, plan, own)), advice)


def _unlike(request: PlanRequest, records: Sequence[Record], newest: Past, plan: Plan) -> str:
    """Why the newest run is not like the next one; empty where it is."""
    for pin in asked(request.pins):
        if newest.basis.conf.get(pin.key) != pin.value:
            return f"{pin.place} sets {pin.key}={masked(pin.key, pin.value)}, which earlier runs did not have"
    return _dropped(records, newest, plan)


def _laid_out_otherwise(newest: Past, today: Layout, plan: Plan) -> str:
    keys = sorted({key for key, _ in (*newest.partitions, *today.partitions)})
    had, has = (
        Layout(cores, tuple((key, value) for key in keys if (value := values(key)) is not None))
        for cores, values in ((newest.basis.cores, newest.basis.conf.get), (today.cores, plan.value))
    )
    return f"earlier runs had {had.text}, this plan has {has.text}"


def _nothing(objective: Objective | None, why: str) -> Told:
    """Who asked for an objective hears that nothing was chosen by it."""
    if objective is None:
        return NOTHING_TOLD
    return Told((), Advice("hold", f"{objective.place} ({objective.text}): {why}", objective, ()))


def _dropped(records: Sequence[Record], newest: Past, plan: Plan) -> str:
    """What somebody set for a run, and not for this one; empty where nothing is missing."""
    record = next((one for one in records if one.run_id == newest.run_id), None)
    for key, value in asked_of(record) if record else ():
        now = plan.value(key)
        if now is None or masked(key, now) != value:
            return f"{newest.name} had {key}={value}, which this plan has not"
    return ""


def _today(records: Sequence[Record], plan: Plan, newest: Past) -> tuple[Mapping[str, str], Sizing]:
    """The size without a change, and its settings where they are history's and still fit."""
    carried = _carried(records)
    if carried:
        size = _size(carried, newest)
        if size.most <= plan.executors.room:
            return carried, size
    return {}, _size({setting.key: setting.value for setting in plan.settings}, newest)


def _carried(records: Sequence[Record]) -> dict[str, str]:
    """The size that the newest run had from history: it stays until there is reason to change it."""
    newest = next((record for record in records if record.plan), None)
    settings = (newest.plan or {}).get("settings", ()) if newest else ()
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
    spark = request.cluster.spark_version
    enforced = {todays(key, "", spark)[0] for key in request.cluster.enforced}
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
