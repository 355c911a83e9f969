"""How far a run is, in figures and in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """What a driver or its event log shows at one moment.

    Attributes:
        stages: ids of the running stages.
        tasks_done: tasks of these that are done.
        tasks_total: tasks of these in all.
        executors: executors running; ``None`` when it is not known.
        target: executors that Spark wants; ``None`` when it is not known.
    """

    stages: tuple[int, ...] = ()
    tasks_done: int = 0
    tasks_total: int = 0
    executors: int | None = None
    target: int | None = None


def line(figures: Figures | None, elapsed_s: float, state: str) -> str:
    """One line: time, stages, tasks done and in all, executors running and wanted.

    Args:
        figures: ``None`` when nobody tells any.
        elapsed_s: since the run was started.
        state: of the run, told in place of the figures.
    """
    if figures is None:
        return f"{_clock(elapsed_s)}  {state}"
    parts = [f"{_clock(elapsed_s)}", _stages(figures)]
    if figures.executors is not None:
        target = "" if figures.target is None else f"/{figures.target}"
        word = "executor" if figures.executors == 1 and not target else "executors"
        parts.append(f"{figures.executors}{target} {word}")
    return "  ".join(parts)


def _stages(figures: Figures) -> str:
    if not figures.stages:
        return "no stage running"
    names = ", ".join(map(str, figures.stages[:4])) + (", ..." if len(figures.stages) > 4 else "")
    word = "stage" if len(figures.stages) == 1 else "stages"
    return f"{word} {names}  {figures.tasks_done}/{figures.tasks_total} tasks"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
