"""A plan as a SparkApplication of the Kubernetes operator (sparkoperator.k8s.io/v1beta2)."""

from __future__ import annotations

import re
from typing import Any

from launcher.planning.render.arguments import open_settings
from launcher.planning.result import Plan
from launcher.planning.submit.command import main_arguments, main_file
from launcher.spec.cluster import Kubernetes
from sparkjobs.errors import UsageError

# What the operator takes from fields of the manifest. The rest goes through ``sparkConf``: its own section
# for dynamic allocation would switch shuffle tracking on, and its GPU fields would not tell Spark of GPUs.
_OF_PLACE = (
    "spark.master",
    "spark.submit.deployMode",
    "spark.app.name",
    "spark.kubernetes.container.image",
    "spark.kubernetes.namespace",
    "spark.kubernetes.authenticate.driver.serviceAccountName",
)
_OF_DRIVER = {
    "spark.driver.cores": "cores",
    "spark.driver.memory": "memory",
    "spark.driver.memoryOverhead": "memoryOverhead",
}
_OF_EXECUTOR = {
    "spark.executor.cores": "cores",
    "spark.executor.instances": "instances",
    "spark.executor.memory": "memory",
    "spark.executor.memoryOverhead": "memoryOverhead",
}
_NUMBERS = frozenset({"cores", "instances"})
# Settings that name files which the operator's pod, not this machine, must be able to read.
_FILES = ("spark.jars", "spark.submit.pyFiles", "spark.files", "spark.archives")
_TEMPLATES = ("spark.kubernetes.driver.podTemplateFile", "spark.kubernetes.executor.podTemplateFile")


def spark_application(plan: Plan) -> dict[str, Any]:
    """The manifest as plain data.

    Raises:
        UsageError: the target is no Kubernetes cluster.
    """
    kubernetes = plan.cluster.kubernetes
    if plan.cluster.manager != "kubernetes" or kubernetes is None:
        raise UsageError(
            f"-o operator: the manager of {plan.cluster.name} is {plan.cluster.manager}",
            "The operator runs on Kubernetes; take a --target whose manager is kubernetes.",
        )
    # The operator names the application after the resource.
    name = plan.value("spark.app.name") or plan.application.name
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": resource_name(name), "namespace": _namespace(plan, kubernetes)},
        "spec": _spec(plan, kubernetes),
    }


def resource_name(name: str) -> str:
    """A name as Kubernetes takes it: lower case letters, digits and dashes, a letter first, at most 63."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return (plain if plain[:1].isalpha() else f"app-{plain}")[:63].rstrip("-")


def unreachable_files(plan: Plan) -> tuple[str, ...]:
    """Files of this machine that the manifest names: the operator's pod does not see them."""
    lists = [plan.value(key) or "" for key in (*_FILES, *_TEMPLATES)]
    named = [main_file(plan.application), *(name for text in lists for name in text.split(","))]
    return tuple(name for name in named if name and not re.match(r"[a-z][a-z0-9+.-]*:", name))


def _namespace(plan: Plan, kubernetes: Kubernetes) -> str:
    return plan.value("spark.kubernetes.namespace") or kubernetes.namespace


def _spec(plan: Plan, kubernetes: Kubernetes) -> dict[str, Any]:
    settings = open_settings(plan)
    driver, executor = _taken(settings, _OF_DRIVER), _taken(settings, _OF_EXECUTOR)
    account = settings.get("spark.kubernetes.authenticate.driver.serviceAccountName")
    return {
        "type": "Python",
        "mode": "cluster",
        "image": settings.get("spark.kubernetes.container.image", kubernetes.image),
        "sparkVersion": plan.cluster.spark_version,
        "mainApplicationFile": main_file(plan.application),
        "arguments": main_arguments(plan.application),
        # Retries are the launcher's: the operator's own would run a failed write twice.
        "restartPolicy": {"type": "Never"},
        "driver": {**driver, **({"serviceAccount": account} if account else {})},
        "executor": executor,
        "sparkConf": {key: value for key, value in settings.items() if key not in _OF_PLACE},
    }


def _taken(settings: dict[str, str], fields: dict[str, str]) -> dict[str, Any]:
    """The fields of driver or executor, taken out of the settings."""
    found = {name: settings.pop(key) for key, name in fields.items() if key in settings}
    return {name: int(value) if name in _NUMBERS else value for name, value in found.items()}
