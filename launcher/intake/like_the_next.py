"""Which earlier runs of a job tell of its next one: those that were laid out and set alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from launcher.advice.tuning.past import RAPIDS, Past
from launcher.advice.tuning.work_layout import Layout
from launcher.intake.asked import asked, asked_of, partitions
from launcher.intake.other_layouts import gpus_text, is_laid_out_as
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Plan
from launcher.records.record import Record
from launcher.redact import masked


def like_the_next(
    found: Sequence[Past], records: Sequence[Record], request: PlanRequest, plan: Plan
) -> tuple[list[Past], str]:
    """The runs that were laid out and set as the next one will be; and why none was.

    Args:
        found: runs of the same job, the newest first; at least one.
        records: theirs.
        request: what is planned, without what the past says.
        plan: made of it.
    """
    today = Layout(plan.executors.cores, partitions(request.pins))
    laid = [past for past in found if is_laid_out_as(past, today, plan)]
    if not laid:
        return [], _laid_out_otherwise(found[0], today, plan)
    by_id = {record.run_id: record for record in records}
    whys = [_unlike(past, by_id[past.run_id or ""], request, plan) for past in laid]
    own = [past for past, why in zip(laid, whys, strict=True) if not why]
    return [replace(past, partitions=today.partitions) for past in own], "" if own else whys[0]


def _unlike(past: Past, record: Record, request: PlanRequest, plan: Plan) -> str:
    """Why a run was not like the next one; empty where it was.

    Plan is held against plan: in its log Spark tells some settings in other words, such as
    ``spark.driver.extraJavaOptions`` and ``spark.jars``.
    """
    had = {one.get("key"): one.get("value") for one in (record.plan or {}).get("settings", ())}
    for pin in asked(request.pins):
        now = masked(pin.key, plan.value(pin.key) or pin.value)
        if now not in (had.get(pin.key), past.basis.conf.get(pin.key)):
            return f"{pin.place} sets {pin.key}={now}, which earlier runs did not have"
    for key, value in asked_of(record):
        planned = plan.value(key)
        if planned is None or masked(key, planned) != value:
            return f"{past.name} had {key}={value}, which this plan has not"
    on_gpus = plan.executors.gpus > 0 or RAPIDS in (plan.value("spark.plugins") or "")
    if past.on_gpus != on_gpus:
        return f"{past.name} had {gpus_text(past.on_gpus)}, this plan has {gpus_text(on_gpus)}"
    return ""


def _laid_out_otherwise(newest: Past, today: Layout, plan: Plan) -> str:
    keys = sorted({key for key, _ in (*newest.partitions, *today.partitions)})
    had, has = (
        Layout(cores, tuple((key, value) for key in keys if (value := values(key)) is not None))
        for cores, values in ((newest.basis.cores, newest.basis.conf.get), (today.cores, plan.value))
    )
    return f"earlier runs had {had.text}, this plan has {has.text}"
