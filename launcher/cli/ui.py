"""``sparkjob ui RUN``: Spark's own pages of one run, for as long as somebody looks."""

from __future__ import annotations

import os

import click

from launcher.cli import console
from sparkjobs.exits import EXIT_FAILED
from sparkjobs.interrupts import Interrupted, raising_on_signals


@click.command(name="ui")
@click.argument("run")
def command(run: str) -> int:
    """Serve Spark's pages of RUN on this machine alone, until Ctrl-C: its id, the beginning of it, or last.

    Prints the link. Exit codes: 2 without an event log of the run, 130 and 143 after Ctrl-C and SIGTERM.
    """
    from launcher.cli.local_cluster.history_page import HistoryPage, event_logs
    from launcher.cli.support import spark_home
    from launcher.environment import running_interpreter, spark_environment
    from launcher.host.java.find import required_java
    from launcher.records.store import Store, runs_root
    from launcher.runs.run_status import look

    folder = Store(runs_root(os.environ)).find(run)
    record, _ = look(folder, os.environ)
    logs = event_logs(folder, record)
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    if record.ui and not record.state.final:
        console.note(f"it still runs, and shows itself at {record.ui}")
    try:
        with raising_on_signals(), HistoryPage(logs, spark_home(os.environ), environ) as page:
            console.line(page.link(record.application_id))
            console.note("Ctrl-C ends it")
            page.wait()
    except Interrupted as stop:
        return stop.exit_code
    console.error("the history server ended by itself", _last_words(page.last_lines))
    return EXIT_FAILED


def _last_words(lines: str) -> str | None:
    return f"It wrote last:{lines}" if lines else None
