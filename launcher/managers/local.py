"""Local mode: there is no manager beyond the driver's process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.managers.manager import MARK, ApplicationReport, DriverLog, End
from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class Local:
    """One process of this machine; whoever ends it has ended the application."""

    cluster: Cluster
    name: str = "local"

    def refuse(self, deploy_mode: DeployMode) -> None:
        """Refuse the cluster mode: there is no cluster."""
        if deploy_mode == "cluster":
            raise UsageError(
                f"target {self.cluster.name} is this machine and has no cluster mode", "Drop --deploy-mode."
            )

    def decides(self, deploy_mode: DeployMode) -> bool:
        """The exit code does."""
        return False

    def mark(self, run_id: str) -> Mapping[str, str]:
        """A setting without a meaning for Spark, by which its event log is found."""
        return {MARK: run_id}

    def find(self, run_id: str, application_id: str | None) -> ApplicationReport | None:
        """Nobody could be asked."""
        return None

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """Nothing runs elsewhere."""
        return End(True, "in local mode nothing runs outside the driver's process")

    def driver_log(self, run_id: str, application_id: str | None) -> DriverLog | None:
        """Its driver runs here."""
        return None

    def waiting(self, application_id: str) -> str | None:
        """Local mode hands out its threads at once."""
        return None
