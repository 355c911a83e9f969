"""``sparkjob-submit``: takes spark-submit's exact argument list and runs it as ``sparkjob run`` would."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from launcher.cli import console
from launcher.cli.root import guarded


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(guarded(lambda: _submit(arguments)))


def _submit(arguments: list[str]) -> int:
    from launcher.spec.config.flags import parse_spark_submit

    line = parse_spark_submit(arguments)
    if not line.submits or not line.application.endswith(".py"):
        _hand_over(arguments)
    from launcher.cli.run import follow_to_end
    from launcher.host.java.find import required_java
    from launcher.intake.gather_request import gather
    from launcher.intake.submit_arguments import cluster_for, invocation_of, other_options
    from launcher.runs.begin import ready

    invocation = invocation_of(line, Path.cwd())
    intake = gather(invocation, os.environ, cluster_for(invocation, os.environ))
    java = required_java(os.environ)
    prepared = ready(intake, os.environ, java, options=other_options(line)).with_archive()
    for warning in prepared.warnings:
        console.note(f"warning: {warning}")
    return follow_to_end(prepared, "text", False, None)


def _hand_over(arguments: list[str]) -> NoReturn:
    """What is no Python application (``--version``, ``--status``, a jar) is spark-submit's own affair."""
    from launcher.cli.support import spark_home
    from launcher.environment import running_interpreter, spark_environment
    from launcher.host.java.find import required_java

    binary = str(spark_home(os.environ) / "bin" / "spark-submit")
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    os.execve(binary, [binary, *arguments], environ)
