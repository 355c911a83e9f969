"""What YARN's ResourceManager says of applications and of the cluster.

In client mode YARN sees a process that only hands out executors, and calls the application SUCCEEDED whatever
the driver came to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from launcher.managers.manager import ApplicationReport, ApplicationState

S = TypeVar("S", bound=msgspec.Struct)
# https://hadoop.apache.org/docs/r3.4.1/hadoop-yarn/hadoop-yarn-site/ResourceManagerRest.html
RUNNING_STATES = frozenset({"NEW", "NEW_SAVING", "SUBMITTED", "ACCEPTED", "RUNNING"})
FINAL: Mapping[str, ApplicationState] = {
    "SUCCEEDED": "SUCCEEDED",
    "FAILED": "FAILED",
    "KILLED": "KILLED",
}
TAG_LENGTH = 100
_DATE = re.compile(r"^\[[^]]*\]\s*")


class Ask(msgspec.Struct, frozen=True):
    """Containers that an application has asked for and not been given."""

    containers: int = msgspec.field(name="numContainers", default=0)
    resource: str = msgspec.field(name="resourceName", default="*")


class Application(msgspec.Struct, frozen=True):
    """One application; ``containers`` are those that run, the driver's among them."""

    id: str
    state: str
    final: str = msgspec.field(name="finalStatus", default="UNDEFINED")
    queue: str = ""
    diagnostics: str | None = None
    started_ms: int = msgspec.field(name="startedTime", default=0)
    tracking_url: str | None = msgspec.field(name="trackingUrl", default=None)
    containers: int = msgspec.field(name="runningContainers", default=-1)
    driver_logs: str | None = msgspec.field(name="amContainerLogs", default=None)
    asks: tuple[Ask, ...] = msgspec.field(name="resourceRequests", default=())


class Metrics(msgspec.Struct, frozen=True):
    """What the cluster has left."""

    nodes: int = msgspec.field(name="activeNodes")
    free_mib: int = msgspec.field(name="availableMB")
    free_cores: int = msgspec.field(name="availableVirtualCores")


class _One(msgspec.Struct, frozen=True):
    app: Application


class _List(msgspec.Struct, frozen=True):
    app: tuple[Application, ...] = ()


class _Many(msgspec.Struct, frozen=True):
    # Without a fitting application older versions answer null.
    apps: _List | None = None


class _Cluster(msgspec.Struct, frozen=True):
    metrics: Metrics = msgspec.field(name="clusterMetrics")


def tag(run_id: str) -> str:
    """The tag of a run: YARN takes lower case and 100 characters."""
    return f"sparkjobs-{run_id}".lower()[:TAG_LENGTH]


def application_of(page: bytes) -> Application:
    """The application of ``/ws/v1/cluster/apps/ID``.

    Raises:
        ValueError: it is no such page.
    """
    return _decoded(page, _One).app


def newest_of(page: bytes) -> Application | None:
    """The last application of ``/ws/v1/cluster/apps?applicationTags=TAG``: a run may have several.

    Raises:
        ValueError: it is no such page.
    """
    found = _decoded(page, _Many).apps
    return max(found.app, key=lambda one: one.started_ms, default=None) if found else None


def metrics_of(page: bytes) -> Metrics:
    """What ``/ws/v1/cluster/metrics`` tells.

    Raises:
        ValueError: it is no such page.
    """
    return _decoded(page, _Cluster).metrics


def report(seen: Application) -> ApplicationReport:
    """An application in the words that all managers share."""
    if seen.state in RUNNING_STATES:
        state: ApplicationState = "RUNNING"
    else:
        state = FINAL.get(seen.final, FINAL.get(seen.state, "UNKNOWN"))
    executors = max(0, seen.containers - 1) if state == "RUNNING" and seen.containers >= 0 else None
    words = f"{seen.state}/{seen.final}" if state != "RUNNING" else seen.state
    message = diagnosis(seen)
    return ApplicationReport(
        seen.id, state, f"{words}: {message}" if message else words, seen.tracking_url, executors
    )


def diagnosis(seen: Application) -> str:
    """YARN's own words, on one line and without its date."""
    return _DATE.sub("", " ".join((seen.diagnostics or "").split()))


def shortage(seen: Application, metrics: Metrics) -> str | None:
    """Why an application has not got what it asked for; ``None`` when it waits for nothing."""
    if seen.state not in RUNNING_STATES:
        return None
    if metrics.nodes == 0:
        return "no NodeManager is alive"
    if seen.state != "RUNNING" and seen.containers > 0:
        return None  # the driver's container is there, and begins
    if seen.state != "RUNNING":
        return f"queue {seen.queue}: {diagnosis(seen) or seen.state}"
    wanted = sum(one.containers for one in seen.asks if one.resource == "*")
    if not wanted or seen.containers > 1:
        return None
    free = f"{metrics.free_mib} MB and {metrics.free_cores} cores are free"
    return f"queue {seen.queue} has not given any of {wanted} containers; in the whole cluster {free}"


def log_address(seen: Application, stream: str, most_bytes: int) -> str | None:
    """Where the node of a driver serves the end of what it wrote; ``None`` when YARN names no container.

    The page for people is ``http://NODE/node/containerlogs/CONTAINER/USER``. Asked for JSON the node answers
    503, so no kind of answer is asked for.
    """
    node, found, rest = (seen.driver_logs or "").partition("/node/containerlogs/")
    container = rest.partition("/")[0]
    if not found or not container:
        return None
    return f"{node}/ws/v1/node/containerlogs/{container}/{stream}?size=-{most_bytes}"


def log_contents(page: str) -> str:
    """What a container wrote, out of the frame in which a node serves it; empty for any other page."""
    _, found, rest = page.partition("\nLogContents:\n")
    return rest.partition("\nEnd of LogType:")[0] if found else ""


def _decoded(page: bytes, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(page, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is not the page of a ResourceManager: {error}") from error
