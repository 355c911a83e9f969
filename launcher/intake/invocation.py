"""What somebody typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from launcher.planning.plan_request import GpuChoice
from launcher.spec.layer import Pin
from launcher.spec.objective import Objective


@dataclass(frozen=True)
class Invocation:
    """A command that needs a plan.

    Attributes:
        what: a job, a job file or a script.
        arguments: what the application is given, untouched.
        target: name or path of the cluster profile; ``None`` = the job file's, else laptop.
        gpu: ``None`` = the job file's, else auto.
        input_bytes: size of the input, when the user tells it.
        pins: spark-submit's flags.
        properties_file: ``--properties-file``.
        load_spark_defaults: ``--load-spark-defaults``.
        interval: the run's logical interval.
        objective: what executors are chosen by; ``None`` = the job file's.
        history: what earlier runs of the job tell is used.
        start: absolute working folder.
    """

    what: str
    arguments: tuple[str, ...]
    start: Path
    target: str | None = None
    gpu: GpuChoice | None = None
    input_bytes: int | None = None
    pins: tuple[Pin, ...] = ()
    properties_file: str | None = None
    load_spark_defaults: bool = False
    interval: str | None = None
    objective: Objective | None = None
    history: bool = True
