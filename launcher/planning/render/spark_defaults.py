"""A plan as spark-defaults.conf."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.result import Plan
from launcher.planning.setting import Setting
from launcher.redact import holds_secret


def spark_defaults(plan: Plan) -> str:
    """Lines for spark-defaults.conf or ``--properties-file``, each setting under its reason.

    A secret is left out, with a comment in its place: such a file is copied around.
    """
    head = f"# {plan.application.name} on {plan.cluster.name}"
    return "\n".join([head, *_lines(plan)]) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    group = None
    for setting in plan.settings:
        if setting.group != group:
            group = setting.group
            yield f"\n# {group}"
        yield from _setting(setting)


def _setting(setting: Setting) -> Iterator[str]:
    yield f"# {' '.join(setting.reason.split())}"
    if holds_secret(setting.key, setting.value):
        yield f"# {setting.key} is a secret: set it by a file that only you can read"
    else:
        yield f"{setting.key} {escaped(setting.value)}"


def escaped(value: str) -> str:
    """A value for a Java properties file: backslashes and ends of lines mean something there.

    So does what stands between key and value: one that begins like it would lose its first character.
    """
    # Utils.getPropertiesFromFile reads by java.util.Properties.load, where these are escapes and separators.
    body = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return "\\" + body if body.startswith((" ", ":", "=", "\f")) else body
