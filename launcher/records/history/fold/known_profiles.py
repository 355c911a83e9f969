"""Resource profiles: as the log tells them, or the default one from settings, as before Spark 3.1. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from launcher.records.history.spark_events import ProfileAdded
from launcher.records.history.trace import Profile

_GPU = "gpu"


def profile_of(event: ProfileAdded) -> Profile:
    """A profile as Spark announced it; a task that asks for no CPUs takes one."""
    executor, task = event.executor, event.task
    return Profile(
        id=event.id,
        task_cpus=task["cpus"].amount if "cpus" in task else 1.0,
        task_gpus=task[_GPU].amount if _GPU in task else 0.0,
        executor_cores=int(executor["cores"].amount) if "cores" in executor else None,
        executor_gpus=int(executor[_GPU].amount) if _GPU in executor else 0,
    )


def default_profile(conf: Mapping[str, str]) -> Profile:
    """The profile of an application that announced none."""
    cores = _amount(conf, "spark.executor.cores", 0)
    return Profile(
        id=0,
        task_cpus=_amount(conf, "spark.task.cpus", 1),
        task_gpus=_amount(conf, "spark.task.resource.gpu.amount", 0),
        executor_cores=int(cores) or None,
        executor_gpus=int(_amount(conf, "spark.executor.resource.gpu.amount", 0)),
    )


def _amount(conf: Mapping[str, str], key: str, default: int) -> float:
    try:
        return float(Fraction(conf[key].strip())) if key in conf else float(default)
    except (ValueError, ZeroDivisionError):
        return float(default)
