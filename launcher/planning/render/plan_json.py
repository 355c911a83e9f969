"""The JSON of a plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from launcher.planning.plan_request import History
from launcher.planning.result import Plan
from launcher.planning.setting import Setting
from launcher.redact import masked
from launcher.spec.finding import Finding
from sparkjobs.strategies import Strategy

VERSION = 1


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as one JSON document; values are strings, secrets are masked."""
    executors = plan.executors
    return {
        "v": VERSION,
        "job": plan.application.name,
        "target": plan.cluster.name,
        "settings": [setting_document(setting) for setting in plan.settings],
        "executors": {
            "min": executors.min,
            "initial": executors.initial,
            "max": executors.max,
            "cores": executors.cores,
            "heap_mib": executors.heap_mib,
            "overhead_mib": executors.overhead_mib,
            "per_node": executors.per_node,
        },
        "findings": [finding_document(finding) for finding in plan.findings],
        "strategies": [strategy_document(strategy) for strategy in plan.strategies],
        **({} if plan.history is None else {"history": history_document(plan.history)}),
    }


def setting_document(setting: Setting) -> dict[str, str]:
    """One setting."""
    return {
        "key": setting.key,
        "value": masked(setting.key, setting.value),
        "origin": setting.origin.value,
        "reason": setting.reason,
        "source": setting.source,
    }


def strategy_document(strategy: Strategy) -> dict[str, str]:
    """The way of one operator."""
    return {"operator": strategy.operator, "way": strategy.way, "reason": strategy.reason}


def history_document(history: History) -> dict[str, Any]:
    """What earlier runs said."""
    return {**asdict(history), "evidence": list(history.evidence)}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding of the linter."""
    return {**asdict(finding), "keys": list(finding.keys)}
