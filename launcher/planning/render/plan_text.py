"""A plan for people: what runs where, the executors, the settings with their reasons, the findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import TextWrapper

from launcher.planning.plan_request import History
from launcher.planning.render.node import node_picture
from launcher.planning.result import Executors, Plan
from launcher.planning.setting import Setting
from launcher.redact import masked
from launcher.spec.cluster import Price
from launcher.spec.finding import Finding
from launcher.spec.layer import Origin
from launcher.spec.units import MIB, counted, human_bytes
from sparkjobs.strategies import Strategy

# Longer keys and values push the reason to the next line instead of widening every line.
WIDEST_KEY, WIDEST_VALUE = 56, 22
# Narrower than this, a reason reads better on lines of its own.
LEAST_REASON = 44
# Columns before the words of the head, and of the picture of a node.
HEAD, NODE = 13, 10
LEGEND = "* differs from what Spark takes by itself"
# Where a long value may be broken: in lists, class paths and Java options, not in addresses.
_BREAKS = re.compile(r"(?<=,)|(?<= )|(?<=:)(?=/[^/])")


def plan_text(plan: Plan, width: int) -> str:
    """The whole plan as text.

    Args:
        plan: the plan.
        width: columns to fill.
    """
    blocks = [
        [line for message in _head(plan) for line in fitted(message, width, " " * HEAD)],
        [line for message in node_picture(plan) for line in fitted(message, width, " " * NODE)],
        *_groups(plan.settings, width),
        [LEGEND],
        finding_lines(plan.findings, width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def quiet_text(plan: Plan) -> str:
    """Only keys and values."""
    return "\n".join(f"{s.key}={masked(s.key, s.value)}" for s in plan.settings)


def setting_text(plan: Plan, setting: Setting, width: int) -> str:
    """All about one setting of a plan."""
    default = "none" if setting.default is None else setting.default
    head = {"origin": setting.origin.value, "Spark's own": default, "why": setting.reason}
    rows = [
        line
        for name, text in {**head, "source": setting.source}.items()
        for line in fitted(text, width, " " * 15, f"  {name:13}")
    ]
    about = [finding for finding in plan.findings if setting.key in finding.keys]
    findings = finding_lines(about, width)
    return "\n".join([f"{setting.key} = {masked(setting.key, setting.value)}", *rows, *findings])


def finding_lines(findings: Sequence[Finding], width: int) -> list[str]:
    """What the linter found, and what to do."""
    lines: list[str] = []
    for finding in findings:
        lines += fitted(f"{finding.severity} {finding.id}: {finding.message}", width, "    ")
        lines += fitted(finding.fix, width, "    ", "    mend: ")
    return lines


def fitted(line: str, width: int, indent: str, start: str = "") -> list[str]:
    """A line on several where it is too long; words that are longer than a line stay whole.

    Args:
        line: the text.
        width: columns to fill.
        indent: what stands before the second line and those after it.
        start: what stands before the first.
    """
    wrapper = TextWrapper(width, start, indent, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(line)


def _head(plan: Plan) -> list[str]:
    cluster, application = plan.cluster, plan.application
    manager = "" if cluster.name == cluster.manager else f" ({cluster.manager})"
    lines = [
        f"{application.name} on {cluster.name}{manager}",
        f"  input      {_input(plan)}",
        f"  executors  {executors_text(plan.executors, cluster.manager)}",
    ]
    if plan.gpu:
        lines.append(f"  GPUs       {'used' if plan.executors.gpus else 'not used'}: {plan.gpu}")
    for way, together in groupby(sorted(plan.strategies, key=_way), key=_way):
        names = ", ".join(strategy.operator for strategy in together)
        lines.append(f"  {way:9}  {names}")
    if plan.history is not None:
        lines.append(f"  history    {history_text(plan.history, cluster.price)}")
    return lines


def history_text(history: History, price: Price | None = None) -> str:
    """What earlier runs said, in a line.

    Args:
        history: what they said.
        price: of executors, where it is known.
    """
    if history.seconds is None or history.low is None or history.high is None:
        return f"{history.decision}: {history.why}"
    predicted = f"{history.seconds:.0f} s predicted (80 %: {history.low:.0f} to {history.high:.0f} s)"
    if price is not None and history.cost is not None:
        predicted = f"{predicted} for {price.text(history.cost)}"
    return f"{history.decision}, {predicted}: {history.why}"


def _way(strategy: Strategy) -> str:
    return strategy.way


def _input(plan: Plan) -> str:
    size = plan.application.input
    if size.size_bytes is None:
        return f"unknown: {size.how}"
    return f"{human_bytes(size.size_bytes)} ({size.how})"


def executors_text(executors: Executors, manager: str) -> str:
    """The executors in a line."""
    heap, beside = _size(executors.heap_mib), _size(executors.total_mib - executors.heap_mib)
    if manager == "local":
        threads = counted(executors.cores, "thread")
        return f"the driver itself: {threads}, heap {heap}, {beside} beside it for Python workers"
    number = f"{executors.max}"
    if executors.min != executors.max:
        number = f"{executors.min} to {executors.max}, {executors.initial} at the start"
    gpus = f", {counted(executors.gpus, 'GPU')}" if executors.gpus else ""
    each = f"{counted(executors.cores, 'core')}{gpus}, heap {heap} and {beside} beside it"
    return f"{number}; each {each}"


def _size(mib: int) -> str:
    return human_bytes(mib * MIB)


def _groups(settings: Sequence[Setting], width: int) -> Iterator[list[str]]:
    for group, members in groupby(settings, key=lambda setting: setting.group):
        together = list(members)
        columns = _Columns(together, width)
        yield [group, *(line for setting in together for line in columns.lines(setting))]


class _Columns:
    """The columns of one group: mark, key, value, origin where one is told, reason."""

    def __init__(self, settings: Sequence[Setting], width: int) -> None:
        self._width = width
        self._key = min(WIDEST_KEY, max(len(s.key) for s in settings))
        self._value = min(WIDEST_VALUE, max(len(masked(s.key, s.value)) for s in settings))
        self._origin = max(len(_origin(s)) for s in settings)

    def lines(self, setting: Setting) -> Iterator[str]:
        """One setting."""
        *before, head = self._head(setting)
        yield from (line.rstrip() for line in before)
        column = 2 + self._key + 2 + self._value + 2 + (self._origin + 2 if self._origin else 0)
        if column + LEAST_REASON > self._width:
            yield head.rstrip()
            yield from fitted(setting.reason, self._width, "    ", "    ")
            return
        if before or len(head) + 2 > column:
            yield head.rstrip()
            head = ""
        first = head.ljust(column)
        yield from fitted(setting.reason, self._width, " " * column, first)

    def _head(self, setting: Setting) -> list[str]:
        """Key, value and origin; a long value on several lines, broken where it may be."""
        mark = "*" if setting.differs else " "
        start = f"{mark} {setting.key:{self._key}}  "
        first, *more = broken(masked(setting.key, setting.value), self._width - len(start))
        lines = [f"{start}{first:{self._value}}", *(" " * len(start) + piece for piece in more)]
        lines[0] = f"{lines[0]}  {_origin(setting)}" if _origin(setting) else lines[0]
        return lines


def broken(value: str, width: int) -> list[str]:
    """A value in pieces of at most ``width`` columns, where it can be broken; together they are the value."""
    pieces: list[str] = []
    for piece in _BREAKS.split(value):
        if pieces and len(pieces[-1]) + len(piece) <= width:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _origin(setting: Setting) -> str:
    # Most are computed: naming only the others makes them stand out.
    return "" if setting.origin is Origin.COMPUTED else setting.origin.value
