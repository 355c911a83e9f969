"""From everything that is known to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from launcher.planning.clustered import plan_cluster
from launcher.planning.delta import put_delta
from launcher.planning.gpusettings import put_explain
from launcher.planning.lint.check import check, in_order
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rules.rapids import RAPIDS_JAR
from launcher.planning.lint.rules.streams import MAX_LATENCY
from launcher.planning.local_run import plan_local
from launcher.planning.misfits import long_local_run, missed_objective
from launcher.planning.pinned import Pinned, pinned
from launcher.planning.place_settings import put_site
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Decided, Plan
from launcher.planning.setting import Setting
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.supported import require_supported
from launcher.planning.tracking import airflow_tracking
from launcher.planning.unsized import plan_unsized
from launcher.spec.finding import Finding
from launcher.spec.layer import repeated
from sparkjobs.errors import UsageError
from sparkjobs.strategies import strategies

ABOVE_LIMIT = "above-limit"


def make_plan(request: PlanRequest) -> Plan:
    """Decide every Spark setting, each with its reason. Pure: the same request gives the same plan.

    Args:
        request: the application, the cluster, what somebody pinned.

    Returns:
        The settings, the executors that they make, and what the linter finds in them.

    Raises:
        UsageError: pins, limits, versions or the cluster contradict each other.
    """
    pins = pinned(request.pins, request.cluster)
    builder = SettingsBuilder(pins, _without_pins(request))
    decided = _decided(builder, request)
    settings = builder.settings()
    misfits = (*decided.findings, *missed_objective(request.history), *airflow_tracking(pins))
    found = in_order((*misfits, *_findings(request, pins, settings)))
    _refuse_above_limits(pins, found)
    app = request.application
    ways = strategies({s.key: s.value for s in settings}, app.operators, app.strategy)
    return Plan(
        app, request.cluster, settings, decided.executors, found, decided.gpu, ways, request.history
    )  # fmt: skip


def _refuse_above_limits(pins: Pinned, findings: tuple[Finding, ...]) -> None:
    """The sizes that are worked out stay within the limits; what somebody set may not."""
    for finding in findings:
        if finding.id == ABOVE_LIMIT:
            named = [pin.place for key in finding.keys if (pin := pins.get(key))]
            places = f"{', '.join(dict.fromkeys(named))}: " if named else ""
            raise UsageError(f"{places}{finding.message}", finding.fix)


def _decided(builder: SettingsBuilder, request: PlanRequest) -> Decided:
    decided = _placed(builder, request)
    put_explain(builder)
    return decided


def _placed(builder: SettingsBuilder, request: PlanRequest) -> Decided:
    if request.cluster.manager != "local" and request.cluster.nodes is None:
        return Decided(plan_unsized(builder, request))
    if request.cluster.manager != "local":
        return plan_cluster(builder, request)
    require_supported(request, builder.pins, rapids=False)
    executors = plan_local(builder, request)
    put_delta(builder, request, executors.cores)
    put_site(builder, request.cluster)
    app = request.application
    # What lies there already says little of a stream.
    long = () if app.streaming else tuple(long_local_run(app.input, executors.cores))
    return Decided(executors, findings=long)


def _without_pins(request: PlanRequest) -> Mapping[str, Setting]:
    """What the plan would be if nobody had pinned anything; nothing when it would not be possible."""
    if not request.pins and not request.cluster.enforced:
        return {}
    free = replace(request, pins=(), cluster=msgspec.structs.replace(request.cluster, enforced={}))
    builder = SettingsBuilder(pinned((), free.cluster))
    try:
        _decided(builder, free)
    except UsageError:
        return {}
    return {setting.key: setting for setting in builder.settings()}


def _facts(request: PlanRequest) -> Mapping[str, str]:
    """What the linter is told beside settings."""
    latency = request.application.max_latency
    return {
        **({} if request.rapids_jar is None else {RAPIDS_JAR: request.rapids_jar}),
        **({} if latency is None else {MAX_LATENCY: latency}),
    }


def _findings(request: PlanRequest, pins: Pinned, settings: tuple[Setting, ...]) -> tuple[Finding, ...]:
    configuration = Configuration(
        values={setting.key: setting.value for setting in settings},
        versions=request.versions,
        places={pin.key: pin.place for pin in pins},
        cluster=request.cluster,
        facts=_facts(request),
        repeated=repeated({pin.key: pin for pin in pins}),
        renamed={pin.old_key: pin.key for pin in pins if pin.old_key},
    )
    return check(configuration)
