"""Record what a real API server answers about the pods of a run.

``python -m tests.recorded.kubernetes.record BINARIES`` writes NAME.json beside this file. BINARIES is a
folder with kube-apiserver and kube-scheduler (``go build k8s.io/kubernetes/cmd/...``), and etcd unless it is
on PATH.

spark-submit makes the driver's pod, the scheduler judges it; the executor's pod is made as Spark makes it,
and what a kubelet would tell is told by this script, in the words of a kubelet.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from launcher.managers.answers.kubernetes import RUN_LABEL, label
from launcher.managers.kubernetes import KubernetesManager
from launcher.spec.cluster import Cluster, Kubernetes
from tests.recorded.kubernetes.control_plane import Api, control_plane
from tests.spark.submitting import environment

RUN = "20261121T131107Z-hello-5129e26e"
PODS = "/api/v1/namespaces/default/pods"
CONTAINER = "spark-kubernetes-driver"


def main(binaries: Path) -> None:
    """Record everything."""
    with tempfile.TemporaryDirectory() as name, control_plane(Path(name), binaries) as api:
        submit(api)
        driver = wait_for(api, lambda pod: bool(pod["status"].get("conditions")))
        record(api, "pending_without_a_node")
        node(api, cpu="500m")
        wait_for(api, lambda pod: "Insufficient" in pod["status"]["conditions"][0].get("message", ""))
        record(api, "pending_for_want_of_cpu")
        node(api, cpu="8")
        wait_for(api, lambda pod: "nodeName" in pod["spec"])
        play(api, f"{PODS}/{driver['metadata']['name']}", driver)


def play(api: Api, path: str, driver: dict[str, Any]) -> None:
    """Tell what a kubelet would tell, and record each time."""
    for name, status in LIVES.items():
        api.patch_status(path, status)
        if name == "running":
            executor(api, driver)
        record(api, name)
    for name, status in ENDS.items():
        api.patch_status(path, status)
        record(api, name)
    submit(api)
    record(api, "second_attempt")
    second = newest(api)
    api.patch_status(second, LIVES["running"])
    api.ask("DELETE", second, {"gracePeriodSeconds": 30})
    record(api, "being_deleted")
    for gone in (path, second):
        api.ask("DELETE", gone, {"gracePeriodSeconds": 0})
    record(api, "driver_deleted")
    api.ask("DELETE", f"{PODS}/hello-exec-1", {"gracePeriodSeconds": 0})
    record(api, "no_pod")


def newest(api: Api) -> str:
    """The path of the driver that has no end yet."""
    drivers = [pod for pod in answer(api)["items"] if pod["metadata"]["labels"]["spark-role"] == "driver"]
    name = next(pod["metadata"]["name"] for pod in drivers if pod["status"]["phase"] == "Pending")
    return f"{PODS}/{name}"


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A container that does not run yet."""
    return _status("Pending", {"waiting": {"reason": reason, "message": message}})


def ended(phase: str, code: int, why: str, **more: str) -> dict[str, Any]:
    """A container that has ended."""
    times = {"startedAt": "2026-11-21T13:11:20Z", "finishedAt": "2026-11-21T13:12:20Z"}
    return _status(phase, {"terminated": {"exitCode": code, "reason": why, **times}}, **more)


def _status(phase: str, state: dict[str, Any], **more: str) -> dict[str, Any]:
    # A merge keeps what is not named; null takes it away.
    states = {"waiting": None, "running": None, "terminated": None, **state}
    container = {"name": CONTAINER, "image": "spark:4.0.4", "imageID": "", "ready": False, "restartCount": 0}
    return {
        "phase": phase, "reason": None, "message": None, **more,
        "containerStatuses": [{**container, "state": states}],
    }  # fmt: skip


