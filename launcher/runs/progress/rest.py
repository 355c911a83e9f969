"""Figures of a running driver, from Spark's REST API."""

from __future__ import annotations

from typing import Any

import msgspec

from launcher.records.figures import Figures

# Progress is worth no waiting: a driver that is busy is asked again later.
TIMEOUT_S = 2.0
_TARGET = "ExecutorAllocationManager.executors.numberTargetExecutors"


class _Stage(msgspec.Struct, rename="camel"):
    stage_id: int
    num_tasks: int
    num_complete_tasks: int


class _Executor(msgspec.Struct, rename="camel"):
    id: str
    is_active: bool = True
    total_cores: int = 0


class _Gauge(msgspec.Struct):
    value: Any = None


class _Metrics(msgspec.Struct):
    gauges: dict[str, _Gauge] = {}


def figures(ui: str, application_id: str, timeout_s: float = TIMEOUT_S) -> Figures | None:
    """Ask a driver; ``None`` when it does not answer, or is not ours.

    Args:
        ui: address of its pages, such as ``http://127.0.0.1:4040``, or of YARN's proxy before them.
        application_id: Spark's id.
        timeout_s: for each of three requests.
    """
    api = f"{ui.rstrip('/')}/api/v1/applications/{application_id}"
    stages = _get(f"{api}/stages?status=active", list[_Stage], timeout_s)
    executors = _get(f"{api}/executors", list[_Executor], timeout_s)
    if stages is None or executors is None:
        return None
    metrics = _get(f"{ui.rstrip('/')}/metrics/json/", _Metrics, timeout_s)
    return combine(stages, executors, metrics)


def combine(stages: list[_Stage], executors: list[_Executor], metrics: _Metrics | None) -> Figures:
    """The figures of the three answers."""
    alive = [executor for executor in executors if executor.is_active]
    apart = [executor for executor in alive if executor.id != "driver"]
    local = any(executor.id == "driver" and executor.total_cores for executor in alive)
    return Figures(
        stages=tuple(sorted(stage.stage_id for stage in stages)),
        tasks_done=sum(stage.num_complete_tasks for stage in stages),
        tasks_total=sum(stage.num_tasks for stage in stages),
        executors=len(apart) or int(local),
        target=_target(metrics),
    )


def _target(metrics: _Metrics | None) -> int | None:
    gauges = metrics.gauges if metrics else {}
    value = next((gauge.value for name, gauge in gauges.items() if name.endswith(_TARGET)), None)
    return value if isinstance(value, int) else None


def _get(url: str, kind: Any, timeout_s: float) -> Any:
    import requests

    try:
        answer = requests.get(url, timeout=timeout_s)
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=kind)
    except (requests.RequestException, msgspec.DecodeError):
        return None
