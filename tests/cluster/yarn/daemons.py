"""A real ResourceManager and NodeManager on this machine, from jars that only the tests use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from launcher.cli.local_cluster.daemons import free_ports
from launcher.cli.local_cluster.layout import Ports
from launcher.cli.support import jar_sources
from launcher.environment import running_interpreter
from launcher.host.jars.fetch import fetch
from launcher.host.jars.jar_lock import LOCK_NAME, read_lock
from launcher.host.java.find import required_java
from launcher.places import places
from sparkjobs.errors import SparkjobsError
from tests.cluster.running import until

JAVA_OPTIONS = (
    "-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true".split()
)
OPENED = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "util", "io", "net")]
SERVER = "org.apache.hadoop.yarn.server"
LOG4J = """log4j.rootLogger=INFO,c
log4j.appender.c=org.apache.log4j.ConsoleAppender
log4j.appender.c.target=System.err
log4j.appender.c.layout=org.apache.log4j.PatternLayout
log4j.appender.c.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
"""
QUEUES = {
    "maximum-am-resource-percent": "0.9",
    "resource-calculator": "org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator",
    "root.queues": "default",
    "root.default.capacity": "100",
}


def jars() -> Path:
    """The folder with the daemons' jars, fetched once and held against the lock; skips without them."""
    folder = places(os.environ).cache / "test-yarn"
    try:
        lock = read_lock(Path(__file__).with_name(LOCK_NAME))
        fetch(folder, lock.jars(["yarn"]), jar_sources(os.environ))
    except (SparkjobsError, OSError) as error:
        pytest.skip(f"the jars of YARN's daemons cannot be had: {error}")
    return folder


@dataclass
class Yarn:
    """One cluster; the NodeManager is started when a test wants it."""

    folder: Path
    jars: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        one, two = free_ports(), free_ports()
        self.web = f"127.0.0.1:{one.web}"
        self.conf.mkdir(parents=True)
        (self.conf / "log4j.properties").write_text(LOG4J)
        self._write("core-site", {"fs.defaultFS": "file:///", "hadoop.tmp.dir": f"{self.folder}/tmp"})
        self._write("yarn-site", {**_resource_manager(one, two), **_node_manager(self.folder)})
        self._write("capacity-scheduler", {f"yarn.scheduler.capacity.{k}": v for k, v in QUEUES.items()})

    @property
    def conf(self) -> Path:
        """The Hadoop configuration folder."""
        return self.folder / "hadoop"

    def start_resource_manager(self) -> None:
        """Start it, and wait for its pages."""
        self._start("resourcemanager.ResourceManager")
        until(lambda: self._answers("info") or None, "the ResourceManager")

    def start_node_manager(self) -> None:
        """Start it, and wait until the ResourceManager counts it."""
        self._start("nodemanager.NodeManager")
        until(lambda: "RUNNING" in self._answers("nodes?states=RUNNING") or None, "the NodeManager")

    def stop(self) -> None:
        """End both; a NodeManager may take long to obey."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _answers(self, what: str) -> str:
        assert all(process.poll() is None for process in self.processes), self._logs()
        try:
            return requests.get(f"http://{self.web}/ws/v1/cluster/{what}", timeout=5).text
        except requests.RequestException:
            return ""

    def _start(self, name: str) -> None:
        java = str(required_java(os.environ).home / "bin" / "java")
        path = f"{self.conf}:{self.jars}/*"
        command = [
            java,
            *JAVA_OPTIONS,
            *OPENED,
            f"-Dyarn.log.dir={self.folder}",
            "-cp",
            path,
            f"{SERVER}.{name}",
        ]
        environ = {**os.environ, "HADOOP_CONF_DIR": str(self.conf), "YARN_CONF_DIR": str(self.conf)}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(command, env=environ, cwd=self.folder, stdout=log, stderr=log)
            )

    def _logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in self.folder.glob("*.log"))

    def _write(self, name: str, settings: Mapping[str, str]) -> None:
        entries = (f"<property><name>{k}</name><value>{v}</value></property>\n" for k, v in settings.items())
        (self.conf / f"{name}.xml").write_text(f"<configuration>\n{''.join(entries)}</configuration>\n")


def _resource_manager(one: Ports, two: Ports) -> dict[str, str]:
    prefix, host = "yarn.resourcemanager", "127.0.0.1"
    return {
        f"{prefix}.hostname": host,
        f"{prefix}.bind-host": host,
        f"{prefix}.webapp.address": f"${{{prefix}.hostname}}:{one.web}",
        f"{prefix}.address": f"{host}:{one.master}",
        f"{prefix}.scheduler.address": f"{host}:{one.history}",
        f"{prefix}.resource-tracker.address": f"{host}:{two.master}",
        f"{prefix}.admin.address": f"{host}:{two.web}",
        f"{prefix}.scheduler.class": f"{SERVER}.resourcemanager.scheduler.capacity.CapacityScheduler",
        "yarn.scheduler.minimum-allocation-mb": "256",
        "yarn.webapp.ui2.enable": "false",
        "yarn.application.classpath": "",
    }


def _node_manager(folder: Path) -> dict[str, str]:
    prefix, host = "yarn.nodemanager", "127.0.0.1"
    return {
        f"{prefix}.hostname": host,
        f"{prefix}.address": f"{host}:0",
        f"{prefix}.localizer.address": f"{host}:0",
        f"{prefix}.webapp.address": f"{host}:0",
        f"{prefix}.resource.memory-mb": "6144",
        f"{prefix}.resource.cpu-vcores": "8",
        f"{prefix}.local-dirs": f"{folder}/nm-local",
        f"{prefix}.log-dirs": f"{folder}/nm-log",
        f"{prefix}.resource.memory.enforced": "false",
        f"{prefix}.vmem-check-enabled": "false",
        f"{prefix}.disk-health-checker.max-disk-utilization-per-disk-percentage": "99.5",
        f"{prefix}.env-whitelist": "JAVA_HOME,HADOOP_CONF_DIR",
        "yarn.log-aggregation-enable": "false",
    }


def profile(yarn: Yarn, deploy_mode: str) -> str:
    """A cluster profile for it: small executors, Spark and Python of this machine."""
    interpreter = running_interpreter()
    settings = {
        "spark.yarn.jars": f"local:{interpreter.spark_home}/jars/*",
        "spark.yarn.stagingDir": f"file://{yarn.folder}/staging",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.sql.shuffle.partitions": "1",
        **{
            f"spark.{where}.{name}": value
            for where in ("yarn.appMasterEnv", "executorEnv")
            for name, value in {
                "PYSPARK_PYTHON": interpreter.executable,
                "SPARK_HOME": str(interpreter.spark_home),
                "SPARK_LOCAL_IP": "127.0.0.1",
            }.items()
        },
    }
    lines = "".join(f'  {key}: "{value}"\n' for key, value in settings.items())
    nodes = (
        "nodes: {count: 1, cores: 8, memory: 6g, reserved_cores: 0, reserved_memory: 0m, reserved_share: 0}\n"
    )
    head = f"manager: yarn\ndeploy_mode: {deploy_mode}\nyarn: {{hadoop_conf_dir: {yarn.conf}}}\n"
    return f"{head}{nodes}conf:\n{lines}"
