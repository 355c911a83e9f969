"""The launcher: plans and runs Spark jobs. Quick to start: it never imports pyspark.

From Python::

    import launcher

    plan = launcher.plan("etl.py", "2026-01-31", target="yarn-8", executor_memory="8g")
    print(plan.value("spark.executor.memory"), plan.executors.max)

    handle = launcher.run("conf/jobs/daily.yaml", interval="2026-01-31")
    print(handle.result(timeout=3600)["outcome"])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from launcher.planning.result import Plan
    from launcher.runs.handle import Handle

__all__ = ["plan", "run"]


def plan(
    what: str,
    *arguments: str,
    target: str | None = None,
    gpu: Literal["auto", "on", "off"] | None = None,
    input_bytes: int | None = None,
    interval: str | None = None,
    deadline: str | None = None,
    max_slowdown: str | None = None,
    min_cost: bool = False,
    history: bool = True,
    conf: Mapping[str, str] | None = None,
    **pins: str | bool,
) -> Plan:
    """Size a job, a job file or a script for a cluster; nothing is started.

    Args:
        what: a job of the catalogue, the name or path of a job file, or a path that ends with ``.py``.
        arguments: what the application is given.
        target: name or path of the cluster profile; default: the job file's, else ``laptop``.
        gpu: use GPUs; default: the job file's, else ``auto``.
        input_bytes: size of the input, a whole number; default: jobs have theirs listed.
        interval: logical interval, such as ``2026-01-31``.
        deadline: the objective that it ends within this time, such as ``20m``.
        max_slowdown: the objective that it is at most so much slower than the fastest size: ``10%``.
        min_cost: the objective that cost matters alone.
        history: use what earlier runs of the job tell.
        conf: Spark settings that are fixed.
        pins: spark-submit's flags in snake_case, as text: ``executor_memory="4g"``, ``num_executors="3"``.

    Raises:
        sparkjobs.errors.UsageError: an argument of a wrong type or value; something named does not exist or
            contradicts.
        TypeError: a pin that spark-submit has no flag for.
    """
    import os

    from launcher.intake.from_python import called
    from launcher.intake.gather_request import gather
    from launcher.planning.make import make_plan

    named = {"target": target, "gpu": gpu, "input_bytes": input_bytes, "interval": interval}
    wanted = {"deadline": deadline, "max_slowdown": max_slowdown, "min_cost": min_cost, "history": history}
    invocation = called(what, arguments, {**named, **wanted}, conf, pins)
    return make_plan(gather(invocation, os.environ).request)


def run(
    what: str,
    *arguments: str,
    target: str | None = None,
    gpu: Literal["auto", "on", "off"] | None = None,
    input_bytes: int | None = None,
    interval: str | None = None,
    deadline: str | None = None,
    max_slowdown: str | None = None,
    min_cost: bool = False,
    history: bool = True,
    lock_wait_s: float = 0.0,
    env: Mapping[str, str | None] | None = None,
    conf: Mapping[str, str] | None = None,
    **pins: str | bool,
) -> Handle:
    """Plan a run and start it; the run ends when this process ends.

    Args:
        what: as for ``plan``, and so are the others.
        lock_wait_s: how long to wait for a table that another run writes.
        env: variables for the driver; ``None`` as a value takes this process's own.

    Returns:
        A handle with ``result(timeout)``, ``status()`` and ``cancel()``. What the run writes is in its log.

    Raises:
        sparkjobs.errors.UsageError: as for ``plan``, and what the linter calls an error.
        sparkjobs.errors.EnvironmentProblem: no Java, no Spark, or jars that are not in the cache.
    """
    import os

    from launcher.host.java.find import required_java
    from launcher.intake.from_python import called, waited
    from launcher.intake.gather_request import gather
    from launcher.runs.begin import ready
    from launcher.spec.driver_variables import variables

    own = variables((env or {}).items(), os.environ, "env")
    named = {"target": target, "gpu": gpu, "input_bytes": input_bytes, "interval": interval}
    wanted = {"deadline": deadline, "max_slowdown": max_slowdown, "min_cost": min_cost, "history": history}
    wait_s = waited(lock_wait_s)
    intake = gather(called(what, arguments, {**named, **wanted}, conf, pins), os.environ)
    java = required_java(os.environ)
    return ready(intake, os.environ, java, wait_s, variables=own).with_archive().start("none")
