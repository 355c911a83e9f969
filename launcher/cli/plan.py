"""``sparkjob plan JOB|SCRIPT.py``: every Spark setting, with its origin and its reason."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.planning_options import asked, planning_options
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.intake.asked import Asked
    from launcher.planning.result import Plan

FORMATS = ("text", "json", "spark-defaults", "args", "airflow", "operator")
PIPE_WIDTH = 160


@click.command(name="plan")
@planning_options
@click.option(
    "-o", "--output", type=click.Choice(FORMATS), default="text", show_default=True,
    help="How to print the plan.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only keys and values.")
@click.option("--explain", metavar="KEY", help="All about one setting.")
@click.option("--diff", "other", metavar="CLUSTER", help="Compare with the plan for another cluster.")
def command(output: str, quiet: bool, explain: str | None, other: str | None, **given: Any) -> int:
    """Size JOB, a job file or any PySpark script for a cluster, without starting anything.

    Arguments behind -- are the application's own. spark-submit's flags are pins: they win over the plan.
    """
    # The working folder may hold a user's jobs, as it does for python -m.
    sys.path.insert(0, str(Path.cwd()))
    question = asked(given)
    plan = _planned(question)
    if other is not None:
        _diff(plan, _planned(replace(question, target=other)), output)
    elif explain is not None:
        _explain(plan, explain, output)
    elif quiet and output == "text":
        from launcher.render.plan_text import quiet_text

        console.line(quiet_text(plan))
    else:
        _show(plan, output)
    return EXIT_OK


def _planned(question: Asked) -> Plan:
    from launcher.intake.gather import gather
    from launcher.planning.make import make_plan

    intake = gather(question, os.environ)
    for warning in intake.warnings:
        console.note(f"warning: {warning}")
    return make_plan(intake.request)


def _show(plan: Plan, output: str) -> None:
    if output == "text":
        from launcher.render.plan_text import plan_text

        console.line(plan_text(plan, _width()))
    elif output == "json":
        from launcher.render.plan_json import plan_document

        console.document(plan_document(plan))
    elif output == "spark-defaults":
        from launcher.render.spark_defaults import spark_defaults

        console.line(spark_defaults(plan).rstrip("\n"))
    elif output == "args":
        from launcher.render.arguments import spark_submit_text

        console.line(spark_submit_text(plan))
    elif output == "airflow":
        from launcher.render.airflow import airflow_arguments

        console.document(airflow_arguments(plan))
    else:
        _manifest(plan)


def _manifest(plan: Plan) -> None:
    import yaml

    from launcher.render.operator import spark_application

    console.line(yaml.safe_dump(spark_application(plan), sort_keys=False, allow_unicode=True).rstrip("\n"))


def _explain(plan: Plan, key: str, output: str) -> None:
    from launcher.render.plan_json import setting_document
    from launcher.render.plan_text import setting_text

    setting = next((setting for setting in plan.settings if setting.key == key), None)
    if setting is None:
        raise UsageError(
            f"the plan leaves {key} to Spark{_near(plan, key)}", "sparkjob plan lists what it sets."
        )
    if output == "json":
        console.document(setting_document(setting))
    else:
        console.line(setting_text(plan, key) or "")


def _near(plan: Plan, key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key, [setting.key for setting in plan.settings], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _diff(ours: Plan, theirs: Plan, output: str) -> None:
    from launcher.render.plan_diff import diff_document, diff_text

    if output == "json":
        console.document(diff_document(ours, theirs))
    else:
        console.line(diff_text(ours, theirs))


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
