"""What a run needs of a cluster manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from launcher.spec.cluster import DeployMode

# A setting without a meaning for Spark: its value is the run's id.
MARK = "spark.sparkjobs.run"
ApplicationState = Literal["RUNNING", "SUCCEEDED", "FAILED", "KILLED", "UNKNOWN"]


@dataclass(frozen=True)
class ApplicationReport:
    """What a manager says of an application.

    Attributes:
        application_id: Spark's id.
        state: in the words that all managers share.
        detail: the manager's own words: its state, diagnostics, exit code.
        tracking_url: Spark's own pages of the running application, when the manager tells.
        executors: executors running, when the manager tells.
        answered: the manager answered; ``False``: it is silent about an application that it was given.
    """

    application_id: str
    state: ApplicationState
    detail: str = ""
    tracking_url: str | None = None
    executors: int | None = None
    answered: bool = True

    @property
    def may_run(self) -> bool:
        """It runs, or nobody can say that it does not."""
        return self.state == "RUNNING" or not self.answered


def silent(application_id: str | None, why: str) -> ApplicationReport | None:
    """What is known of an application whose manager does not answer."""
    return ApplicationReport(application_id, "UNKNOWN", why, answered=False) if application_id else None


@dataclass(frozen=True)
class DriverLog:
    """The log of a driver on the cluster.

    Attributes:
        where: where it lies, for people: an address, a command.
        end: its end; empty when nobody serves it.
    """

    where: str
    end: str = ""


@dataclass(frozen=True)
class End:
    """How ending an application went.

    Attributes:
        confirmed: it no longer runs.
        how: how we know, for people.
    """

    confirmed: bool
    how: str


class Manager(Protocol):
    """One cluster manager of one profile. Calls may take seconds and are bounded; none raises for a
    manager that does not answer: ``find`` says so, ``end`` is not confirmed and says why."""

    @property
    def name(self) -> str:
        """``local``, ``standalone``, ``yarn`` or ``kubernetes``."""

    def refuse(self, deploy_mode: DeployMode) -> None:
        """Refuse what can only fail, before anything starts (Python in standalone's cluster mode).

        Raises:
            UsageError: names the target and what to do.
        """

    def decides(self, deploy_mode: DeployMode) -> bool:
        """Whether its word counts for the outcome; where it lies or is silent, the exit code does."""

    def mark(self, run_id: str) -> Mapping[str, str]:
        """Spark settings by which ``find`` knows the run's application again."""

    def find(self, run_id: str, application_id: str | None) -> ApplicationReport | None:
        """The run's application, by its id or by its mark; ``None`` when there is none. Of a manager that is
        silent: ``None`` without an id, else a sighting that says so."""

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """End the application and look until it is gone, for ``timeout_s`` at most."""

    def driver_log(self, run_id: str, application_id: str | None) -> DriverLog | None:
        """The log of a driver that ran on the cluster; ``None`` when there is no such driver."""

    def waiting(self, application_id: str) -> str | None:
        """Why it has no resources yet, such as a full queue, in a sentence; ``None`` = no reason known."""
