"""A cluster that nobody described: what was asked is carried, and nothing is sized."""

from __future__ import annotations

from launcher.planning.delta import MOST_SNAPSHOT_TASKS, put_delta, put_jars
from launcher.planning.logging import put_logging
from launcher.planning.place import put_place
from launcher.planning.request import PlanRequest
from launcher.planning.result import Executors
from launcher.planning.sheet import Sheet
from launcher.planning.site import put_site


def plan_unsized(sheet: Sheet, request: PlanRequest) -> Executors:
    """Decide what needs no sizes; the executors are those that somebody pinned."""
    pins = sheet.pins
    put_place(sheet, request.cluster, request.deploy_mode)
    put_delta(sheet, request, MOST_SNAPSHOT_TASKS)
    put_logging(sheet, request, request.deploy_mode)
    put_jars(sheet, request)
    put_site(sheet, request.cluster)
    count = pins.number("spark.executor.instances", least=0) or 0
    return Executors(
        min=pins.number("spark.dynamicAllocation.minExecutors", least=0) or count,
        initial=count,
        max=pins.number("spark.dynamicAllocation.maxExecutors", least=0) or count,
        cores=pins.number("spark.executor.cores") or 0,
        heap_mib=pins.mib("spark.executor.memory") or 0,
        overhead_mib=pins.mib("spark.executor.memoryOverhead") or 0,
        per_node=0,
    )
