"""Runs of a project that ended before the plan of a test."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from launcher.advice.allocation.allocation_settings import INSTANCES
from launcher.advice.tuning.sizing import KEYS
from launcher.planning.result import Plan
from launcher.records.history.kept_files import keep
from launcher.records.history.trace import Peaks, Trace
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root
from launcher.spec.layer import Origin
from launcher.spec.objective import max_slowdown
from tests.unit.advice.tuning.made_runs import skewed, traced
from tests.unit.intake.asking import Project

SCRIPT = "print()"
SIX = """manager: standalone
address: spark://host:7077
nodes: {count: 6, cores: 1, memory: 2g}
"""
LARGE = SIX.replace("memory: 2g", "memory: 16g")
TENTH = max_slowdown("10%", "--max-slowdown")
HEAP, OVERHEAD = "spark.executor.memory", "spark.executor.memoryOverhead"
# What a run does that needs little of its memory.
FRUGAL = Peaks(heap=1 << 33, unified=1 << 27)


def ran(
    project: Project, number: int = 1, model: Any = None, count: int = 6, job: str = "etl", **given: Any
) -> str:
    """A run of ``etl.py`` that ended, with what is kept of its log; its id."""
    run_id = f"2026010{number}T000000Z-{job}-0000000{number}"
    folder = Store(runs_root(project.environ)).folder(run_id)
    script = str(project.folder / "etl.py")
    record = Record(
        **{
            "run_id": run_id, "job": job, "target": "mine", "manager": "standalone",
            "state": State.SUCCEEDED, "host": "h", "log": str(folder.log), "script": script,
            "content": sha256(SCRIPT.encode()).hexdigest(), **given,
        }
    )  # fmt: skip
    folder.create(record)
    assert keep(folder, traced(model or skewed(), count)) is None
    return run_id


def kept(
    project: Project, run_id: str, trace: Trace, peaks: Peaks | None = None, **given: str | None
) -> None:
    """Keep another log for a run, with these settings; ``__`` stands for a point."""
    conf = {key.replace("__", "."): value for key, value in given.items() if value is not None}
    trace = replace(trace, conf={**(trace.conf or {}), **conf})
    if peaks is not None:
        trace = replace(trace, peaks={one.id: peaks for one in trace.executors})
    assert keep(Store(runs_root(project.environ)).folder(run_id), trace) is None


def by(origin: str, **given: str) -> dict[str, Any]:
    """A plan whose settings were set by somebody; ``__`` stands for a point."""
    keys = {key.replace("__", "."): value for key, value in given.items()}
    return {"settings": [{"key": key, "value": value, "origin": origin} for key, value in keys.items()]}


def of_history(executors: int) -> dict[str, Any]:
    """A plan whose size earlier runs told."""
    return by("history", spark__dynamicAllocation__enabled="false", **{INSTANCES: str(executors)})


def sized(plan: Plan, origin: Origin = Origin.HISTORY) -> dict[str, str]:
    return {one.key: one.value for one in plan.settings if one.key in KEYS and one.origin is origin}
