"""``sparkjob warm``: make the archive from which Spark's JVM starts sooner."""

from __future__ import annotations

import os
import time

import click

from launcher.cli import console
from launcher.cli.options import output_option
from sparkjobs.exits import EXIT_OK


@click.command(name="warm")
@click.option("--force", is_flag=True, help="Make it again although it is there.")
@output_option
def command(force: bool, output: str) -> int:
    """Make the class-data archive for this Java and these jars (half a minute, about 150 MB).

    make run-local uses it from then on; a run that cannot says why.
    """
    from launcher.cli.local_run import archive_of, local_run, start_of
    from launcher.warm.archive import reason_against
    from launcher.warm.build import build, dump_options
    from sparkjobs.errors import UsageError

    plain = local_run(os.environ, with_archive=False)
    target = archive_of(os.environ, plain)
    blocked = reason_against(start_of(plain), archive_exists=True)
    if blocked:
        raise UsageError(f"an archive could not be used: {blocked}", "Unset it for runs on this machine.")
    began = time.monotonic()
    made = force or not target.is_file()
    if made:
        build(target, lambda file: plain.with_java_options(dump_options(file)).argv, plain.environ)
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
