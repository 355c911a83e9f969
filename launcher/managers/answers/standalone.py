"""What the page ``/json/`` of a standalone master says.

The state FINISHED means no more than that the driver went away: an application whose script failed ends with
it as well. So it is told as unknown, and the exit code decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from launcher.managers.manager import ApplicationReport, ApplicationState

STATES: Mapping[str, ApplicationState] = {
    "WAITING": "RUNNING",
    "RUNNING": "RUNNING",
    "FINISHED": "UNKNOWN",
    "FAILED": "FAILED",
    "KILLED": "KILLED",
}
_DRIVER_PAGES = re.compile(r'href="(https?://[^"/]+)/?"[^>]*>\s*Application Detail UI')
# The master serves a fresh application within a second; later than this, waiting has a reason.
SETTLED_MS = 10_000


class Addresses(msgspec.Struct, frozen=True):
    """A worker's resource, such as ``gpu``."""

    addresses: tuple[str, ...] = ()


class Amount(msgspec.Struct, frozen=True):
    """What one executor wants of a resource."""

    name: str
    amount: int


class Worker(msgspec.Struct, frozen=True):
    """One worker; memory in MiB."""

    state: str
    cores: int
    memory: int
    cores_free: int = msgspec.field(name="coresfree")
    memory_free: int = msgspec.field(name="memoryfree")
    resources: dict[str, Addresses] = {}
    resources_free: dict[str, Addresses] = msgspec.field(name="resourcesfree", default={})


class Application(msgspec.Struct, frozen=True):
    """One application; ``cores`` are those it holds, memory is in MiB."""

    id: str
    name: str
    state: str
    cores: int
    duration: int
    executor_mib: int = msgspec.field(name="memoryperexecutor", default=0)
    executor_resources: tuple[Amount, ...] = msgspec.field(name="resourcesperexecutor", default=())


class Master(msgspec.Struct, frozen=True):
    """The page."""

    url: str
    status: str
    workers: tuple[Worker, ...]
    active: tuple[Application, ...] = msgspec.field(name="activeapps")
    completed: tuple[Application, ...] = msgspec.field(name="completedapps")

    @property
    def alive(self) -> tuple[Worker, ...]:
        """The workers that the master hears of."""
        return tuple(worker for worker in self.workers if worker.state == "ALIVE")

    def application(self, application_id: str) -> Application | None:
        """An application that runs, or one of the last that ended."""
        return next((one for one in (*self.active, *self.completed) if one.id == application_id), None)


def master_of(page: bytes) -> Master:
    """The page of a master.

    Raises:
        ValueError: it is no such page.
    """
    try:
        return msgspec.json.decode(page, type=Master)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is not the page of a standalone master: {error}") from error


def report(seen: Application, driver_pages: str | None = None) -> ApplicationReport:
    """An application in the words that all managers share; ``driver_pages`` as ``driver_pages_of`` told."""
    state = STATES.get(seen.state, "UNKNOWN")
    detail = f"{seen.state}, {seen.cores} cores" if state == "RUNNING" else seen.state
    return ApplicationReport(seen.id, state, detail, driver_pages)


def driver_pages_of(html: str) -> str | None:
    """The address of the driver's own pages, from the master's page of an application.

    ``None`` when the driver shows none.
    """
    found = _DRIVER_PAGES.search(html)
    return found[1] if found else None


class _Environment(msgspec.Struct, frozen=True):
    spark: tuple[tuple[str, str], ...] = msgspec.field(name="sparkProperties", default=())


def setting_of(environment: bytes, key: str) -> str | None:
    """A setting of an application, from ``/api/v1/applications/ID/environment`` of its driver."""
    try:
        return dict(msgspec.json.decode(environment, type=_Environment).spark).get(key)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def shortage(master: Master, application_id: str) -> str | None:
    """Why an application has no executor: what no worker can ever give, else what others hold."""
    seen = master.application(application_id)
    if seen is None or seen.state != "WAITING":
        return None
    return _never(master, seen) or _not_now(master, seen)


def _never(master: Master, seen: Application) -> str | None:
    if not master.alive:
        return f"no worker is alive at {master.url}"
    largest = max(worker.memory for worker in master.alive)
    if seen.executor_mib > largest:
        return f"an executor wants {seen.executor_mib} MiB; the largest worker offers {largest} MiB"
    for wanted in seen.executor_resources:
        most = max(_count(worker.resources, wanted.name) for worker in master.alive)
        if wanted.amount > most:
            return f"an executor wants {wanted.amount} {wanted.name}; no worker offers more than {most}"
    return None


def _not_now(master: Master, seen: Application) -> str | None:
    others = ", ".join(
        f"{one.name} ({one.cores})" for one in master.active if one.cores and one.id != seen.id
    )
    if not any(_fits(worker, seen) for worker in master.alive):
        held = f"cores are held by {others or 'nobody'}"
        return f"no worker has enough free for an executor of {_requested_size(seen)}; {held}"
    if seen.duration < SETTLED_MS:
        return None
    # The page does not tell how many cores an executor wants.
    most = max(worker.cores for worker in master.alive)
    return f"workers are free, yet the master hands out none: an executor may want more than {most} cores"


def _fits(worker: Worker, seen: Application) -> bool:
    roomy = worker.cores_free > 0 and worker.memory_free >= seen.executor_mib
    return roomy and all(
        _count(worker.resources_free, wanted.name) >= wanted.amount for wanted in seen.executor_resources
    )


def _requested_size(seen: Application) -> str:
    resources = [f"{wanted.amount} {wanted.name}" for wanted in seen.executor_resources]
    return " and ".join([f"{seen.executor_mib} MiB", *resources])


def _count(resources: Mapping[str, Addresses], name: str) -> int:
    return len(resources[name].addresses) if name in resources else 0
