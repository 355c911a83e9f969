"""etcd, kube-apiserver and kube-scheduler on this machine. No kubelet: who records plays it."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from launcher.cli.local_cluster.daemons import free_ports

TOKEN = "recording"
MERGE = "application/strategic-merge-patch+json"


@dataclass(frozen=True)
class Api:
    """The API server."""

    address: str
    certificate: Path
    kubeconfig: Path

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> requests.Response:
        """One request; an answer that is no success is an error."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update({"Authorization": f"Bearer {TOKEN}", "Content-Type": kind})
            answer = session.request(
                method, self.address + path, json=body, verify=str(self.certificate), timeout=20
            )
        answer.raise_for_status()
        return answer

    def patch_status(self, path: str, status: dict[str, Any]) -> None:
        """What a kubelet does: tell the status of a pod or node."""
        self.ask("PATCH", f"{path}/status", {"status": status}, MERGE)


@contextmanager
def control_plane(folder: Path, binaries: Path) -> Iterator[Api]:
    """The API of a cluster without a node."""
    first, second = free_ports(), free_ports()
    api = Api(f"https://127.0.0.1:{second.master}", folder / "certs/apiserver.crt", folder / "kubeconfig")
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *flags: str) -> None:
        binary = shutil.which(name, path=f"{binaries}") or shutil.which(name) or name
        with (folder / f"{name}.log").open("wb") as log:
            processes.append(subprocess.Popen([binary, *flags], cwd=folder, stdout=log, stderr=log))

    try:
        start("etcd", *_etcd(folder, first.master, first.web))
        _write_credentials(folder, api)
        start("kube-apiserver", *_apiserver(folder, first.master, second.master))
        _wait(lambda: api.ask("GET", "/readyz").ok, folder)
        start("kube-scheduler", f"--kubeconfig={api.kubeconfig}", "--leader-elect=false", "--secure-port=0")
        yield api
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def _etcd(folder: Path, client: int, peer: int) -> list[str]:
    here, there = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        f"--data-dir={folder}/etcd", f"--listen-client-urls={here}", f"--advertise-client-urls={here}",
        f"--listen-peer-urls={there}", f"--initial-advertise-peer-urls={there}",
        f"--initial-cluster=default={there}", "--unsafe-no-fsync",
    ]  # fmt: skip


def _apiserver(folder: Path, etcd: int, port: int) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd}", f"--secure-port={port}", "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1", f"--cert-dir={folder}/certs",
        "--service-cluster-ip-range=10.0.0.0/24",
        f"--token-auth-file={folder}/tokens.csv", "--authorization-mode=AlwaysAllow",
        "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder}/sa.key",
        f"--service-account-signing-key-file={folder}/sa.key",
    ]  # fmt: skip


def _write_credentials(folder: Path, api: Api) -> None:
    subprocess.run(["openssl", "genrsa", "-out", f"{folder}/sa.key", "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
    cluster = f"{{server: '{api.address}', certificate-authority: {api.certificate}}}"
    api.kubeconfig.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
        f"clusters: [{{name: c, cluster: {cluster}}}]\nusers: [{{name: u, user: {{token: {TOKEN}}}}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
    )


def _wait(ready: Any, folder: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if ready():
                return
        except (requests.RequestException, OSError) as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no API server; see {folder}") from error
        time.sleep(0.2)
