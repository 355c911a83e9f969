"""``sparkjob cluster``: a Spark standalone cluster on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.support import output_option, spark_home
from launcher.host.java.find import required_java
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.cli.local_cluster.state import State


@click.group(name="cluster")
def command() -> None:
    """A Spark standalone master, workers and history server on this machine, for trying things.

    They bind to the loopback address, on free ports. While the cluster runs, --target here means it.
    """


@command.command("start")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="How many workers.")
@click.option(
    "--cores", type=click.IntRange(min=1), default=1, show_default=True, help="Cores of one worker."
)
@click.option("--memory", metavar="SIZE", default="2g", show_default=True, help="Memory of one worker.")
@click.option("--gpus", type=click.IntRange(min=0), default=0, show_default=True,
              help="GPUs that a worker pretends to have: addresses with nothing behind them.")  # fmt: skip
@click.option(
    "--secure", is_flag=True, help="Authenticate and encrypt; the master takes no submission by REST."
)
@output_option
def start_command(workers: int, cores: int, memory: str, gpus: int, secure: bool, output: str) -> int:
    """Start a cluster; stdout is one JSON document: master, rest, history, pids.

    rest is the address of the master's pages; its JSON is below /json/.
    """
    from launcher.cli.local_cluster.layout import Wanted
    from launcher.cli.local_cluster.start_stop import Spark, start_cluster
    from launcher.environment import running_interpreter, spark_environment
    from launcher.host.doctor.gather_facts import spark_version

    home = spark_home(os.environ)
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    wanted = Wanted(workers, cores, _memory_mib(memory), gpus, secure)
    state = start_cluster(wanted, Spark(home, spark_version(home), environ), os.environ)
    console.document(_answer(state))
    if output == "text":
        _explain(state, gpus)
    return EXIT_OK


@command.command("stop")
@output_option
def stop_command(output: str) -> int:
    """End every daemon of the cluster, with its executors."""
    from launcher.cli.local_cluster.start_stop import stop_cluster

    daemons = stop_cluster(os.environ)
    if output == "json":
        console.document({"daemons": daemons})
    else:
        for line in daemons or ["no cluster was started here"]:
            console.line(line)
    return EXIT_OK


@command.command("status")
@output_option
def status_command(output: str) -> int:
    """Tell each daemon, and what the master says of workers and applications."""
    from launcher.cli.local_cluster import state as store
    from launcher.cli.local_cluster.start_stop import files_of

    files = files_of(os.environ)
    state = store.read(files)
    if state is None:
        console.document(None) if output == "json" else console.line("no cluster was started here")
        return EXIT_OK
    facts = _facts(state)
    if output == "json":
        console.document(facts)
        return EXIT_OK
    console.line(f"{state.master}{'  secure' if state.secure else ''}")
    for daemon in facts["daemons"]:
        console.line(
            f"{daemon['name']:12} {daemon['state']:8} pid {daemon['pid']}  {files.log(daemon['name'])}"
        )
    _show_master(facts)
    return EXIT_OK


def _memory_mib(text: str) -> int:
    from launcher.spec.units import size_mib

    try:
        mib = size_mib(text)
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from error
    if mib < 1:
        raise click.UsageError(f"--memory {text} is less than 1m")
    return mib


def _answer(state: State) -> dict[str, Any]:
    pids = {daemon.name: daemon.process.pid for daemon in state.daemons}
    return {"master": state.master, "rest": state.web, "history": state.history, "pids": pids}


def _facts(state: State) -> dict[str, Any]:
    from launcher.cli.local_cluster.daemons import runs
    from launcher.cli.local_cluster.start_stop import master_page

    master = master_page(state)
    rows = [
        {"name": one.name, "state": "running" if runs(one) else "ended", "pid": one.process.pid}
        for one in state.daemons
    ]
    return {
        **_answer(state), "secure": state.secure, "profile": state.profile, "daemons": rows,
        "workers_alive": len(master.alive) if master else None,
        "applications": [{"id": one.id, "name": one.name, "state": one.state, "cores": one.cores}
                         for one in master.active] if master else None,
    }  # fmt: skip


def _show_master(facts: dict[str, Any]) -> None:
    if facts["workers_alive"] is None:
        console.line(f"the master does not answer at {facts['rest']}")
        return
    console.line(f"{facts['workers_alive']} workers alive, {len(facts['applications'])} applications")
    for one in facts["applications"]:
        console.line(f"  {one['id']}  {one['state']}  {one['cores']} cores  {one['name']}")


def _explain(state: State, gpus: int) -> None:
    from launcher.cli.local_cluster.profile import TARGET

    console.note(f"sparkjob run JOB --target {TARGET}   uses it ({state.profile})")
    console.note(f"pages: {state.web} (master), {state.history} (history)")
    if gpus:
        console.note(
            "GPUs: --conf spark.executor.resource.gpu.amount=1 --conf spark.task.resource.gpu.amount=1"
        )
    console.note("sparkjob cluster stop   ends it")
