"""Answers recorded from a real API server, and what the manager makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.managers.answers.kubernetes import label, last_application, pods_of, report, shortage
from launcher.managers.kubernetes import KubernetesManager, kubernetes_manager
from launcher.spec.cluster import Cluster, Kubernetes
from sparkjobs.errors import EnvironmentProblem
from tests.unit.managers.pages import served

RECORDED = Path(__file__).parents[2] / "recorded" / "kubernetes"
RUN = "20261121T131107Z-hello-5129e26e"


def answer(name: str) -> bytes:
    return (RECORDED / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "state", "message"),
    [
        ("pending_without_a_node", "RUNNING", "Pending"),
        ("pending_for_want_of_cpu", "RUNNING", "Pending"),
        ("container_creating", "RUNNING", "Pending"),
        ("image_missing", "RUNNING", "Pending"),
        ("running", "RUNNING", "Running"),
        ("being_deleted", "RUNNING", "it is being deleted"),
        ("succeeded", "SUCCEEDED", "container spark-kubernetes-driver: Completed, exit code 0"),
        ("failed", "FAILED", "container spark-kubernetes-driver: Error, exit code 1"),
        ("out_of_memory", "FAILED", "container spark-kubernetes-driver: OOMKilled, exit code 137"),
        ("evicted", "FAILED", "Evicted: The node was low on resource: memory."),
        ("second_attempt", "RUNNING", "Pending"),
        ("driver_deleted", "RUNNING", "executors run"),
    ],
)
def test_the_drivers_pod_in_our_words(name: str, state: str, message: str) -> None:
    seen = report(last_application(pods_of(answer(name))))
    assert seen is not None
    assert seen.state == state
    assert message in seen.detail
    assert seen.application_id.startswith("spark-")


def test_without_a_pod_there_is_no_application() -> None:
    assert report(last_application(pods_of(answer("no_pod")))) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pending_without_a_node", "the driver's pod waits: Unschedulable: no nodes available"),
        ("pending_for_want_of_cpu", "the driver's pod waits: Unschedulable: 0/1 nodes are available: 1 Ins"),
        ("image_missing", 'the driver\'s pod waits: ImagePullBackOff: Back-off pulling image "spark:4.0.4"'),
        ("running", "1 of 1 executor pods wait: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu"),
    ],
)  # fmt: skip
def test_a_pod_is_told_what_keeps_it(name: str, message: str) -> None:
    assert (shortage(pods_of(answer(name))) or "").startswith(message)


@pytest.mark.parametrize("name", ["container_creating", "no_pod"])
def test_a_pod_that_begins_is_kept_by_nothing(name: str) -> None:
    assert shortage(pods_of(answer(name))) is None


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"kind": "Status"}', b"\xff"])
def test_another_answer_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="no list of pods"):
        pods_of(text)


@pytest.mark.parametrize(
    ("run_id", "value"),
    [
        (RUN, RUN),
        ("a b/c", "a-b-c"),
        ("x" * 80 + "-1f", "x" * 60 + "-1f"),
        ("-a-", "a"),
        ("x-" * 40, "x-" * 30 + "x"),
    ],
)
def test_a_label_is_one_that_kubernetes_takes(run_id: str, value: str) -> None:
    assert label(run_id) == value
    assert len(label(run_id)) <= 63


Manager = Callable[[str], KubernetesManager]


@pytest.fixture
def manager(tmp_path: Path) -> Manager:
    def made(web: str) -> KubernetesManager:
        file = tmp_path / "kubeconfig"
        file.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
            "clusters: [{name: c, cluster: {server: 'http://elsewhere:1'}}]\n"
            "users: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
        )
        section = Kubernetes(image="i", namespace="etl")
        cluster = Cluster(name="k", manager="kubernetes", address=f"k8s://{web}", kubernetes=section)
        return KubernetesManager(cluster, str(file))

    return made


def test_pods_are_found_by_the_runs_label_in_the_profiles_namespace(manager: Manager) -> None:
    requested: list[str] = []

    def api(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        requested.append(path)
        return 200, answer("running")

    with served(api) as web:
        seen = manager(web).find(RUN, None)
        assert manager(web).waiting("spark-1") is not None
    assert seen is not None
    assert requested == [
        f"/api/v1/namespaces/etl/pods?labelSelector=sparkjobs-run%3D{RUN}",
        "/api/v1/namespaces/etl/pods?labelSelector=spark-app-selector%3Dspark-1",
    ]
    assert manager(web).mark(RUN) == {
        "spark.kubernetes.driver.label.sparkjobs-run": RUN,
        "spark.kubernetes.executor.label.sparkjobs-run": RUN,
    }


def test_an_application_whose_pods_are_gone_is_no_success(manager: Manager) -> None:
    with served(lambda *_: (200, answer("no_pod"))) as web:
        gone, never = manager(web).find(RUN, "spark-1"), manager(web).find(RUN, None)
    assert gone is not None
    assert (gone.state, gone.detail) == ("UNKNOWN", "it has no pod any more: deleted")
    assert never is None


def test_an_end_deletes_every_pod_once_and_looks_until_none_is_left(manager: Manager) -> None:
    requested: list[str] = []

    def api(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        requested.append(f"{method} {path.partition('pods')[2]}")
        if method == "DELETE":
            return 200, b"{}"
        return 200, answer("running" if len(requested) < 5 else "no_pod")

    with served(api) as web:
        end = manager(web).end(RUN, None, 15)
    assert end.confirmed
    deleted = [line for line in requested if line.startswith("DELETE")]
    assert len(deleted) == 2
    assert all("gracePeriodSeconds=10" in line for line in deleted)


def test_pods_that_stay_are_named(manager: Manager) -> None:
    with served(lambda *_: (200, answer("being_deleted"))) as web:
        end = manager(web).end(RUN, None, 0)
    assert not end.confirmed
    assert "hello-exec-1" in end.how
    assert "namespace etl" in end.how


def test_pods_that_have_ended_need_no_end(manager: Manager) -> None:
    ended = answer("succeeded").replace(b'"phase": "Pending"', b'"phase": "Succeeded"')
    with served(lambda *_: (200, ended)) as web:
        assert manager(web).end(RUN, None, 5).confirmed


@pytest.mark.parametrize(("status", "text"), [(403, b"{}"), (500, b""), (200, b"<html>")])
def test_silence_is_said_and_never_raised(manager: Manager, status: int, text: bytes) -> None:
    with served(lambda *_: (status, text)) as web:
        silent = manager(web)
        assert not silent.find(RUN, "spark-1").answered
        assert silent.waiting("spark-1") is None
        end = silent.end(RUN, None, 5)
    assert not end.confirmed
    assert web in end.how


def test_without_credentials_nobody_is_asked(tmp_path: Path) -> None:
    cluster = Cluster(name="k", manager="kubernetes", address="k8s://h", kubernetes=Kubernetes(image="i"))
    end = KubernetesManager(cluster, str(tmp_path / "missing")).end(RUN, None, 5)
    assert not end.confirmed
    assert "no credentials for https://h" in end.how


def test_the_profiles_settings_bring_credentials_as_for_spark_submit(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret-of-a-test\n")
    prefix = "spark.kubernetes.authenticate.submission"
    seen: list[str | None] = []

    with served(
        lambda *_: (200, answer("running")), lambda headers: seen.append(headers["Authorization"])
    ) as web:
        settings = {f"{prefix}.oauthTokenFile": str(tmp_path / "token"), f"{prefix}.caCertFile": "/ca.crt"}
        section = Kubernetes(image="i")
        cluster = Cluster(
            name="k", manager="kubernetes", address=f"k8s://{web}", kubernetes=section, conf=settings
        )
        assert KubernetesManager(cluster, str(tmp_path / "missing")).find(RUN, None) is not None
    assert seen == ["Bearer secret-of-a-test"]


def test_a_missing_package_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(name="k", manager="kubernetes", address="k8s://h", kubernetes=Kubernetes(image="i"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EnvironmentProblem, match="package kubernetes is not installed"):
        kubernetes_manager(cluster, {})
