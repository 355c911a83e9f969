"""Start one daemon, look at it, end it with all that it started."""

from __future__ import annotations

import itertools
import random
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from launcher.cli.local_cluster.layout import DAEMON_MEMORY, HOST, Daemon, Files, Ports
from launcher.cli.local_cluster.state import Started
from launcher.planning.render.spark_defaults import escaped
from launcher.records.record import Process
from launcher.records.store import replace_file
from launcher.runs.processes import find, identify, send, tree
from sparkjobs.errors import EnvironmentProblem

# Below those that systems hand out by themselves: one of these is still free when the daemon has come up.
PORTS = range(20_000, 32_000)
TERM_S, KILL_S = 10.0, 5.0
LAST_LINES = 15
# spark-class starts a short-lived JVM only to build the command line of the real one.
QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def free_ports() -> Ports:
    """Three ports that nobody uses now."""
    candidates = random.sample(PORTS, len(PORTS))
    master, web, history = itertools.islice(filter(_is_free, candidates), 3)
    return Ports(master, web, history)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def daemon_environment(environ: Mapping[str, str], files: Files) -> dict[str, str]:
    """The environment of every daemon: the loopback address, no configuration of another cluster."""
    others = {"SPARK_MASTER_OPTS", "SPARK_WORKER_OPTS", "SPARK_HISTORY_OPTS", "SPARK_PUBLIC_DNS"}
    kept = {name: value for name, value in environ.items() if name not in others}
    kept.setdefault("SPARK_DAEMON_MEMORY", DAEMON_MEMORY)
    kept.setdefault("SPARK_LAUNCHER_OPTS", QUICK_JVM)
    # SPARK_LOCAL_IP binds, SPARK_LOCAL_HOSTNAME is what a daemon calls itself to others
    # (Utils.localHostName).
    return kept | {"SPARK_LOCAL_IP": HOST, "SPARK_LOCAL_HOSTNAME": HOST, "SPARK_CONF_DIR": str(files.conf)}


def start(daemon: Daemon, files: Files, spark_home: Path, environ: Mapping[str, str]) -> Started:
    """Start a daemon that outlives this process; what it writes goes to its log.

    Raises:
        EnvironmentProblem: it cannot be started.
    """
    lines = (f"{key} {escaped(value)}\n" for key, value in daemon.settings.items())
    replace_file(files.properties(daemon.name), "".join(lines).encode())
    command = [str(spark_home / "bin" / "spark-class"), *daemon.arguments]
    with files.log(daemon.name).open("wb") as log:
        try:
            child = subprocess.Popen(
                command, env=dict(environ), cwd=files.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise EnvironmentProblem(f"{command[0]} cannot be started: {error}") from error
    return Started(daemon.name, identify(child.pid) or Process(child.pid, 0.0))


def runs(daemon: Started) -> bool:
    """It is still there."""
    return find(daemon.process) is not None


def end(daemons: Sequence[Started]) -> list[str]:
    """End daemons and the executors below them; a line for each that says what happened.

    Raises:
        EnvironmentProblem: some outlive SIGKILL.
    """
    lines = [f"{one.name}: {'ended' if runs(one) else 'had ended already'}" for one in daemons]
    left = [process for daemon in daemons for process in tree(daemon.process)]
    for number, seconds in ((signal.SIGTERM, TERM_S), (signal.SIGKILL, KILL_S)):
        send(left, number)
        left = psutil.wait_procs(left, timeout=seconds)[1]
    if left:
        raise EnvironmentProblem(f"still there: pid {', '.join(str(process.pid) for process in left)}")
    return lines


def last_lines(log: Path) -> str:
    """The end of a daemon's log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "".join(f"\n  {line}" for line in lines[-LAST_LINES:])
