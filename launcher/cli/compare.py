"""``sparkjob compare A B``: where the difference of two runs comes from."""

from __future__ import annotations

import math
import os

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_FAILED, EXIT_OK

# Percent: milliseconds as floats make 10.000000000000002 of ten.
ROUNDING = 1e-9


@click.command(name="compare")
@click.argument("a")
@click.argument("b")
@click.option(
    "--fail-if-slower",
    metavar="P%",
    help="End with 1 when B takes more than P % longer than A, or did not succeed.",
)
@output_option
def command(a: str, b: str, fail_if_slower: str | None, output: str) -> int:
    """Split the difference between the runs A and B: input, settings, code, executors, failures, noise.

    A and B are event logs, runs, or jobs for their newest run. The parts sum to the difference.
    """
    from launcher.cli.make_report import read_report
    from launcher.report.compare.comparison import compare
    from launcher.report.compare.told import document, lines, no_success, warnings

    most = _percent(fail_if_slower)
    made = compare(*(read_report(name, os.environ, most_predicted=0) for name in (a, b)))
    for why in warnings(made):
        console.note(f"warning: {why}")
    if output == "json":
        console.document(document(made))
    else:
        for line in lines(made):
            console.line(line)
    if most is None:
        return EXIT_OK
    slower, failed = 100 * made.difference_s / made.a.view.seconds, no_success(made.b)
    if slower > most + ROUNDING:
        console.error(f"{b} is {slower:.1f}% slower than {a}; --fail-if-slower allows {fail_if_slower}")
        return EXIT_FAILED
    if failed is not None:  # one that broke off early is soon done
        console.error(f"{b} cannot be said to be as fast as {a}: {failed}")
        return EXIT_FAILED
    return EXIT_OK


def _percent(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise UsageError(f"--fail-if-slower {text!r} is no percentage", "Write 10%.")
    return value
