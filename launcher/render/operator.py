"""A plan as a SparkApplication of the Kubernetes operator (sparkoperator.k8s.io/v1beta2)."""

from __future__ import annotations

import re
from typing import Any

from launcher.planning.result import Plan
from launcher.render.arguments import open_settings
from launcher.spec.cluster import Kubernetes
from launcher.submit.application import main_arguments, main_file
from sparkjobs.errors import UsageError

# The operator writes these itself, from the fields of the manifest, or refuses them.
_FIELDS = (
    "spark.master", "spark.submit.deployMode", "spark.app.name",
    "spark.driver.cores", "spark.driver.memory", "spark.driver.memoryOverhead",
    "spark.executor.cores", "spark.executor.memory", "spark.executor.memoryOverhead",
    "spark.executor.instances",
    "spark.executor.resource.gpu.amount", "spark.executor.resource.gpu.vendor",
    "spark.dynamicAllocation.enabled", "spark.dynamicAllocation.initialExecutors",
    "spark.dynamicAllocation.minExecutors", "spark.dynamicAllocation.maxExecutors",
    "spark.kubernetes.container.image", "spark.kubernetes.namespace",
    "spark.kubernetes.authenticate.driver.serviceAccountName",
)  # fmt: skip


def spark_application(plan: Plan) -> dict[str, Any]:
    """The manifest as plain data.

    Raises:
        UsageError: the target is no Kubernetes cluster.
    """
    kubernetes = plan.cluster.kubernetes
    if plan.cluster.manager != "kubernetes" or kubernetes is None:
        raise UsageError(
            f"-o operator: {plan.cluster.name} is a {plan.cluster.manager} cluster",
            "The operator runs on Kubernetes; take a --target whose manager is kubernetes.",
        )
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": resource_name(plan.application.name), "namespace": kubernetes.namespace},
        "spec": _spec(plan, kubernetes),
    }


def resource_name(name: str) -> str:
    """A name as Kubernetes takes it: lower case letters, digits and dashes, at most 63."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-") or "application"


def _spec(plan: Plan, kubernetes: Kubernetes) -> dict[str, Any]:
    settings = open_settings(plan)
    return {
        "type": "Python",
        "pythonVersion": "3",
        "mode": "cluster",
        "image": kubernetes.image,
        "sparkVersion": plan.cluster.spark_version,
        "mainApplicationFile": main_file(plan.application),
        "arguments": main_arguments(plan.application),
        # Retries are the launcher's: the operator's own would run a failed write twice.
        "restartPolicy": {"type": "Never"},
        "dynamicAllocation": _allocation(plan),
        "driver": _driver(settings, kubernetes),
        "executor": _executor(plan, settings),
        "sparkConf": {key: value for key, value in settings.items() if key not in _FIELDS},
    }


def _allocation(plan: Plan) -> dict[str, Any]:
    executors = plan.executors
    return {
        "enabled": plan.value("spark.dynamicAllocation.enabled") == "true",
        "initialExecutors": executors.initial,
        "minExecutors": executors.min,
        "maxExecutors": executors.max,
    }


def _driver(settings: dict[str, str], kubernetes: Kubernetes) -> dict[str, Any]:
    driver: dict[str, Any] = {"cores": int(settings.get("spark.driver.cores", "1"))}
    driver |= _memory(settings, "spark.driver")
    if kubernetes.service_account:
        driver["serviceAccount"] = kubernetes.service_account
    return driver


def _executor(plan: Plan, settings: dict[str, str]) -> dict[str, Any]:
    executor: dict[str, Any] = {"cores": plan.executors.cores, "instances": plan.executors.initial}
    executor |= _memory(settings, "spark.executor")
    if plan.executors.gpus:
        vendor = settings.get("spark.executor.resource.gpu.vendor", "nvidia.com")
        executor["gpu"] = {"name": f"{vendor}/gpu", "quantity": plan.executors.gpus}
    return executor


def _memory(settings: dict[str, str], prefix: str) -> dict[str, str]:
    keys = {"memory": f"{prefix}.memory", "memoryOverhead": f"{prefix}.memoryOverhead"}
    return {name: settings[key] for name, key in keys.items() if key in settings}
