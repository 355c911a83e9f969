"""Spark's own cluster manager, asked by the pages of its master."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from launcher.managers.answers.standalone import Master, master_of, shortage, sighting
from launcher.managers.base import End, Sighting
from launcher.managers.http import NoAnswer, ask
from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import UsageError

LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Standalone:
    """Client mode only: the driver is a process of this machine and its executors end when it does.

    So nothing has to be found by a mark: the driver's event log tells the id of its application.
    """

    cluster: Cluster
    name: str = "standalone"

    def refuse(self, deploy_mode: DeployMode) -> None:
        """Refuse the cluster mode, which Spark has for Java alone."""
        if deploy_mode == "cluster":
            raise UsageError(
                f"target {self.cluster.name}: a standalone cluster runs no Python driver in cluster mode",
                "Use --deploy-mode client, or a target on YARN or Kubernetes.",
            )

    def decides(self, deploy_mode: DeployMode) -> bool:
        """A failed application ends as FINISHED here, so the exit code decides."""
        return False

    def mark(self, run_id: str) -> Mapping[str, str]:
        """The master shows no setting of an application but its name, which is the user's."""
        return {}

    def find(self, run_id: str, application_id: str | None) -> Sighting | None:
        """The application of an id, from the page of the master that leads."""
        if application_id is None:
            return None
        try:
            return sighting(self._master()[1], application_id)
        except NoAnswer:
            return None

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """Kill it by the master's page, and look until the page no longer lists it among the active."""
        if application_id is None:
            return End(False, "no application is known; it ends with its driver")
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                web, master = self._master()
                if not any(one.id == application_id for one in master.active):
                    return End(
                        True, f"the master at {web} no longer runs it ({_told(master, application_id)})"
                    )
                if time.monotonic() >= deadline:
                    return End(
                        False, f"the master at {web} still runs it; spark.ui.killEnabled may be off there"
                    )
                ask("POST", f"{web}/app/kill/", params={"id": application_id, "terminate": "true"})
                time.sleep(LOOK_EVERY_S)
        except NoAnswer as silence:
            return End(False, silence.message)

    def waiting(self, application_id: str) -> str | None:
        """What its executors lack, by the page of the master."""
        try:
            return shortage(self._master()[1], application_id)
        except NoAnswer:
            return None

    def _master(self) -> tuple[str, Master]:
        silence: NoAnswer | None = None
        for web in self.cluster.master_pages:
            try:
                master = _page(web)
            except NoAnswer as error:
                silence = error
                continue
            # The others stand by, and know of nothing.
            if master.status == "ALIVE":
                return web, master
        raise silence or NoAnswer(f"none of {', '.join(self.cluster.master_pages)} is the leading master")


def _page(web: str) -> Master:
    answer = ask("GET", f"{web}/json/")
    try:
        return master_of(answer.content)
    except ValueError as error:
        raise NoAnswer(f"{web}/json/ (status {answer.status_code}): {error}") from error


def _told(master: Master, application_id: str) -> str:
    seen = master.application(application_id)
    return seen.state if seen else "it has forgotten it"
