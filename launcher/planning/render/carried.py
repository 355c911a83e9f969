"""A plan that is handed to somebody else: with the code that the cluster needs, and without secrets. Pure."""

from __future__ import annotations

from dataclasses import replace

from launcher.planning.result import Plan
from launcher.planning.setting import Group, Setting
from launcher.redact import holds_secret
from launcher.spec.layer import Origin

PY_FILES = "spark.submit.pyFiles"


def with_py_files(plan: Plan, value: str) -> Plan:
    """The plan with ``spark.submit.pyFiles`` set, as ``sparkjob run`` sets it for jobs on clusters."""
    there = next((setting for setting in plan.settings if setting.key == PY_FILES), None)
    if there is not None:
        settings = tuple(replace(s, value=value) if s is there else s for s in plan.settings)
        return replace(plan, settings=settings)
    why = "the jobs' own code, which driver and executors import"
    source, group = "Spark: Python Package Management", Group.PLACE.value
    added = Setting(PY_FILES, value, Origin.COMPUTED, why, source, group)
    number = sum(1 for setting in plan.settings if setting.group == group)
    return replace(plan, settings=(*plan.settings[:number], added, *plan.settings[number:]))


def secrets(plan: Plan) -> tuple[str, ...]:
    """The keys whose values are left out of what others can read."""
    return tuple(s.key for s in plan.settings if holds_secret(s.key, s.value))
