"""YARN, asked by the REST interface of its ResourceManagers."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.managers.answers.yarn import (
    RUNNING_STATES,
    Application,
    application_of,
    log_address,
    log_contents,
    metrics_of,
    newest_of,
    report,
    shortage,
    tag,
)
from launcher.managers.hadoop import read_configuration, resource_managers
from launcher.managers.http import NoAnswer, ask
from launcher.managers.manager import ApplicationReport, DriverLog, End, silent
from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import UsageError

LOOK_EVERY_S = 0.5
MOST_LOG_BYTES = 1 << 18
TAGS = "spark.yarn.tags"


@dataclass(frozen=True)
class YarnManager:
    """An application is known by a tag, so that it is found before anybody has read its id.

    Attributes:
        cluster: the profile.
        addresses: pages of the ResourceManagers; one that stands by sends its callers to the one that leads.
        user: who asks; YARN without Kerberos believes it.
    """

    cluster: Cluster
    addresses: tuple[str, ...]
    user: str
    name: str = "yarn"

    def refuse(self, deploy_mode: DeployMode) -> None:
        """YARN has both modes."""

    def decides(self, deploy_mode: DeployMode) -> bool:
        """In client mode it calls every application SUCCEEDED whose driver went away in order."""
        # (ApplicationMaster.AMEndpoint.onDisconnected ends with SUCCEEDED: measured, after an exception too.)
        return deploy_mode == "cluster"

    def mark(self, run_id: str) -> Mapping[str, str]:
        """A tag."""
        return {TAGS: tag(run_id)}

    def find(self, run_id: str, application_id: str | None) -> ApplicationReport | None:
        """The application of an id; without one, the last that bears the run's tag."""
        try:
            seen = self._application(run_id, application_id)
        except NoAnswer as silence:
            return silent(application_id, silence.message)
        return report(seen) if seen else None

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """Ask for the state KILLED, and look until the application has a final state."""
        deadline = time.monotonic() + timeout_s
        refusal = ""
        try:
            while True:
                seen = self._application(run_id, application_id)
                if seen is None:
                    return End(True, f"the ResourceManager knows no application of this run{refusal}")
                if seen.state not in RUNNING_STATES:
                    return End(True, f"the ResourceManager calls {seen.id} {seen.state}/{seen.final}")
                if time.monotonic() >= deadline:
                    return End(False, f"the ResourceManager calls {seen.id} {seen.state}{refusal}")
                refusal = self._kill(seen.id)
                time.sleep(LOOK_EVERY_S)
        except NoAnswer as silence:
            return End(False, silence.message)

    def driver_log(self, run_id: str, application_id: str | None) -> DriverLog | None:
        """What the driver's node serves; with log aggregation it sends its callers to the log server."""
        try:
            seen = self._application(run_id, application_id)
        except NoAnswer:
            return None
        if seen is None:
            return None
        # Python's stderr arrives on the container's stdout; it tells the end. A stream may lack its line end.
        served = [_served(log_address(seen, stream, MOST_LOG_BYTES)) for stream in ("stderr", "stdout")]
        end = "".join(f"{text.rstrip()}\n" for text in served if text)
        command = f"yarn logs -applicationId {seen.id}"
        return DriverLog(f"{seen.driver_logs} ({command})" if seen.driver_logs else command, end)

    def waiting(self, application_id: str) -> str | None:
        """What it has not got, by YARN's own words."""
        try:
            seen = self._application("", application_id)
            return shortage(seen, metrics_of(self._ask("GET", "metrics"))) if seen else None
        except (NoAnswer, ValueError):
            return None

    def _application(self, run_id: str, application_id: str | None) -> Application | None:
        try:
            if application_id is None:
                return newest_of(self._ask("GET", "apps", {"applicationTags": tag(run_id)}))
            return application_of(self._ask("GET", f"apps/{application_id}"))
        except _Unknown:
            return None
        except ValueError as error:
            raise NoAnswer(f"{', '.join(self.addresses)}: {error}") from error

    def _kill(self, application_id: str) -> str:
        """Why it was refused; empty when it was not."""
        try:
            # Without Kerberos the ResourceManager believes this name (Hadoop's PseudoAuthenticationHandler).
            self._ask("PUT", f"apps/{application_id}/state", {"user.name": self.user}, {"state": "KILLED"})
        except _Refused as refused:
            return f"; it refuses to kill: {refused.message}"
        return ""

    def _ask(self, method: str, what: str, params: dict[str, str] | None = None, json: Any = None) -> bytes:
        silence: NoAnswer | None = None
        for address in self.addresses:
            try:
                answer = ask(method, f"{address}/ws/v1/cluster/{what}", params=params, json=json)
            except NoAnswer as error:
                silence = error
                continue
            if answer.ok:
                return answer.content
            if answer.status_code == 404 and "/" in what:
                raise _Unknown(what)
            brief = " ".join(answer.text.split())[:200]
            silence = _Refused(f"{address} answers {answer.status_code} {answer.reason}: {brief}")
        raise silence or NoAnswer("the Hadoop configuration names no ResourceManager")


def _served(address: str | None) -> str:
    try:
        answer = ask("GET", address, attempts=1) if address else None
    except NoAnswer:
        return ""
    return log_contents(answer.text) if answer is not None and answer.ok else ""


class _Refused(NoAnswer):
    """The ResourceManager takes no such request from us: Kerberos, or another user's application."""


class _Unknown(Exception):
    """There is no such application."""


def yarn_manager(cluster: Cluster, environ: Mapping[str, str]) -> YarnManager:
    """The manager of a profile, with the addresses of its Hadoop configuration.

    Raises:
        UsageError: that configuration cannot be read.
    """
    if cluster.yarn is None:
        raise UsageError(f"profile {cluster.name} has no section yarn", "It needs hadoop_conf_dir.")
    addresses = resource_managers(read_configuration(Path(cluster.yarn.hadoop_conf_dir)))
    return YarnManager(cluster, addresses, environ.get("HADOOP_USER_NAME") or getpass.getuser())
