"""The options of the verbs that make a plan: spark-submit's own flags are pins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from launcher.intake.invocation import Invocation
from launcher.spec.config.flags import PIN_OPTIONS, flag_pins
from launcher.spec.objective import Objective, of_flags

F = TypeVar("F", bound=Callable[..., Any])
_OWN = ("target", "gpu", "input_bytes", "interval", "history")


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Bytes, as Spark writes them: ``4096``, ``50g``."""
    from launcher.spec.units import size_bytes

    if value is None:
        return None
    try:
        size = size_bytes(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error
    if size < 0:
        raise click.BadParameter(f"{value} is below 0", ctx, param)
    return size


def planning_options(function: F) -> F:
    """WHAT, ``--target``, ``--gpu``, ``--input-bytes``, and spark-submit's flags."""
    options = [
        click.argument("what", metavar="JOB|SCRIPT.py"),
        click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS]"),
        click.option(
            "--target", metavar="CLUSTER", help="Cluster profile: a name or a file (default: laptop)."
        ),
        click.option("--gpu", type=click.Choice(["auto", "on", "off"]), help="Use GPUs (default: auto)."),
        click.option(
            "--input-bytes", callback=_size, metavar="N", help="Size of the input: bytes, or such as 50g."
        ),
        click.option(
            "--interval", metavar="I", help="Logical interval: 2026-01-31, 2026-01-31T05, START/END."
        ),
        click.option("--conf", "-c", "confs", multiple=True, metavar="KEY=VALUE", help="Any Spark setting."),
        click.option("--properties-file", metavar="FILE", help="Settings in place of spark-defaults.conf."),
        click.option(
            "--load-spark-defaults", is_flag=True, help="Read spark-defaults.conf beside that file."
        ),
        *_objectives(),
        click.option(
            "--no-history",
            "history",
            flag_value=False,
            default=True,
            help="Leave out what earlier runs tell.",
        ),
        *_pins(),
    ]
    decorated: Any = function
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def _objectives() -> list[Callable[[Any], Any]]:
    """What executors are chosen by, from earlier runs."""
    return [
        click.option("--deadline", "within", metavar="TIME", help="It ends within this time: 20m."),
        click.option(
            "--max-slowdown",
            "slower",
            metavar="P%",
            help="So much slower than the fastest size at most: 10%.",
        ),
        click.option("--min-cost", "cheapest", is_flag=True, help="Cost matters alone."),
    ]


def objective_options(function: F) -> F:
    """The flags of ``_objectives``."""
    decorated: Any = function
    for option in reversed(_objectives()):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def objective(given: dict[str, Any]) -> Objective | None:
    """The objective, from click's parameters.

    Raises:
        UsageError: there are several, or a value is wrong.
    """
    return of_flags(given.pop("within"), given.pop("slower"), given.pop("cheapest"))


def _pins() -> list[Callable[[Any], Any]]:
    made = []
    for option in PIN_OPTIONS:
        text = option.help[0].upper() + option.help[1:] + "."
        kind = {"is_flag": True} if option.switch else {"metavar": option.metavar}
        made.append(click.option(option.flag, option.name, help=text, **kind))
    return made


def invocation(given: dict[str, Any]) -> Invocation:
    """What was asked, from click's parameters; the parameters of a verb's own are left in ``given``."""
    pins = flag_pins({option.name: given.pop(option.name) for option in PIN_OPTIONS}, given.pop("confs"))
    return Invocation(
        what=given.pop("what"),
        arguments=tuple(given.pop("arguments")),
        start=Path.cwd(),
        pins=pins,
        objective=objective(given),
        properties_file=given.pop("properties_file"),
        load_spark_defaults=given.pop("load_spark_defaults"),
        **{name: given.pop(name) for name in _OWN},
    )
