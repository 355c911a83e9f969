"""A cluster that nobody described: what was asked is carried, and nothing is sized."""

from __future__ import annotations

from launcher.planning.delta import MOST_SNAPSHOT_TASKS, put_delta, put_jars
from launcher.planning.javaoptions import put_logging
from launcher.planning.place_settings import put_place, put_site
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Executors
from launcher.planning.settings_builder import SettingsBuilder


def plan_unsized(builder: SettingsBuilder, request: PlanRequest) -> Executors:
    """Decide what needs no sizes; the executors are those that somebody pinned."""
    pins = builder.pins
    put_place(builder, request.cluster, request.deploy_mode)
    put_delta(builder, request, MOST_SNAPSHOT_TASKS)
    put_logging(builder, request, request.deploy_mode)
    put_jars(builder, request)
    put_site(builder, request.cluster)
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
