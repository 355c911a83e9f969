"""A plan for people: what runs where, the executors, the settings with their reasons, the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from launcher.lint.finding import Finding
from launcher.planning.result import Executors, Plan
from launcher.planning.setting import Setting
from launcher.redact import masked
from launcher.render.node import node_picture
from launcher.spec.layer import Origin
from launcher.spec.units import human_bytes, mib_text

# Longer keys and values push the reason to the next line instead of widening every line.
WIDEST_KEY, WIDEST_VALUE = 50, 22


def plan_text(plan: Plan, width: int) -> str:
    """The whole plan as text.

    Args:
        plan: the plan.
        width: columns to wrap the reasons to.
    """
    blocks = [
        _head(plan),
        node_picture(plan),
        *_groups(plan.settings, width),
        _findings(plan.findings, width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def quiet_text(plan: Plan) -> str:
    """Only keys and values."""
    return "\n".join(f"{s.key}={masked(s.key, s.value)}" for s in plan.settings)


def setting_text(plan: Plan, key: str) -> str | None:
    """All about one setting; ``None`` when the plan does not have it."""
    setting = next((setting for setting in plan.settings if setting.key == key), None)
    if setting is None:
        return None
    default = "none" if setting.default is None else setting.default
    lines = [
        f"{setting.key} = {masked(key, setting.value)}",
        f"  origin         {setting.origin.value}",
        f"  Spark's own    {default}",
        *wrap(setting.reason, 92, initial_indent="  why            ", subsequent_indent=" " * 17),
        *wrap(setting.source, 92, initial_indent="  source         ", subsequent_indent=" " * 17),
    ]
    about = [finding for finding in plan.findings if key in finding.keys]
    return "\n".join([*lines, *_findings(about, 100)])


def _head(plan: Plan) -> list[str]:
    cluster, application = plan.cluster, plan.application
    manager = "" if cluster.name == cluster.manager else f" ({cluster.manager})"
    return [
        f"{application.name} on {cluster.name}{manager}",
        f"  input      {_input(plan)}",
        f"  executors  {executors_text(plan.executors, cluster.manager)}",
    ]


def _input(plan: Plan) -> str:
    size = plan.application.input
    if size.size_bytes is None:
        return f"unknown: {size.how}"
    files = "" if size.files is None else f" in {size.files} file{'s' * (size.files != 1)}"
    return f"{human_bytes(size.size_bytes)}{files} ({size.how})"


def executors_text(executors: Executors, manager: str) -> str:
    """The executors in a line."""
    if manager == "local":
        return (
            f"the driver itself: {executors.cores} threads, heap {mib_text(executors.heap_mib)}, "
            f"{mib_text(executors.overhead_mib)} left to Python and the system"
        )
    number = f"{executors.max}"
    if executors.min != executors.max:
        number = f"{executors.min} to {executors.max}, {executors.initial} at the start"
    gpus = f", {executors.gpus} GPU" if executors.gpus else ""
    beside = executors.total_mib - executors.heap_mib
    one = f"{executors.cores} cores, heap {mib_text(executors.heap_mib)} + {mib_text(beside)}{gpus}"
    return f"{number}; each {one}; {executors.per_node} a node"


def _groups(settings: Sequence[Setting], width: int) -> Iterator[list[str]]:
    for group, members in groupby(settings, key=lambda setting: setting.group):
        together = list(members)
        widths = _widths(together)
        yield [group, *(line for setting in together for line in _setting(setting, widths, width))]


def _widths(settings: Sequence[Setting]) -> tuple[int, int, int]:
    """Columns for keys, values and origins; what is longer than its column pushes the reason down."""
    keys = min(WIDEST_KEY, max(len(s.key) for s in settings))
    values = min(WIDEST_VALUE, max(len(masked(s.key, s.value)) for s in settings))
    return keys, values, max(len(_origin(s)) for s in settings)


def _setting(setting: Setting, widths: tuple[int, int, int], width: int) -> Iterator[str]:
    keys, values, origins = widths
    mark = "*" if setting.differs else " "
    value = masked(setting.key, setting.value)
    head = f"{mark} {setting.key:{keys}}  {value:{values}}  {_origin(setting):{origins}}  "
    column = 2 + keys + 2 + values + 2 + origins + 2
    if origins == 0:
        column, head = column - 2, head.rstrip(" ").ljust(column - 2)
    if column + 40 > width:  # a narrow terminal: the reason below
        yield head.rstrip()
        yield from wrap(setting.reason, width, initial_indent="    ", subsequent_indent="    ")
        return
    if len(head) > column:
        yield head.rstrip()
        head = " " * column
    yield from wrap(setting.reason, width, initial_indent=head, subsequent_indent=" " * column)


def _origin(setting: Setting) -> str:
    # Most are computed: naming only the others makes them stand out.
    return "" if setting.origin is Origin.COMPUTED else setting.origin.value


def _findings(findings: Sequence[Finding], width: int) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines += wrap(f"{finding.severity} {finding.id}: {finding.message}", width, subsequent_indent="    ")
        lines += wrap(finding.fix, width, initial_indent="    mend: ", subsequent_indent="    ")
    return lines
