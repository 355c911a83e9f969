"""``sparkjob simulate``: a run of the past with other executors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.errors import DataError, UsageError
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.advice.prediction.basis import Basis
    from launcher.advice.prediction.case import Case, Dynamic

MOST_EXECUTORS = 100_000
_ALLOCATION = "spark.dynamicAllocation."
_BY_FLAG = {
    "spark.executor.instances": "--executors",
    "spark.executor.cores": "--cores",
    "spark.dynamicAllocation.minExecutors": "--dynamic",
    "spark.dynamicAllocation.maxExecutors": "--dynamic",
    "spark.dynamicAllocation.enabled": "--dynamic",
}


@click.command(name="simulate")
@click.argument("source")
@click.option("--executors", metavar="N,N", help="Fixed numbers of executors.")
@click.option("--dynamic", multiple=True, metavar="MIN:MAX",
              help="Dynamic allocation between two numbers; repeat for more.")  # fmt: skip
@click.option("--cores", type=click.IntRange(min=1), metavar="N", help="Cores of an executor.")
@click.option("--conf", multiple=True, metavar="KEY=VALUE",
              help="A setting that differs from the run's; repeat for more.")  # fmt: skip
@output_option
def command(
    source: str,
    executors: str | None,
    dynamic: Sequence[str],
    cores: int | None,
    conf: Sequence[str],
    output: str,
) -> int:
    """Predict a run with other executors: time with an 80 % band, executor-seconds, idle share, cost.

    SOURCE is an event log, a run, or a job, whose newest run is taken. Without sizes a quarter to four times
    the run's own are predicted.
    """
    from launcher.advice.prediction.basis import basis_of
    from launcher.advice.prediction.predict import predict
    from launcher.cli import simulate_report
    from launcher.cli.known_of_target import contention_of, price_of
    from launcher.records.history.source import read_source

    changes = _conf(conf)
    fixed, bounds = _executors(executors), list(dict.fromkeys(map(_bounds, dynamic)))
    _refuse_unused(changes, dynamic=bool(bounds) or not fixed)
    found = read_source(source, os.environ)
    basis = basis_of(found.trace)
    price, contention = price_of(found.record), contention_of(found)
    cases = _cases(basis, fixed, bounds, cores, changes)
    _refuse_unused(changes, dynamic=any(case.dynamic is not None for case in cases))
    answers = [predict(basis, case, contention, price) for case in cases]
    report = simulate_report.Report(found, basis, answers, price, contention)
    if output == "json":
        console.document(simulate_report.document(report))
    else:
        simulate_report.show(report)
    return EXIT_OK


def _executors(text: str | None) -> list[int]:
    if text is None:
        return []
    parts = [part.strip() for part in text.split(",")]
    if any(not part.isdecimal() or not 1 <= int(part) <= MOST_EXECUTORS for part in parts):
        hint = f"Write whole numbers from 1 to {MOST_EXECUTORS}, such as 2,4,8."
        raise UsageError(f"--executors {text!r} is no list of numbers of executors", hint)
    return list(dict.fromkeys(map(int, parts)))


def _bounds(text: str) -> Dynamic:
    from launcher.advice.prediction.case import Dynamic

    least, colon, most = text.partition(":")
    if not colon or not least.isdecimal() or not most.isdecimal():
        raise UsageError(f"--dynamic {text!r} is no MIN:MAX", "Write two whole numbers, such as 0:8.")
    if not int(least) <= int(most) or not 1 <= int(most) <= MOST_EXECUTORS:
        hint = f"MAX is at least MIN, and from 1 to {MOST_EXECUTORS}."
        raise UsageError(f"--dynamic {text!r} leaves no number of executors", hint)
    return Dynamic(int(least), int(most))


def _conf(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--conf {text!r} is no KEY=VALUE")
        if key.strip() in _BY_FLAG:
            raise UsageError(f"--conf {text!r}: {_BY_FLAG[key.strip()]} says that")
        found[key.strip()] = value.strip()
    _check(found)
    return found


def _check(changes: Mapping[str, str]) -> None:
    from launcher.advice.allocation.allocation_settings import allocation_settings

    try:
        allocation_settings({**changes, f"{_ALLOCATION}enabled": "true"}, "")
    except DataError as error:
        raise UsageError(f"--conf: {error.message}", error.hint) from error


def _refuse_unused(changes: Mapping[str, str], *, dynamic: bool) -> None:
    """No flag is silently ignored: a fixed number of executors knows no dynamic allocation."""
    unused = next((key for key in changes if key.startswith(_ALLOCATION)), None)
    if unused is not None and not dynamic:
        raise UsageError(f"--conf {unused} says nothing about a fixed number of executors", "Add --dynamic.")


def _cases(
    basis: Basis,
    fixed: Sequence[int],
    bounds: Sequence[Dynamic],
    cores: int | None,
    changes: Mapping[str, str],
) -> list[Case]:
    from dataclasses import replace

    from launcher.advice.prediction.case import Case
    from launcher.advice.prediction.predict import default_cases

    asked = [Case(executors=count) for count in fixed] + [Case(dynamic=bound) for bound in bounds]
    lasting = {key: value for key, value in changes.items() if not key.startswith(_ALLOCATION)}
    return [
        replace(case, cores=cores, conf=dict(lasting if case.dynamic is None else changes))
        for case in asked or default_cases(basis)
    ]
