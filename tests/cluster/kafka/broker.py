"""A real broker of Kafka on this machine, from jars that only the tests use; its data outlives it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from dataclasses import dataclass
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
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
PASSWORD = "open-sesame-1001"
JAVA_OPTIONS = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": ",".join(
        f"{name}:{name.replace('CONTROLLER', 'PLAINTEXT')}"
        for name in ("CONTROLLER", "PLAINTEXT", "SASL_PLAINTEXT")
    ),
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": f'{LOGIN} required user_reader="{PASSWORD}";',
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
    """One broker that is its own controller; a second listener asks for a name and a password."""

    folder: Path
    jars: Path
    process: subprocess.Popen[bytes] | None = None
    topics: int = 0

    def __post_init__(self) -> None:
        ports = free_ports()
        self.address, self.guarded = f"127.0.0.1:{ports.web}", f"127.0.0.1:{ports.history}"
        controller = f"127.0.0.1:{ports.master}"
        self.folder.mkdir(parents=True)
        listeners = f"PLAINTEXT://{self.address},SASL_PLAINTEXT://{self.guarded}"
        own = {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"{listeners},CONTROLLER://{controller}",
            "advertised.listeners": listeners,
            "log.dirs": str(self.folder / "data"),
        }
        lines = [f"{key}={value}\n" for key, value in {**SETTINGS, **own}.items()]
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

    def topic(self, partitions: int = 1, **settings: str) -> str:
        """A new topic; nothing in it grows old."""
        from kafka.admin import NewTopic

        self.topics += 1
        name = f"topic-{self.topics}"
        configured = {"retention.ms": "-1", **settings}
        with self._admin() as admin:
            admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configured)])
        return name

    def grow(self, topic: str, partitions: int) -> None:
        """Give a topic more partitions."""
        with self._admin() as admin:
            admin.create_partitions({topic: partitions})

    def delete(self, topic: str) -> None:
        """Delete a topic."""
        with self._admin() as admin:
            admin.delete_topics([topic])

    def delete_before(self, topic: str, offset: int) -> None:
        """Delete the records of the first partition before an offset."""
        from kafka import TopicPartition

        with self._admin() as admin:
            admin.delete_records({TopicPartition(topic, 0): offset})

    def put(self, topic: str, *values: bytes | None, partition: int = 0, key: bytes = b"k") -> None:
        """Write records, and wait until they are there."""
        with self.producer() as producer:
            for value in values:
                producer.send(topic, value, key=key, partition=partition)
            producer.flush()

    def producer(self, **settings: Any) -> Any:
        """A client that writes records."""
        from kafka import KafkaProducer

        return contextlib.closing(KafkaProducer(bootstrap_servers=self.address, **settings))

    def _admin(self) -> Any:
        from kafka import KafkaAdminClient

        return contextlib.closing(
            KafkaAdminClient(bootstrap_servers=self.address, reconnect_backoff_max_ms=200)
        )

    def _answers(self) -> bool | None:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-4000:]
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return None
        with self._admin() as admin:  # the port is open a moment before the broker answers; this waits
            admin.list_topics()
        return True

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        java = str(required_java(os.environ).home / "bin" / "java")
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [java, *JAVA_OPTIONS, "-cp", f"{self.jars}/*", *arguments],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
