"""Spark's own cluster manager, asked by the pages of its master."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from launcher.managers.answers.standalone import (
    Master,
    driver_pages_of,
    master_of,
    report,
    setting_of,
    shortage,
)
from launcher.managers.http import NoAnswer, ask
from launcher.managers.manager import MARK, ApplicationReport, DriverLog, End, silent
from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import UsageError

LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Standalone:
    """Client mode only: the driver is a process of this machine and its executors end when it does.

    The master shows no setting of an application but its name, which is the user's. So the mark is a setting
    of ours that the driver's own pages show, and the master tells where these are. A driver without pages
    (``spark.ui.enabled=false``) is found by its id alone.
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
        # (The driver unregisters however its script ended, and Master.finishApplication writes FINISHED.)
        return False

    def mark(self, run_id: str) -> Mapping[str, str]:
        """A setting without a meaning for Spark."""
        return {MARK: run_id}

    def find(self, run_id: str, application_id: str | None) -> ApplicationReport | None:
        """The application, from the pages of the master that leads and of the drivers that it knows."""
        try:
            web, master = self._master()
            if application_id is None:
                return _marked(web, master, run_id)
            seen = master.application(application_id)
            if seen is None or seen not in master.active:
                return report(seen) if seen else None
            return report(seen, _driver_pages(web, seen.id))
        except NoAnswer as silence:
            return silent(application_id, silence.message)

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """Kill it by the master's page, and look until the page no longer lists it among the active."""
        if application_id is None:
            seen = self.find(run_id, None)
            if seen is None:
                return End(False, "no application of this run is known; it ends with its driver")
            application_id = seen.application_id
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                web, master = self._master()
                if not any(one.id == application_id for one in master.active):
                    return End(
                        True,
                        f"the master at {web} no longer runs it ({_state_word(master, application_id)})",
                    )
                if time.monotonic() >= deadline:
                    return End(
                        False, f"the master at {web} still runs it; spark.ui.killEnabled may be off there"
                    )
                # What the link of the master's page sends (MasterPage.handleAppKillRequest); it does nothing
                # when that is off.
                ask("POST", f"{web}/app/kill/", params={"id": application_id, "terminate": "true"})
                time.sleep(LOOK_EVERY_S)
        except NoAnswer as silence:
            return End(False, silence.message)

    def driver_log(self, run_id: str, application_id: str | None) -> DriverLog | None:
        """Its driver runs here."""
        return None

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


def _marked(web: str, master: Master, run_id: str) -> ApplicationReport | None:
    for one in master.active:
        pages = _driver_pages(web, one.id)
        if pages and _setting(pages, one.id, MARK) == run_id:
            return report(one, pages)
    return None


def _driver_pages(web: str, application_id: str) -> str | None:
    return driver_pages_of(ask("GET", f"{web}/app/", params={"appId": application_id}).text)


def _setting(pages: str, application_id: str, key: str) -> str | None:
    try:
        answer = ask("GET", f"{pages}/api/v1/applications/{application_id}/environment", attempts=1)
    except NoAnswer:  # it has just ended, or hides behind a firewall
        return None
    return setting_of(answer.content, key)


def _page(web: str) -> Master:
    answer = ask("GET", f"{web}/json/")
    try:
        return master_of(answer.content)
    except ValueError as error:
        raise NoAnswer(f"{web}/json/ (status {answer.status_code}): {error}") from error


def _state_word(master: Master, application_id: str) -> str:
    seen = master.application(application_id)
    return seen.state if seen else "it has forgotten it"
