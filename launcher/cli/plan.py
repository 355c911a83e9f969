"""``sparkjob plan JOB|SCRIPT.py``: every Spark setting, with its origin and its reason."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console, plan_report
from launcher.cli.planning_options import invocation, planning_options
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from launcher.intake.gather_request import Intake
    from launcher.intake.invocation import Invocation
    from launcher.planning.result import Plan

PIPE_WIDTH = 100


@click.command(name="plan")
@planning_options
@click.option(
    "-o", "--output", type=click.Choice(plan_report.FORMATS), default="text", show_default=True,
    help="How to print the plan.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only keys and values, and no warnings.")
@click.option("--explain", metavar="KEY", help="All about one setting.")
@click.option("--diff", "other", metavar="CLUSTER", help="Compare with the plan for another cluster.")
def command(output: str, quiet: bool, explain: str | None, other: str | None, **given: Any) -> int:
    """Size JOB, a job file or any PySpark script for a cluster, without starting anything.

    Arguments behind -- are the application's own. spark-submit's flags are pins: they win over the plan.
    A plan with errors among its findings ends with 2; the forms for programs then print nothing.
    """
    from launcher.intake.gather_request import gather
    from launcher.planning.make import make_plan
    from launcher.planning.result import refuse_errors

    _check_form(output, explain, other)
    # The working folder may hold a user's jobs, as it does for python -m.
    sys.path.insert(0, str(Path.cwd()))
    question = invocation(given)
    intake = gather(question, os.environ)
    plan = make_plan(intake.request)
    warnings = list(intake.warnings)
    if other is not None:
        text = _diff(replace(question, target=other), intake, plan, output, quiet)
    elif explain is not None:
        text = plan_report.setting_report(plan, explain, output, quiet, _width())
    else:
        if output in plan_report.HANDED_ON:
            refuse_errors(plan)
            plan = _with_code(plan, intake)
        text = plan_report.plan_report(plan, output, quiet, _width())
        warnings += plan_report.notes(plan, output)
    _print(text, [] if quiet else warnings)
    printed = explain is None and other is None and not (quiet and output == "text")
    for finding in () if printed else plan.errors:
        console.error(f"{finding.id}: {finding.message}", finding.fix)
    return EXIT_USAGE if plan.errors else EXIT_OK


def _diff(question: Invocation, intake: Intake, plan: Plan, output: str, quiet: bool) -> str:
    from launcher.intake.both_targets import verdict
    from launcher.intake.gather_request import gather
    from launcher.planning.make import make_plan

    other = gather(question, os.environ)
    theirs = make_plan(other.request)
    told = verdict((intake, plan), (other, theirs), os.environ)
    return plan_report.diff_report(plan, theirs, told, output, quiet, _width())


def _check_form(output: str, explain: str | None, other: str | None) -> None:
    if explain is not None and other is not None:
        raise UsageError("--explain tells of one plan and --diff of two", "Ask for one of them.")
    asked_for = "--explain" if explain is not None else "--diff" if other is not None else None
    if asked_for and output in plan_report.HANDED_ON:
        raise UsageError(f"{asked_for} has no form {output}", "It prints text or json.")


def _with_code(plan: Plan, intake: Intake) -> Plan:
    from launcher.planning.render.carried import PY_FILES, with_py_files
    from launcher.runs.begin import py_files

    found = py_files(intake, os.environ, {s.key: s.value for s in plan.settings}).get(PY_FILES)
    return plan if found is None else with_py_files(plan, found)


def _print(text: str, warnings: list[str]) -> None:
    for warning in warnings:
        console.note(f"warning: {warning}")
    console.line(text)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
