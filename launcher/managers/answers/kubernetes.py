"""What the API of Kubernetes says of a run's pods.

spark-submit ends with 0 whatever becomes of the driver's pod; the pod alone tells. Spark labels its pods with
``spark-role`` and, with the application's id, ``spark-app-selector``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from launcher.managers.manager import ApplicationReport, ApplicationState

# https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
PHASES: Mapping[str, ApplicationState] = {
    "Pending": "RUNNING",
    "Running": "RUNNING",
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "Unknown": "UNKNOWN",  # the node does not answer
}
RUN_LABEL, ROLE_LABEL, APPLICATION_LABEL = "sparkjobs-run", "spark-role", "spark-app-selector"
LABEL_LENGTH = 63
# How a container looks while all goes well.
BEGINNING = frozenset({"ContainerCreating", "PodInitializing"})


class Terminated(msgspec.Struct, frozen=True):
    """How a container ended."""

    exit_code: int = msgspec.field(name="exitCode")
    reason: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """Why a container does not run yet."""

    reason: str = ""
    message: str = ""


class ContainerState(msgspec.Struct, frozen=True):
    """One of the two, or neither while it runs."""

    terminated: Terminated | None = None
    waiting: Waiting | None = None


class Container(msgspec.Struct, frozen=True):
    """One container."""

    name: str
    state: ContainerState = ContainerState()


class Condition(msgspec.Struct, frozen=True):
    """Such as ``PodScheduled``."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class Metadata(msgspec.Struct, frozen=True):
    """Name, labels, and when it was made and deleted."""

    name: str
    labels: dict[str, str] = {}
    created: str = msgspec.field(name="creationTimestamp", default="")
    deleted: str | None = msgspec.field(name="deletionTimestamp", default=None)


class Status(msgspec.Struct, frozen=True):
    """Where a pod is."""

    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    containers: tuple[Container, ...] = msgspec.field(name="containerStatuses", default=())
    init_containers: tuple[Container, ...] = msgspec.field(name="initContainerStatuses", default=())


class Pod(msgspec.Struct, frozen=True):
    """One pod."""

    metadata: Metadata
    status: Status = Status()

    @property
    def role(self) -> str:
        """``driver``, ``executor`` or nothing."""
        return self.metadata.labels.get(ROLE_LABEL, "")

    @property
    def application_id(self) -> str:
        """Spark's id of its application."""
        return self.metadata.labels.get(APPLICATION_LABEL, "")

    @property
    def ended(self) -> bool:
        """Its containers run no more."""
        return self.status.phase in ("Succeeded", "Failed")


class _List(msgspec.Struct, frozen=True):
    items: tuple[Pod, ...]


def label(run_id: str) -> str:
    """The label of a run: 63 characters that Kubernetes takes; the end of a run's id is what differs."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", run_id)[-LABEL_LENGTH:].strip("-_.")


def pods_of(answer: bytes) -> tuple[Pod, ...]:
    """The pods of a list.

    Raises:
        ValueError: it is no such list.
    """
    try:
        return msgspec.json.decode(answer, type=_List).items
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is no list of pods: {error}") from error


def last_application(pods: tuple[Pod, ...]) -> tuple[Pod, ...]:
    """The pods of the application that began last: a run may have several."""
    newest = max(pods, key=lambda pod: pod.metadata.created, default=None)
    return tuple(pod for pod in pods if newest and pod.application_id == newest.application_id)


def report(pods: tuple[Pod, ...]) -> ApplicationReport | None:
    """What the pods of one application tell of it; in client mode it has no pod but its executors'."""
    executors = sum(pod.role == "executor" and pod.status.phase == "Running" for pod in pods)
    driver = next((pod for pod in pods if pod.role == "driver"), None)
    if driver is None:
        left = [pod for pod in pods if not pod.ended]
        return (
            ApplicationReport(left[0].application_id, "RUNNING", "executors run", None, executors)
            if left
            else None
        )
    state = PHASES.get(driver.status.phase, "UNKNOWN")
    return ApplicationReport(driver.application_id, state, "; ".join(_details(driver)), None, executors)


def _details(driver: Pod) -> Iterator[str]:
    status = driver.status
    yield f"driver pod {driver.metadata.name} {status.phase}"
    if driver.metadata.deleted and not driver.ended:
        yield "it is being deleted"
    if status.reason or status.message:
        yield _joined(status.reason, status.message)
    for container in status.containers:
        if (end := container.state.terminated) is not None:
            yield f"container {container.name}: {end.reason}, exit code {end.exit_code}"


def shortage(pods: tuple[Pod, ...]) -> str | None:
    """Why the driver, or executors, do not run yet; ``None`` when nothing keeps them."""
    kept = [(pod, reason) for pod in pods if (reason := _kept(pod)) is not None]
    for pod, reason in kept:
        if pod.role == "driver":
            return f"the driver's pod waits: {reason}"
    if not kept:
        return None
    executors = sum(pod.role == "executor" and not pod.ended for pod in pods)
    return f"{len(kept)} of {executors} executor pods wait: {kept[0][1]}"


def _kept(pod: Pod) -> str | None:
    if pod.status.phase != "Pending" or pod.metadata.deleted:
        return None
    for condition in pod.status.conditions:
        if condition.type == "PodScheduled" and condition.status == "False":
            return _joined(condition.reason, condition.message)
    for container in (*pod.status.init_containers, *pod.status.containers):
        waiting = container.state.waiting
        if waiting is not None and waiting.reason not in BEGINNING:
            return _joined(waiting.reason, waiting.message)
    return None


def _joined(reason: str, message: str) -> str:
    return " ".join(": ".join(part for part in (reason, message) if part).split())