LIVES = {
    "container_creating": waiting("ContainerCreating"),
    "image_missing": waiting("ImagePullBackOff", 'Back-off pulling image "spark:4.0.4"'),
    "running": _status("Running", {"running": {"startedAt": "2026-11-21T13:11:20Z"}}),
}
ENDS = {
    "succeeded": ended("Succeeded", 0, "Completed"),
    "failed": ended("Failed", 1, "Error"),
    "out_of_memory": ended("Failed", 137, "OOMKilled"),
    "evicted": ended(
        "Failed", 137, "Error", reason="Evicted", message="The node was low on resource: memory."
    ),
}


def submit(api: Api) -> None:
    """The driver's pod as Spark makes it, with our mark."""
    settings = {
        "spark.kubernetes.container.image": "spark:4.0.4",
        "spark.kubernetes.submission.waitAppCompletion": "false",
        **manager(api).mark(RUN),
    }
    confs = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    environ = {**environment(), "KUBECONFIG": str(api.kubeconfig)}
    for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):  # a Python of this machine means nothing there
        environ.pop(name)
    command = [f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", f"k8s://{api.address}"]
    command += ["--name", "hello", "--deploy-mode", "cluster", *confs, "local:///opt/spark/hello.py"]
    subprocess.run(command, env=environ, check=True, stderr=subprocess.DEVNULL)


def manager(api: Api) -> KubernetesManager:
    """Ours, for that cluster."""
    section = Kubernetes(image="spark:4.0.4")
    cluster = Cluster(name="k", manager="kubernetes", address=f"k8s://{api.address}", kubernetes=section)
    return KubernetesManager(cluster, str(api.kubeconfig))


def executor(api: Api, driver: dict[str, Any]) -> None:
    """An executor that waits for a place, with the labels that the driver would give it."""
    labels = {**driver["metadata"]["labels"], "spark-role": "executor", "spark-exec-id": "1"}
    wants = {"cpu": "64", "memory": "1408Mi"}
    container = {
        "name": "spark-kubernetes-executor",
        "image": "spark:4.0.4",
        "resources": {"requests": wants},
    }
    spec = {"restartPolicy": "Never", "containers": [container]}
    api.ask("POST", PODS, {"metadata": {"name": "hello-exec-1", "labels": labels}, "spec": spec})
    wait_for(api, lambda pod: bool(pod["status"].get("conditions")), "executor")


def node(api: Api, cpu: str) -> None:
    """One node with that many cores."""
    if not api.ask("GET", "/api/v1/nodes").json()["items"]:
        api.ask("POST", "/api/v1/nodes", {"metadata": {"name": "node-1"}})
    size = {"cpu": cpu, "memory": "16Gi", "pods": "50"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    api.patch_status("/api/v1/nodes/node-1", {"capacity": size, "allocatable": size, "conditions": [ready]})
    spec = {"spec": {"taints": None}}  # nobody else takes the mark of a fresh node away
    api.ask("PATCH", "/api/v1/nodes/node-1", spec, "application/merge-patch+json")


def wait_for(api: Api, fits: Any, role: str = "driver") -> dict[str, Any]:
    """The pod of a role, once it fits."""
    for _ in range(600):
        pods = [pod for pod in answer(api)["items"] if pod["metadata"]["labels"]["spark-role"] == role]
        if pods and fits(pods[0]):
            return copy.deepcopy(pods[0])
        time.sleep(0.1)
    raise TimeoutError(json.dumps(pods, indent=1))


def answer(api: Api) -> dict[str, Any]:
    """The list of the run's pods."""
    found: dict[str, Any] = api.ask("GET", f"{PODS}?labelSelector={RUN_LABEL}={label(RUN)}").json()
    return found


def record(api: Api, name: str) -> None:
    """Write the list, without the bookkeeping of field managers."""
    listed = answer(api)
    for pod in listed["items"]:
        pod["metadata"].pop("managedFields", None)
    text = json.dumps(listed, indent=1) + "\n"
    Path(__file__).with_name(f"{name}.json").write_text(text.replace(os.uname().nodename, "host"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
