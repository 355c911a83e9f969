"""A real broker of Kafka on this machine, from jars that only the tests use; its data outlives it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from launcher.cli.local_cluster.daemons import free_ports
from launcher.cli.support import jar_sources
from launcher.host.jars.fetch import fetch
from launcher.host.jars.jar_lock import LOCK_NAME, read_lock
from launcher.host.java.find import required_java
from launcher.places import places
from sparkjobs.errors import SparkjobsError
from tests.cluster.running import until

CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg"
JAVA_OPTIONS = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "num.partitions": "2",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.retention.check.interval.ms": "500",
    "log.segment.delete.delay.ms": "0",
}


def jars() -> Path:
    """The folder with the broker's jars, fetched once and held against the lock; skips without them."""
    folder = places(os.environ).cache / "test-kafka"
    try:
        lock = read_lock(Path(__file__).with_name(LOCK_NAME))
        fetch(folder, lock.jars(["broker"]), jar_sources(os.environ))
    except (SparkjobsError, OSError) as error:
        pytest.skip(f"the jars of a broker cannot be had: {error}")
    return folder


@dataclass
class Broker:
    """One broker that is its own controller."""

    folder: Path
    jars: Path
    process: subprocess.Popen[bytes] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ports = free_ports()
        self.address, controller = f"127.0.0.1:{ports.web}", f"127.0.0.1:{ports.master}"
        self.folder.mkdir(parents=True)
        own = {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "log.dirs": str(self.folder / "data"),
        }
        lines = [f"{key}={value}\n" for key, value in {**SETTINGS, **own, **self.settings}.items()]
        (self.folder / "server.properties").write_text("".join(lines))
        self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", "server.properties").wait()

    def start(self) -> None:
        """Start it on the data that is there, and wait until it answers."""
        self.process = self._java("kafka.Kafka", "server.properties")
        until(self._answers, "the broker")

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def remove(self) -> None:
        """End it, and remove what it wrote."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool | None:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-4000:]
        # Ready is who answers: the port is open before the broker is.
        return True if self.admin().list_topics(timeout=5).brokers else None

    def admin(self) -> Any:
        """A client that makes topics."""
        from confluent_kafka.admin import AdminClient

        return AdminClient({"bootstrap.servers": self.address, "log_level": "0"})

    def producer(self, **settings: str) -> Any:
        """A client that writes records."""
        from confluent_kafka import Producer

        return Producer({"bootstrap.servers": self.address, "log_level": "0", **settings})

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        java = str(required_java(os.environ).home / "bin" / "java")
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [java, *JAVA_OPTIONS, "-cp", f"{self.jars}/*", *arguments],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
