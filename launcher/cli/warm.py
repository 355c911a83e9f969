"""``sparkjob warm``: make the archive from which Spark's JVM starts sooner."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.host.java.choose_java import Java
    from launcher.runs.begin import Ready


@click.command(name="warm")
@click.option("--force", is_flag=True, help="Make it again although it is there.")
@output_option
def command(force: bool, output: str) -> int:
    """Make the class-data archive for this Java and these jars (half a minute, about 150 MB).

    Runs on this machine use it from then on.
    """
    from launcher.host.java.find import required_java
    from launcher.host.warm.build import build, dump_options
    from sparkjobs.errors import UsageError

    java = required_java(os.environ)
    plain = _prepared(("--input", "in.csv", "--output", "out"), java)
    assert plain.archive is not None  # the laptop's runs are local
    if plain.archive.blocked:
        raise UsageError(f"an archive could not be used: {plain.archive.blocked}", "Mend that first.")
    target, began = plain.archive.path, time.monotonic()
    made = force or not target.is_file()
    if made:

        def command_line(file: Path, flags: Sequence[str]) -> list[str]:
            # As real runs do, it writes an event log: the classes for that belong into the archive too.
            events = file.parent / "eventlog"
            events.mkdir()
            prepared = _prepared(flags, java).with_settings({"spark.eventLog.dir": events.as_uri()})
            return prepared.with_java_options(dump_options(file)).argv()

        build(target, command_line, plain.environ)
    facts = {
        "archive": str(target),
        "bytes": target.stat().st_size,
        "made": made,
        "seconds": round(time.monotonic() - began, 1),
    }
    if output == "json":
        console.document(facts)
    else:
        what = f"made in {facts['seconds']} s" if made else "there already"
        console.line(f"{target}  {target.stat().st_size / 1e6:.0f} MB, {what}")
    return EXIT_OK


def _prepared(flags: Sequence[str], java: Java) -> Ready:
    """A small job, as ``sparkjob run`` would run it on this machine."""
    from launcher.host.warm.build import JOB
    from launcher.intake.gather_request import gather
    from launcher.intake.invocation import Invocation
    from launcher.runs.begin import ready
    from launcher.spec.config.read_profile import DEFAULT_TARGET

    invocation = Invocation(JOB, tuple(flags), Path.cwd(), target=DEFAULT_TARGET, input_bytes=0)
    return ready(gather(invocation, os.environ), os.environ, java)
