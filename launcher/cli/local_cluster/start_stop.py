"""``sparkjob cluster start | stop | status``, without the printing."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from launcher.cli.local_cluster import state as store
from launcher.cli.local_cluster.daemons import daemon_environment, end, free_ports, last_lines, runs, start
from launcher.cli.local_cluster.layout import (
    Daemon,
    Files,
    Wanted,
    daemons,
    gpu_script,
    master_address,
    page_address,
)
from launcher.cli.local_cluster.profile import profile_path, profile_text, require_ours
from launcher.cli.local_cluster.state import State
from launcher.managers.answers.standalone import Master, master_of
from launcher.managers.http import NoAnswer, ask
from launcher.places import places
from launcher.records.store import replace_file
from sparkjobs.errors import EnvironmentProblem, UsageError

READY_S, READY_PER_WORKER_S = 60.0, 20.0
LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Spark:
    """The Spark whose daemons are started, with the environment that finds Java and Python."""

    home: Path
    version: str
    environ: Mapping[str, str]


def files_of(environ: Mapping[str, str]) -> Files:
    """Where the user's cluster keeps its files."""
    return Files(places(environ).state / "cluster")


def start_cluster(wanted: Wanted, spark: Spark, environ: Mapping[str, str]) -> State:
    """Start master, workers and history server, and wait until all of them serve.

    Raises:
        UsageError: a cluster runs already, or somebody else's profile is in the way.
        EnvironmentProblem: a daemon did not come up; none is left.
    """
    files, profile = files_of(environ), profile_path(places(environ).config)
    require_ours(profile)
    with store.alone(files):
        _require_none(files)
        _require_profile_free(profile)
        ports = free_ports()
        secret = _prepare(files, wanted)
        state = State(
            master_address(ports), page_address(ports.web), page_address(ports.history), wanted.workers,
            wanted.secure, str(profile),
        )  # fmt: skip
        state = _start_all(state, daemons(wanted, ports, files, secret), files, spark)
        profile.parent.mkdir(parents=True, exist_ok=True)
        replace_file(profile, profile_text(wanted, ports, files, spark.version).encode())
        return state


def stop_cluster(environ: Mapping[str, str]) -> list[str]:
    """End every daemon; a line for each. Empty when there is no cluster.

    Raises:
        EnvironmentProblem: some do not end.
    """
    files = files_of(environ)
    with store.alone(files):
        state = store.read(files)
        if state is None:
            return []
        ended = end(tuple(reversed(state.daemons)))
        files.state.unlink()
        files.secret.unlink(missing_ok=True)
        profile = Path(state.profile)
        if profile.exists() and state.master in profile.read_text(encoding="utf-8"):
            profile.unlink()
        return ended


def master_page(state: State) -> Master | None:
    """What the master says; ``None`` when it does not answer."""
    try:
        return master_of(ask("GET", f"{state.web}/json/", attempts=1).content)
    except (NoAnswer, ValueError):
        return None


def _require_none(files: Files) -> None:
    state = store.read(files)
    if state is None:
        return
    if any(runs(daemon) for daemon in state.daemons):
        raise UsageError(f"a cluster runs already, at {state.master}", "End it: sparkjob cluster stop.")
    files.state.unlink()


def _require_profile_free(profile: Path) -> None:
    """A cluster that was started with another state folder would lose its profile to this one."""
    if not profile.exists():
        return
    address = yaml.safe_load(profile.read_text(encoding="utf-8")).get("web")
    try:
        ask("GET", f"{address}/json/", attempts=1)
    except NoAnswer:
        return
    raise UsageError(
        f"{profile} is that of a cluster that runs, {address}, and was started with another state folder",
        "End it with that XDG_STATE_HOME, or give this one an XDG_CONFIG_HOME of its own.",
    )


def _prepare(files: Files, wanted: Wanted) -> str | None:
    """Empty folders, the GPUs' script, the secret."""
    for old in ("logs", "work", "properties"):
        shutil.rmtree(files.folder / old, ignore_errors=True)
    for folder in ("logs", "work", "properties", "events", "conf"):
        (files.folder / folder).mkdir(exist_ok=True, mode=0o700)
    if wanted.gpus:
        replace_file(files.gpu_script, gpu_script(wanted.gpus).encode())
        files.gpu_script.chmod(0o700)
    if not wanted.secure:
        return None
    secret = secrets.token_hex(32)
    replace_file(files.secret, secret.encode())
    return secret


def _start_all(state: State, planned: tuple[Daemon, ...], files: Files, spark: Spark) -> State:
    environ = daemon_environment(spark.environ, files)
    deadline = time.monotonic() + READY_S + READY_PER_WORKER_S * state.workers
    begun = [state]
    try:
        # The master first: the others look for it.
        for some, ready in ((planned[:1], _has_master), (planned[1:], _complete)):
            for daemon in some:
                started = start(daemon, files, spark.home, environ)
                begun.append(begun[-1].with_daemon(started.name, started.process))
                store.write(files, begun[-1])  # at once: a start that is broken off can be stopped
            _wait(ready, begun[-1], files, deadline)
    except BaseException:
        end(tuple(reversed(begun[-1].daemons)))
        files.state.unlink(missing_ok=True)
        raise
    return begun[-1]


def _has_master(state: State) -> bool:
    return master_page(state) is not None


def _complete(state: State) -> bool:
    master = master_page(state)
    return master is not None and len(master.alive) == state.workers and _serves(state.history)


def _serves(address: str) -> bool:
    try:
        return ask("GET", f"{address}/api/v1/applications", attempts=1).ok
    except NoAnswer:
        return False


def _wait(ready: Callable[[State], bool], state: State, files: Files, deadline: float) -> None:
    while not ready(state):
        for daemon in state.daemons:
            if not runs(daemon):
                log = files.log(daemon.name)
                raise EnvironmentProblem(f"{daemon.name} ended at once; {log}:{last_lines(log)}")
        if time.monotonic() >= deadline:
            raise EnvironmentProblem(f"the cluster is not complete in time; see {files.folder / 'logs'}")
        time.sleep(LOOK_EVERY_S)
