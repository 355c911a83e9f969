"""Reads the text of RAPIDS' ExplainPlan. Pure.

A line is ``INDENT SIGN KIND <NAME> TEXT VERDICT``, two blanks for each depth; a report begins with the only
line of depth 0, and several reports (subqueries) are parted by blank lines. The text of an expression is
Spark's own and holds the literals of the query as they are: one with line ends looks like lines of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

_LINE = re.compile(r"(?P<indent> *)(?P<sign>[*!@#$^])(?P<kind>\w*) <(?P<name>[^>]*)> (?P<text>.*)")
_KINDS = ("Exec", "Expression", "Partitioning", "Output", "Command", "Scan", "")
_OPERATOR_KINDS = ("Exec", "Command", "Output", "Scan")
_VERDICT = re.compile(
    r"(?:will|could|cannot) (?:even )?(?:not )?(?:partially )?(?:run|block)[ \w]* GPU|blocks running on GPU"
    r"|NOT EVALUATED FOR GPU"
)
_BECAUSE = re.compile(
    r".*(?:cannot run on GPU|cannot run even partially on the GPU|blocks running on GPU) because (.*)"
)
_PARTIALLY = "will partially run on GPU"
_PACKAGE = re.compile(r"\b(?:[a-z][\w]*\.){2,}(?=[A-Z])")
_ON_GPU = frozenset("*^@")
_ON_CPU = frozenset("!$")


@dataclass(frozen=True)
class Line:
    """One line of a report."""

    depth: int
    sign: str
    kind: str
    name: str
    text: str

    @property
    def is_operator(self) -> bool:
        """Whether it stands for an operator of the plan, not for an expression in one."""
        return self.kind in _OPERATOR_KINDS or (not self.kind and self.name.endswith("Exec"))


@dataclass(frozen=True)
class Operator:
    """An operator of a plan.

    Attributes:
        name: its class, such as ``HashAggregateExec``.
        on_gpu: whether it would run there; ``None`` for one that RAPIDS takes out.
        reason: why not; empty for one that would.
        partially: the GPU only feeds it; its function runs in Python.
    """

    name: str
    on_gpu: bool | None
    reason: str = ""
    partially: bool = False


def operators(text: str) -> tuple[Operator, ...]:
    """The operators of a text, in its order."""
    found = tuple(lines(text))
    return tuple(_operator(line, found[index + 1 :]) for index, line in enumerate(found) if line.is_operator)


def share(found: Sequence[Operator]) -> float | None:
    """Share of the operators that would run on the GPU, 0 to 1; ``None`` without any."""
    judged = [operator.on_gpu for operator in found if operator.on_gpu is not None]
    return sum(judged) / len(judged) if judged else None


def lines(text: str) -> Iterator[Line]:
    """The lines that RAPIDS wrote; what the literals of the query put between them is left out."""
    depth = -1
    torn, parted = False, True
    for raw in text.split("\n"):
        line = _parsed(raw)
        if torn:
            torn = not _ends_torn(raw, line)
        elif not raw.strip():
            parted = True
        elif line is not None:
            torn = not _VERDICT.search(line.text)
            # A child is one deeper than its parent, and only the first line of a report has none.
            if line.depth <= depth + 1 if line.depth else parted:
                depth, parted = line.depth, False
                yield line


def _parsed(raw: str) -> Line | None:
    match = _LINE.fullmatch(raw)
    if match is None or match["kind"] not in _KINDS or len(match["indent"]) % 2:
        return None
    return Line(len(match["indent"]) // 2, match["sign"], match["kind"], match["name"], match["text"])


def _ends_torn(raw: str, line: Line | None) -> bool:
    """Whether the verdict of the line that a literal tore apart stands here, at last."""
    verdicts = len(_VERDICT.findall(raw))
    return verdicts > (0 if line is None else 1)


def _operator(line: Line, following: Sequence[Line]) -> Operator:
    if line.sign in _ON_GPU:
        return Operator(line.name, True, partially=_PARTIALLY in line.text)
    if line.sign in _ON_CPU:
        return Operator(line.name, False, _reason(line, following))
    return Operator(line.name, None)


def _reason(line: Line, following: Sequence[Line]) -> str:
    own = _because(line)
    below = takewhile(lambda other: other.depth > line.depth, following)
    inner = takewhile(lambda other: not (other.kind == "Exec" or other.name.endswith("Exec")), below)
    if not own.startswith("not all "):
        return own
    causes = [f"{other.name}: {_because(other)}" for other in inner if other.sign == "!"]
    return "; ".join(dict.fromkeys(causes)) or own


def _because(line: Line) -> str:
    match = _BECAUSE.fullmatch(line.text)
    return _PACKAGE.sub("", match[1] if match else line.text)
