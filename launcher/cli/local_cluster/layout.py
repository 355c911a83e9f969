"""What a cluster on this machine consists of: daemons, their arguments and their settings. Pure.

The settings go by properties files, because one of them is a secret. Every daemon binds to the loopback
address: its RPC by ``--host``, its pages by SPARK_LOCAL_IP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.spec.security.settings import AUTHENTICATION

HOST = "127.0.0.1"
DEPLOY = "org.apache.spark.deploy"
MASTER, HISTORY = "master", "history"
# A daemon keeps only lists; Spark's own default of 1g is for clusters of hundreds of machines.
DAEMON_MEMORY = "512m"
# The port that was found free, or none at all: elsewhere nobody would look for the daemon.
NO_OTHER_PORT = {"spark.port.maxRetries": "0"}


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        workers: how many.
        cores: of one worker.
        memory_mib: of one worker.
        gpus: pretended ones of one worker: addresses that are handed out, with nothing behind them.
        secure: authentication and encryption are on.
    """

    workers: int
    cores: int
    memory_mib: int
    gpus: int = 0
    secure: bool = False


@dataclass(frozen=True)
class Ports:
    """Free ports of this machine: the master's RPC and pages, the history server's pages."""

    master: int
    web: int
    history: int


@dataclass(frozen=True)
class Files:
    """Where the cluster keeps what it writes; all below one folder that only its owner may enter."""

    folder: Path

    @property
    def state(self) -> Path:
        """Which daemons there are."""
        return self.folder / "state.json"

    @property
    def events(self) -> Path:
        """The event logs, which the history server shows."""
        return self.folder / "events"

    @property
    def secret(self) -> Path:
        """The secret that a secure cluster shares with its applications."""
        return self.folder / "secret"

    @property
    def gpu_script(self) -> Path:
        """Prints the addresses of the pretended GPUs."""
        return self.folder / "gpus.sh"

    @property
    def conf(self) -> Path:
        """An empty configuration folder: settings of another cluster do not reach this one."""
        return self.folder / "conf"

    def log(self, daemon: str) -> Path:
        """What a daemon writes."""
        return self.folder / "logs" / f"{daemon}.log"

    def properties(self, daemon: str) -> Path:
        """The settings of a daemon."""
        return self.folder / "properties" / f"{daemon}.properties"

    def work(self, daemon: str) -> Path:
        """Where a worker keeps its applications."""
        return self.folder / "work" / daemon


@dataclass(frozen=True)
class Daemon:
    """One daemon to be started.

    Attributes:
        name: ``master``, ``worker-1``, ``history``.
        arguments: its class and arguments, for spark-class.
        settings: its Spark settings.
    """

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str]


def master_address(ports: Ports) -> str:
    """What applications connect to."""
    return f"spark://{HOST}:{ports.master}"


def page_address(port: int) -> str:
    """Pages of a daemon."""
    return f"http://{HOST}:{port}"


def daemons(wanted: Wanted, ports: Ports, files: Files, secret: str | None) -> tuple[Daemon, ...]:
    """The daemons, in the order in which they start."""
    workers = (_worker(n, wanted, ports, files, secret) for n in range(1, wanted.workers + 1))
    return (_master(wanted, ports, files, secret), *workers, _history(wanted, ports, files))


def _master(wanted: Wanted, ports: Ports, files: Files, secret: str | None) -> Daemon:
    at = ["--host", HOST, "--port", str(ports.master), "--webui-port", str(ports.web)]
    # Submission by REST asks nobody who he is, and Python cannot use it.
    settings = {"spark.master.rest.enabled": "false", **NO_OTHER_PORT, **_security(secret)}
    if wanted.secure:
        settings |= {"spark.ui.killEnabled": "false"}
    return _daemon(MASTER, f"{DEPLOY}.master.Master", at, files, settings)


def _worker(number: int, wanted: Wanted, ports: Ports, files: Files, secret: str | None) -> Daemon:
    name = f"worker-{number}"
    offer = ["--cores", str(wanted.cores), "--memory", f"{wanted.memory_mib}m"]
    at = ["--host", HOST, "--webui-port", "0", "--work-dir", str(files.work(name))]
    settings = _security(secret)
    if wanted.gpus:
        settings |= {
            "spark.worker.resource.gpu.amount": str(wanted.gpus),
            "spark.worker.resource.gpu.discoveryScript": str(files.gpu_script),
        }
    worker = _daemon(name, f"{DEPLOY}.worker.Worker", [*at, *offer], files, settings)
    return Daemon(name, (*worker.arguments, master_address(ports)), settings)


def _history(wanted: Wanted, ports: Ports, files: Files) -> Daemon:
    settings = {
        "spark.history.ui.port": str(ports.history),
        "spark.history.fs.logDirectory": files.events.as_uri(),
        "spark.history.fs.update.interval": "2s",
        **NO_OTHER_PORT,
    }
    return _daemon(HISTORY, f"{DEPLOY}.history.HistoryServer", [], files, settings)


def _daemon(name: str, kind: str, flags: list[str], files: Files, settings: dict[str, str]) -> Daemon:
    return Daemon(name, (kind, *flags, "--properties-file", str(files.properties(name))), settings)


def _security(secret: str | None) -> dict[str, str]:
    return {**AUTHENTICATION, "spark.authenticate.secret": secret} if secret is not None else {}


def gpu_script(gpus: int) -> str:
    """A discovery script as Spark wants it."""
    addresses = ", ".join(f'"{n}"' for n in range(gpus))
    return f"""#!/bin/sh\necho '{{"name": "gpu", "addresses": [{addresses}]}}'\n"""
