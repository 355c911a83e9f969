"""How long a run waited for its first executor, and from when on. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.report.view.run_view import RunView


@dataclass(frozen=True)
class Wait:
    """A time of a run, ms since the epoch."""

    begin: int
    end: int

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.end - self.begin) / 1000

    def within(self, begin: int, end: int) -> int:
        """How much of it lies between two moments, ms."""
        return max(0, min(end, self.end) - max(begin, self.begin))


def first_wait(view: RunView) -> Wait:
    """The time in which work could not begin for want of an executor.

    Where the application asked for executors at its start it runs from there. Where nobody waits for them
    before the first job, it runs from that job's start: what lies before is the driver's own.
    """
    if asks_with_its_first_job(view):
        asked = min((job.start_ms for job in view.trace.jobs), default=None)
        begin = _inside(view, view.trace.start_ms if asked is None else asked)
        end = begin if asked is None else _served_ms(view, asked)
        return Wait(begin, max(begin, end))
    return Wait(view.trace.start_ms, _ready_ms(view))


def until_served(view: RunView) -> Wait:
    """All from the start of the application until its first job had an executor."""
    asked = min((job.start_ms for job in view.trace.jobs), default=None)
    return Wait(view.trace.start_ms, _ready_ms(view) if asked is None else _served_ms(view, asked))


def asks_with_its_first_job(view: RunView) -> bool:
    """Whether nobody waits for executors before the first job.

    Dynamic allocation that begins at none asks with the first tasks, and a standalone master lets a driver go
    on without executors (``spark.scheduler.minRegisteredResourcesRatio`` is 0 there, .8 on others).
    """
    if view.is_local:  # Spark allocates nothing there, whatever is set
        return False
    standalone = view.conf("spark.master").startswith(("spark://", "local-cluster"))
    if standalone and not _waits_for_registered(view):
        return True
    return view.allocation is not None and view.allocation.initial == 0


def _waits_for_registered(view: RunView) -> bool:
    """A standalone master knows of none to wait for but those that make ``spark.cores.max``."""
    if not view.conf("spark.cores.max"):
        return False
    try:
        return float(view.conf("spark.scheduler.minRegisteredResourcesRatio", "0")) > 0
    except ValueError:  # a log that was damaged
        return False


def _served_ms(view: RunView, asked: int) -> int:
    """When the first job had an executor."""
    came = [one.added_ms for one in view.trace.executors]
    if came and min(came) <= asked:
        return asked
    first = view.first_launch_ms
    return _inside(view, first if first is not None else min(came, default=view.end_ms))


def _ready_ms(view: RunView) -> int:
    """When work could begin: the first executor was there, or its first task was launched."""
    came = [one.added_ms for one in view.trace.executors]
    first = view.first_launch_ms
    known = [*([min(came)] if came else []), *([first] if first is not None else [])]
    if not known:
        return view.end_ms
    asked = min((job.start_ms for job in view.trace.jobs), default=None)
    # A job that waits for its executors waits until its first task is launched.
    if first is not None and asked is not None and came and asked <= min(came):
        return _inside(view, first)
    return _inside(view, min(known))


def _inside(view: RunView, ms: int) -> int:
    return min(max(ms, view.trace.start_ms), view.end_ms)
