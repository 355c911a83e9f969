"""Kubernetes, asked by its API with the credentials that spark-submit would take."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from launcher.managers.answers.kubernetes import (
    APPLICATION_LABEL,
    RUN_LABEL,
    Pod,
    label,
    last_application,
    pods_of,
    report,
    shortage,
)
from launcher.managers.http import NoAnswer
from launcher.managers.kubeapi import PodsApi
from launcher.managers.manager import ApplicationReport, DriverLog, End, silent
from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import EnvironmentProblem

LOOK_EVERY_S = 0.5
# What is left of the time to end an application after its pods were to end by themselves.
REMAINDER_S = 5.0


@dataclass(frozen=True)
class KubernetesManager:
    """Pods are known by a label with the run's id, drivers and executors alike.

    Attributes:
        cluster: the profile; of its ``conf`` the context and the submission's credentials count here too.
        kubeconfig: the user's file; ``None`` takes ``~/.kube/config``, inside a pod its service account.
    """

    cluster: Cluster
    kubeconfig: str | None
    name: str = "kubernetes"

    def refuse(self, deploy_mode: DeployMode) -> None:
        """Kubernetes has both modes."""

    def decides(self, deploy_mode: DeployMode) -> bool:
        """In cluster mode spark-submit ends with 0 whatever becomes of the driver; its pod tells."""
        return deploy_mode == "cluster"

    def mark(self, run_id: str) -> Mapping[str, str]:
        """A label."""
        roles = ("driver", "executor")
        return {f"spark.kubernetes.{role}.label.{RUN_LABEL}": label(run_id) for role in roles}

    def find(self, run_id: str, application_id: str | None) -> ApplicationReport | None:
        """The application by its pods. One that was seen and has no pod left was deleted, after what end
        nobody knows."""
        try:
            seen = report(last_application(self._pods(run_id, application_id)))
        except NoAnswer as silence:
            return silent(application_id, silence.message)
        if seen is None and application_id is not None:
            return ApplicationReport(application_id, "UNKNOWN", "it has no pod any more: deleted")
        return seen

    def end(self, run_id: str, application_id: str | None, timeout_s: float) -> End:
        """Delete its pods, and look until none of them runs."""
        deadline = time.monotonic() + timeout_s
        requested: set[str] = set()
        try:
            while left := [pod for pod in self._pods(run_id, application_id) if not pod.ended]:
                names = ", ".join(pod.metadata.name for pod in left)
                if time.monotonic() >= deadline:
                    return End(False, f"still there in namespace {self._api.namespace}: {names}")
                for pod in left:
                    if pod.metadata.name not in requested:
                        self._api.delete(pod.metadata.name, max(1, int(timeout_s - REMAINDER_S)))
                        requested.add(pod.metadata.name)
                time.sleep(LOOK_EVERY_S)
        except NoAnswer as silence:
            return End(False, silence.message)
        how = f"deleted {', '.join(sorted(requested))}" if requested else "there was none"
        return End(True, f"no pod of it runs in namespace {self._api.namespace}: {how}")

    def driver_log(self, run_id: str, application_id: str | None) -> DriverLog | None:
        """The log of the driver's pod, as long as the pod is there."""
        try:
            pods = last_application(self._pods(run_id, application_id))
            pod = next((pod.metadata.name for pod in pods if pod.role == "driver"), None)
        except NoAnswer:
            return None
        if pod is None:
            return None
        where = f"kubectl logs -n {self._api.namespace} {pod}"
        try:
            return DriverLog(where, self._api.log(pod).decode("utf-8", "replace"))
        except NoAnswer:
            return DriverLog(where)

    def waiting(self, application_id: str) -> str | None:
        """What keeps its pods, by the scheduler's or the kubelet's words."""
        try:
            return shortage(self._pods("", application_id))
        except NoAnswer:
            return None

    def _pods(self, run_id: str, application_id: str | None) -> tuple[Pod, ...]:
        by = f"{RUN_LABEL}={label(run_id)}"
        if application_id is not None:
            by = f"{APPLICATION_LABEL}={application_id}"
        answer = self._api.labelled(by)
        try:
            return pods_of(answer)
        except ValueError as error:
            raise NoAnswer(f"{self._api.host}: {error}") from error

    @cached_property
    def _api(self) -> PodsApi:
        return PodsApi(self.cluster, self.kubeconfig)


def kubernetes_manager(cluster: Cluster, environ: Mapping[str, str]) -> KubernetesManager:
    """The manager of a profile.

    Raises:
        EnvironmentProblem: the package that talks to Kubernetes is missing.
    """
    if importlib.util.find_spec("kubernetes") is None:
        raise EnvironmentProblem(
            f"target {cluster.name} is on Kubernetes and the package kubernetes is not installed",
            "pip install 'sparkjobs[kubernetes]'",
        )
    return KubernetesManager(cluster, environ.get("KUBECONFIG") or None)
