"""What a secure profile adds, manager by manager."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.redact import is_secret
from launcher.spec.cluster import Cluster, Kubernetes, Yarn
from launcher.spec.security.settings import AUTHENTICATION, secure_settings

AUTHENTICATE, CIPHER = "spark.authenticate", "spark.network.crypto.cipher"


def cluster(manager: Any, **other: Any) -> Cluster:
    needs: dict[str, Any] = {
        "standalone": {"address": "spark://h:7077"},
        "yarn": {"yarn": Yarn(hadoop_conf_dir="/etc/hadoop")},
        "kubernetes": {"address": "k8s://https://h", "kubernetes": Kubernetes(image="i")},
    }.get(manager, {})
    return Cluster(name="c", manager=manager, **{"secure": True, **needs, **other})


def settings(manager: str, **other: Any) -> dict[str, str]:
    return {guard.key: guard.value for guard in secure_settings(cluster(manager, **other))}


@pytest.mark.parametrize("manager", ["local", "standalone", "yarn", "kubernetes"])
def test_without_secure_nothing_is_added(manager: str) -> None:
    assert settings(manager, secure=False) == {}


@pytest.mark.parametrize("manager", ["standalone", "yarn", "kubernetes"])
def test_processes_authenticate_and_encrypt_and_take_no_weaker_way(manager: str) -> None:
    added = settings(manager)
    assert added[AUTHENTICATE] == added["spark.network.crypto.enabled"] == "true"
    assert added["spark.network.crypto.saslFallback"] == "false"
    assert added["spark.io.encryption.enabled"] == "true"


@pytest.mark.parametrize(
    ("manager", "service", "ours"),
    [("yarn", False, True), ("kubernetes", False, True), ("yarn", True, False), ("standalone", False, False)],
)
def test_the_cipher_is_ours_to_choose_only_among_our_own_processes(
    manager: str, service: bool, ours: bool
) -> None:
    assert (CIPHER in settings(manager, shuffle_service=service)) is ours


def test_one_process_needs_no_network_security() -> None:
    assert settings("local") == {"spark.io.encryption.enabled": "true", "spark.ui.enabled": "false"}


def test_pages_are_shown_only_where_somebody_asks_who_looks() -> None:
    assert settings("yarn")["spark.acls.enable"] == "true"
    assert "spark.ui.enabled" not in settings("yarn")
    assert settings("standalone")["spark.ui.enabled"] == settings("kubernetes")["spark.ui.enabled"] == "false"


@pytest.mark.parametrize("manager", ["local", "standalone", "yarn", "kubernetes"])
def test_no_secret_is_among_them_and_each_has_its_reason(manager: str) -> None:
    guards = secure_settings(cluster(manager))
    assert not [guard for guard in guards if is_secret(guard.key, guard.value)]
    assert all(guard.reason for guard in guards)


def test_the_daemons_of_a_cluster_here_say_what_its_applications_say() -> None:
    assert (
        AUTHENTICATION.items()
        >= {key: AUTHENTICATION[key] for key in settings("yarn") if "crypto" in key}.items()
    )
