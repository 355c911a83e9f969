"""From a command line of ``sparkjob run`` to a systemd unit."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.cli.planning_options import invocation
from launcher.cli.run import command as run_command
from launcher.intake.read_application import all_arguments, job_params
from launcher.intake.subject import subject
from launcher.runs.from_plan import STREAM_GRACE_S
from launcher.runs.systemd_unit import Unit
from sparkjobs.errors import EnvironmentProblem, UsageError

_RESTART = ("--restart", "on-failure:5")
# What tells a run where things are; secrets belong into a file that the unit names.
_CARRIED = ("JAVA_HOME", "SPARK_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
_NOT_HERE = {"dry_run": "--dry-run", "no_wait": "--no-wait"}


def unit_of(job: str, arguments: Sequence[str], environ: Mapping[str, str], *, own: bool) -> Unit:
    """The unit of a stream.

    Args:
        job: a stream of the catalogue, or a job file of one.
        arguments: options of ``sparkjob run``, and the job's own behind ``--``.
        environ: the environment of this process.
        own: for the user's own manager.

    Raises:
        UsageError: no stream, or arguments that ``sparkjob run`` would refuse.
    """
    given = dict(run_command.make_context("run", [job, *arguments]).params)
    for name, flag in _NOT_HERE.items():
        if given[name]:
            raise UsageError(f"{flag} means nothing in a unit", "systemd waits for the run's end.")
    found = subject(job, environ, Path.cwd())
    if found.job is None or not found.job.streaming:
        raise UsageError(f"{job} is no stream", "sparkjob jobs lists the streams.")
    params = job_params(found, all_arguments(found, invocation(given)))
    restart = () if given["restart"] else _RESTART
    return Unit(
        name=found.name,
        command=(str(_program()), "run", job, *restart, *arguments),
        folder=str(Path.cwd()),
        user=None if own else getpass.getuser(),
        grace_s=params.stop_timeout + STREAM_GRACE_S,
        variables={name: environ[name] for name in _CARRIED if environ.get(name)},
    )


def _program() -> Path:
    program = Path(sys.executable).with_name("sparkjob")
    if not program.is_file():
        raise EnvironmentProblem(f"there is no {program}", "Install sparkjobs into this Python.")
    return program
