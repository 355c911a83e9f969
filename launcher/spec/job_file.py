"""A job file: what is to run, with what, and how. ``conf/jobs/NAME.yaml`` holds one.

Only data; ``launcher.spec.config`` reads, checks and names the line of a fault. The keys that set something
in Spark are the snake_case twins of spark-submit's flags.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from launcher.spec.cluster import DeployMode
from launcher.spec.objective import JobObjective
from launcher.spec.units import Mib, Seconds

GpuChoice = Literal["auto", "on", "off"]
# A list, or text with commas as spark-submit takes it.
Names = tuple[str, ...] | str


class DynamicAllocation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the number of executors.

    Attributes:
        enabled: executors come and go with the work.
        min: fewest.
        initial: at the start.
        max: most.
    """

    enabled: bool = True
    min: int | None = None
    initial: int | None = None
    max: int | None = None


class OnFailure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told when a run failed, or lags; a command or a webhook. Each gets the result JSON.

    Attributes:
        command: a program and its arguments; it gets the JSON on stdin.
        webhook: an address; it gets the JSON as the body of a POST.
        lag: of a stream: it is told as well when more than so many files, records or rows lie unread.
    """

    command: tuple[str, ...] = ()
    webhook: str | None = None
    lag: int | None = None


class JobFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One job file.

    Attributes:
        file_name: name of the file without its ending, given by the reader.
        job: a job of the catalogue; either this or ``script``.
        script: a PySpark script.
        params: flags of the job or script; a list repeats the flag, or is joined by commas where the job
            takes one such value; ``{interval_start}`` and ``{interval_end}`` are filled in.
        arguments: what a script is given behind its flags.
        target: the cluster profile, unless ``--target`` names another.
        dynamic_allocation: bounds of the number of executors.
        objective: what its executors are chosen by, from earlier runs.
        gpu: ``auto`` = on where the cluster has GPUs.
        rapids: GPUs by the RAPIDS plugin; ``False`` = GPU addresses only.
        conf: Spark settings that have no key of their own here.
        tables: tables that a script writes; jobs of the catalogue name theirs themselves.
        retries: how often a failed run is tried again.
        timeout_s: longest run.
        on_failure: who is told when the run failed.
        places: ``file:line`` of each value by its key, given by the reader.
    """

    file_name: str
    job: str | None = None
    script: str | None = None
    description: str = ""
    params: dict[str, bool | str | tuple[str, ...]] = {}
    arguments: tuple[str, ...] = ()
    target: str | None = None
    name: str | None = None
    deploy_mode: DeployMode | None = None
    executor_memory: Mib | None = None
    executor_cores: int | None = None
    num_executors: int | None = None
    total_executor_cores: int | None = None
    driver_memory: Mib | None = None
    driver_cores: int | None = None
    queue: str | None = None
    py_files: Names | None = None
    files: Names | None = None
    archives: Names | None = None
    jars: Names | None = None
    packages: Names | None = None
    exclude_packages: Names | None = None
    repositories: Names | None = None
    driver_class_path: str | None = None
    driver_java_options: str | None = None
    driver_library_path: str | None = None
    dynamic_allocation: DynamicAllocation | None = None
    objective: JobObjective | Literal["min_cost"] | None = None
    gpu: GpuChoice = "auto"
    rapids: bool = True
    conf: dict[str, str] = {}
    tables: tuple[str, ...] = ()
    retries: int = 0
    timeout_s: Seconds | None = msgspec.field(default=None, name="timeout")
    on_failure: OnFailure | None = None
    places: dict[str, str] = {}

    def place(self, key: str) -> str:
        """Where a value of the file stands, for people."""
        return self.places.get(key, f"job file {self.file_name}")
