"""Everything that a plan is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from launcher.host.compatibility import Compatibility
from launcher.spec.application import Application
from launcher.spec.cluster import Cluster, DeployMode
from launcher.spec.layer import Pin

GpuChoice = Literal["auto", "on", "off"]


@dataclass(frozen=True)
class Machine:
    """This machine as far as local mode may use it (the container's limits, not the host's).

    Attributes:
        cores: cores to use.
        memory_mib: memory to use.
        memory_origin: what limits it: ``machine``, ``cgroup v1``, ``cgroup v2``.
        cores_origin: what limits them.
    """

    cores: int
    memory_mib: int
    memory_origin: str = "machine"
    cores_origin: str = "machine"


@dataclass(frozen=True)
class Qualification:
    """What ``sparkjob qualify`` found for this very application.

    Attributes:
        share: share of the operators that would run on the GPU, 0 to 1.
        suits: whether that is enough.
        reason: the verdict in a sentence.
    """

    share: float
    suits: bool
    reason: str


@dataclass(frozen=True)
class History:
    """What earlier runs of the same job said; their settings are pins of origin history.

    Attributes:
        decision: change, hold (the plan stays as it is without them), or impossible.
        why: in a sentence with its numbers.
        evidence: the runs.
        size: how many executors, for people.
        seconds: predicted time of the application; ``None``: nothing is predicted.
        low: the lower end of the 80 % band.
        high: the upper end.
        executor_seconds: predicted executors over time.
        cost: predicted cost.
    """

    decision: str
    why: str
    evidence: tuple[str, ...] = ()
    size: str = ""
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    executor_seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True)
class PlanRequest:
    """What is planned.

    Attributes:
        application: what is to run.
        cluster: where.
        pins: values of every origin but ``computed``; the profile's ``conf`` is among them.
        machine: this machine; local mode is sized for it.
        deploy_mode: where the driver runs.
        gpu: ``auto`` = on where the cluster has GPUs, until a qualification says no.
        rapids: schedule GPUs with the RAPIDS plugin; ``False`` = GPU addresses only.
        qualification: the cached answer of ``qualify``; ``None`` when nobody asked.
        versions: which versions fit together.
        jars: local jars of the run, in the order of the class path.
        log_config: URI of the driver's logging configuration, for local mode.
        rapids_jar: whether a jar that is named holds the plugin of RAPIDS: yes, no, unknown; ``None``: nobody
            looked.
        history: what earlier runs of the same job said; ``None``: nothing.
        discovery_script: path, here, of our script that lists a node's GPUs; shipped on YARN.
    """

    application: Application
    cluster: Cluster
    machine: Machine
    versions: Compatibility
    pins: tuple[Pin, ...] = ()
    deploy_mode: DeployMode = "client"
    gpu: GpuChoice = "auto"
    rapids: bool = True
    qualification: Qualification | None = None
    jars: tuple[str, ...] = ()
    log_config: str | None = None
    discovery_script: str | None = None
    rapids_jar: str | None = None
    history: History | None = None
