"""Time that went by without a task: the start, and the driver's own work."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.report.findings.loss import Loss, seconds_text
from launcher.report.view.run_view import RunView

# A driver that works alone for a quarter of the time bounds what executors can do.
DRIVER_SHARE, DRIVER_LEAST_S = 0.25, 5.0
# Sooner no cluster gives an executor.
USUAL_START_S = 3.0


def ready_ms(view: RunView) -> int:
    """When work could begin: the first executor was there, or its first task was launched."""
    came = [one.added_ms for one in view.trace.executors]
    first = view.first_launch_ms
    known = [*([min(came)] if came else []), *([first] if first is not None else [])]
    if not known:
        return view.end_ms
    asked = min((job.start_ms for job in view.trace.jobs), default=None)
    # A job that waits for its executors waits until its first task is launched.
    if first is not None and asked is not None and came and asked <= min(came):
        return min(max(first, view.trace.start_ms), view.end_ms)
    return min(max(min(known), view.trace.start_ms), view.end_ms)


def slow_start(view: RunView) -> Iterator[Loss]:
    """Seconds lost: from the start of the application until its first executor could work, beyond 3 s."""
    took = (ready_ms(view) - view.trace.start_ms) / 1000
    if view.is_local:
        keys: tuple[str, ...] = ("spark.driver.memory",)
        fix = "Build the start archive once: sparkjob warm."
    else:
        keys, fix = _sooner(view)
    message = f"{seconds_text(took)} passed until the first executor could work"
    yield Loss("slow-start", max(0.0, took - USUAL_START_S), keys, message, fix)


def _sooner(view: RunView) -> tuple[tuple[str, ...], str]:
    """What makes executors start sooner, by the manager that starts them."""
    initial = ("spark.dynamicAllocation.initialExecutors",) if view.is_elastic else ()
    master = view.conf("spark.master")
    if master.startswith("yarn"):
        fix = "Keep Spark's jars on the cluster (spark.yarn.archive), or ask a queue with room."
        return (*initial, "spark.yarn.archive"), fix
    if master.startswith("k8s"):
        return (*initial, "spark.kubernetes.container.image"), "Keep the image on the nodes, or ask for room."
    key = "spark.cores.max" if master.startswith("spark://") else "spark.executor.instances"
    fix = (
        f"Look at the cluster: other applications may have held its cores; a smaller {key} is served sooner."
    )
    return (*initial, key), fix


def driver_bound(view: RunView) -> Iterator[Loss]:
    """Seconds lost: time without a running job, from when the first executor could work to the end."""
    begin = ready_ms(view)
    alone = view.jobs.at_zero().between(begin, view.end_ms) / 1000
    if alone < max(DRIVER_LEAST_S, DRIVER_SHARE * view.seconds):
        return
    longest, since = longest_gap(view, begin)
    message = (
        f"no job ran for {seconds_text(alone)} of {seconds_text(view.seconds)}: the driver worked alone, "
        f"the longest time {seconds_text(longest)} from second {since:,.0f} on"
    )
    fix = "Let executors do it: no collect() or toPandas() of much, fewer queries one after the other"
    if view.conf("spark.submit.deployMode") != "cluster":  # elsewhere nobody asks for the driver's cores
        yield Loss("driver-bound", alone, ("spark.driver.memory",), message, f"{fix}.")
        return
    keys = ("spark.driver.cores", "spark.driver.memory")
    yield Loss("driver-bound", alone, keys, message, f"{fix}; more spark.driver.cores help planning.")


def longest_gap(view: RunView, begin: int) -> tuple[float, float]:
    """The longest time without a job and when it began, both in seconds."""
    gaps, clear = [], begin
    for job in view.trace.jobs:
        if job.start_ms > clear:
            gaps.append((job.start_ms - clear, clear))
        clear = max(clear, view.end_ms if job.end_ms is None else job.end_ms)
    gaps.append((max(0, view.end_ms - clear), clear))
    length, at = max(gaps)
    return length / 1000, (at - view.trace.start_ms) / 1000
