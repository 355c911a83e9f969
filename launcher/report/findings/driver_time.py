"""Time that went by without a task: the start, and the driver's own work."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.report.findings.loss import Loss, seconds_text
from launcher.report.view.first_wait import Wait, first_wait
from launcher.report.view.run_view import RunView

# A driver that works alone for a quarter of the time bounds what executors can do.
DRIVER_SHARE, DRIVER_LEAST_S = 0.25, 5.0
# Sooner no cluster gives an executor.
USUAL_START_S = 3.0


def slow_start(view: RunView) -> Iterator[Loss]:
    """Seconds lost: from the start of the application, or from that of its first job where it asked for no
    executor before, until its first executor could work, beyond 3 s.
    """
    wait = first_wait(view)
    if view.is_local:
        keys: tuple[str, ...] = ()
        fix = "Build the start archive once: sparkjob warm."
    else:
        keys, fix = _sooner(view)
    yield Loss("slow-start", max(0.0, wait.seconds - USUAL_START_S), keys, _waited(view, wait), fix)


def _waited(view: RunView, wait: Wait) -> str:
    took = seconds_text(wait.seconds)
    if not view.trace.executors and view.first_launch_ms is None:
        return f"no executor ever came: {took} passed"
    if wait.begin > view.trace.start_ms:
        return f"the first job waited {took} until its first executor could work"
    return f"{took} passed until the first executor could work"


def _sooner(view: RunView) -> tuple[tuple[str, ...], str]:
    """What makes executors start sooner, by the manager that starts them."""
    # More than none at the start are asked for at once already.
    from_none = view.allocation is not None and view.allocation.initial == 0
    initial = ("spark.dynamicAllocation.initialExecutors",) if from_none else ()
    master = view.conf("spark.master")
    if master.startswith("yarn") and (view.conf("spark.yarn.archive") or view.conf("spark.yarn.jars")):
        return (*initial, "spark.yarn.queue"), "Ask a queue with room (spark.yarn.queue)."
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
    """Seconds lost: time without a running job, but that in which the first executor was waited for."""
    gaps = _gaps(view)
    alone = sum(length for length, _ in gaps) / 1000
    if alone < max(DRIVER_LEAST_S, DRIVER_SHARE * view.seconds):
        return
    longest, since = longest_gap(view)
    message = (
        f"no job ran for {seconds_text(alone)} of {seconds_text(view.seconds)}: the driver worked alone, "
        f"the longest time {seconds_text(longest)} from second {since:,.0f} on"
    )
    fix = "Let executors do it: no collect() or toPandas() of much, fewer queries one after the other"
    if view.conf("spark.submit.deployMode") != "cluster":  # elsewhere nobody asks for the driver's cores
        yield Loss("driver-bound", alone, (), message, f"{fix}.")
        return
    keys = ("spark.driver.cores", "spark.driver.memory")
    yield Loss("driver-bound", alone, keys, message, f"{fix}; more spark.driver.cores help planning.")


def longest_gap(view: RunView, since_ms: int = 0) -> tuple[float, float]:
    """The longest time without a job, from a moment on, and when it began, both in seconds."""
    gaps = ((at + length - max(at, since_ms), max(at, since_ms)) for length, at in _gaps(view))
    length, at = max(gaps, default=(0, view.end_ms))
    return max(0, length) / 1000, (at - view.trace.start_ms) / 1000


def _gaps(view: RunView) -> list[tuple[int, int]]:
    """Times without a job in which nobody waited for the first executor: length and begin, ms."""
    wait = first_wait(view)
    jobs = [(job.start_ms, view.end_ms if job.end_ms is None else job.end_ms) for job in view.trace.jobs]
    gaps, clear = [], view.trace.start_ms
    for begin, end in sorted([*jobs, (wait.begin, wait.end), (view.end_ms, view.end_ms)]):
        if begin > clear:
            gaps.append((min(begin, view.end_ms) - clear, clear))
        clear = max(clear, min(end, view.end_ms))
    return gaps
