"""What ``sparkjob plan`` prints: a plan in one of its forms, one setting of it, two plans side by side."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from launcher.cli import console
from sparkjobs.errors import UsageError

if TYPE_CHECKING:
    from launcher.advice.tuning.which_target import Verdict
    from launcher.planning.result import Plan
    from launcher.planning.setting import Setting


def _json(plan: Plan) -> str:
    from launcher.planning.render.plan_json import plan_document

    return dumped(plan_document(plan))


def _spark_defaults(plan: Plan) -> str:
    from launcher.planning.render.spark_defaults import spark_defaults

    return spark_defaults(plan).rstrip("\n")


def _args(plan: Plan) -> str:
    from launcher.planning.render.arguments import spark_submit_text

    return spark_submit_text(plan)


def _airflow(plan: Plan) -> str:
    from launcher.planning.render.airflow import airflow_arguments

    return dumped(airflow_arguments(plan))


def _operator(plan: Plan) -> str:
    import yaml

    from launcher.planning.render.operator import spark_application

    manifest = spark_application(plan)
    text: str = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
    if not console.holds(text):
        text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=False)
    return text.rstrip("\n")


# For programs that submit by themselves: they are given the jobs' code as well, and no secrets.
HANDED_ON: Mapping[str, Callable[[Plan], str]] = {
    "spark-defaults": _spark_defaults,
    "args": _args,
    "airflow": _airflow,
    "operator": _operator,
}
FORMATS = ("text", "json", *HANDED_ON)


def plan_report(plan: Plan, output: str, quiet: bool, width: int) -> str:
    """The plan in the form ``output``."""
    if output == "json":
        return _json(plan)
    if output in HANDED_ON:
        return _exact(HANDED_ON[output](plan), output)
    from launcher.planning.render.plan_text import plan_text, quiet_text

    return quiet_text(plan) if quiet else plan_text(plan, width)


def _exact(text: str, output: str) -> str:
    """What a program reads must not be escaped in a way that it does not know; a name's bytes may pass."""
    odd = next((char for char in text if not ("\udc80" <= char <= "\udcff" or console.holds(char))), None)
    if odd is not None:
        raise UsageError(
            f"-o {output}: {odd!a} cannot be written in the encoding of stdout, {sys.stdout.encoding}",
            "Set PYTHONIOENCODING=utf-8.",
        )
    return text


def notes(plan: Plan, output: str) -> Iterator[str]:
    """What a reader of a form that is handed on must know."""
    if output not in HANDED_ON:
        return
    from launcher.planning.render.carried import secrets
    from launcher.planning.render.operator import unreachable_files

    for key in secrets(plan):
        yield f"{key} is a secret and left out"
    if output == "operator":
        for file in unreachable_files(plan):
            yield f"{file} is a file of this machine, where the operator does not look: use local:// or s3a://"


def setting_report(plan: Plan, key: str, output: str, quiet: bool, width: int) -> str:
    """All about one setting.

    Raises:
        UsageError: the plan does not set it.
    """
    from launcher.planning.render.plan_json import setting_document
    from launcher.planning.render.plan_text import setting_text
    from launcher.redact import masked

    setting = _setting(plan, key)
    if output == "json":
        return dumped(setting_document(setting))
    return masked(key, setting.value) if quiet else setting_text(plan, setting, width)


def diff_report(
    ours: Plan, theirs: Plan, verdict: Verdict | None, output: str, quiet: bool, width: int
) -> str:
    """Two plans side by side, and which was faster and cheaper where the job has run."""
    from dataclasses import asdict

    from launcher.planning.render.plan_diff import diff_document, diff_text
    from launcher.planning.render.plan_text import fitted

    if output == "json":
        told = {} if verdict is None else {"verdict": asdict(verdict)}
        return dumped({**diff_document(ours, theirs), **told})
    text = diff_text(ours, theirs, quiet, width)
    if verdict is None or quiet:
        return text
    sentence = (
        f"faster: {verdict.faster or 'level or unknown'}; cheaper: {verdict.cheaper or 'level or unknown'}; "
        f"{verdict.why}"
    )
    return "\n".join([text, "", *fitted(sentence, width, "  ")])


def dumped(value: object) -> str:
    """One JSON document."""
    return console.json_text(value, indent=2)


def _setting(plan: Plan, key: str) -> Setting:
    found = {setting.key: setting for setting in plan.settings}
    if key in found:
        return found[key]
    # Often the last part is all that one remembers: executor.memory, maxExecutors.
    near = [name for name in found if name.endswith(f".{key}")] or difflib.get_close_matches(key, found, n=1)
    message = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"the plan leaves {key} to Spark{message}", "sparkjob plan lists what it sets.")
