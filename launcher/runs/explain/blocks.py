"""A log cut into blocks: what one logger said, one Python traceback, one uncaught Java exception."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "info", "warning", "error", "python", "java"]

TRACEBACK = "Traceback (most recent call last):"
# Spark's own layout, ours, and that of Python's logging in our jobs.
_ENTRY = re.compile(
    r"(?:\d\d/\d\d/\d\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.,]+\S*|\d\d:\d\d:\d\d)"
    r" (?P<level>TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL) (?P<rest>.*)"
)
_KINDS: dict[str, Kind] = {"WARN": "warning", "WARNING": "warning"}
_KINDS |= {"ERROR": "error", "FATAL": "error", "CRITICAL": "error"}
_JAVA = 'Exception in thread "'
# Python 3 prints no header above an error of syntax in the script itself.
_SYNTAX = re.compile(r'  File "[^"]*", line \d+$')
_EXCEPTION = re.compile(r"(?:Exception|Error|Failure|Failed)\b")
_CONTINUES = re.compile(
    r'  File "|    |\tat |\t\.\.\. \d+ more|Caused by: |: [a-z]|Driver stacktrace:'
    r"|During handling|The above exception"
)
_FINAL = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z_]\w*(?:$|: )")
_LOOK_AHEAD = 50
# A traceback after one of these lines belongs to the exception before it.
_GOES_ON = (
    "During handling of the above exception",
    "The above exception was the direct cause",
    "An exception was thrown from the Python worker",
)


@dataclass(frozen=True)
class Block:
    """Some lines of a log that belong together.

    Attributes:
        kind: what they are; uncaught exceptions are ``python`` and ``java``.
        lines: the lines; of a log entry without time and level.
    """

    kind: Kind
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a log, in order."""
    kind: Kind = "plain"
    held: list[str] = []
    line_before = ""  # the last line that is not empty
    lines = text.splitlines()
    for at, line in enumerate(lines):
        begun = _beginning(line, line_before, kind)
        if begun is not None and kind in ("python", "java") and _interrupts(lines, at):
            yield Block(begun[0], (begun[1],))
            continue
        if begun is not None:
            if held:
                yield Block(kind, tuple(held))
            kind, line = begun
            held = []
        held.append(line)
        line_before = line.strip() or line_before
    if held:
        yield Block(kind, tuple(held))


def _beginning(line: str, line_before: str, kind: Kind) -> tuple[Kind, str] | None:
    """The kind of the block that a line begins, and the line without what every line has."""
    if (entry := _ENTRY.match(line)) is not None:
        return _KINDS.get(entry["level"], "info"), entry["rest"]
    if line.startswith('{"ts":'):
        return _structured(line)
    if line == TRACEBACK:
        return None if line_before.startswith(_GOES_ON) else ("python", line)
    if line.startswith(_JAVA):
        return "java", line
    if kind in ("plain", "info", "warning") and _SYNTAX.match(line):
        return "python", line
    return None


def _interrupts(lines: Sequence[str], at: int) -> bool:
    """A line of the JVM's log in the midst of what Python writes: the exception goes on behind it.

    A line that names an exception itself begins a stack of its own.
    """
    if _ENTRY.match(lines[at]) is None or _EXCEPTION.search(lines[at]):
        return False
    following = (line for line in lines[at + 1 : at + _LOOK_AHEAD] if _ENTRY.match(line) is None)
    behind = next(following, "")
    in_frames = at > 0 and lines[at - 1].startswith("  ")
    return bool(_CONTINUES.match(behind) or (in_frames and _FINAL.match(behind)))


def _structured(line: str) -> tuple[Kind, str] | None:
    """Spark's structured logging, and the notes that PySpark writes about queries."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    exception = entry.get("exception") or {}
    about = (
        f" {exception.get('class', '')}: {exception.get('msg', '')}"
        if isinstance(exception, dict) and exception
        else ""
    )
    return _KINDS.get(
        entry.get("level", ""), "info"
    ), f"{entry.get('logger', '')}: {entry.get('msg', '')}{about}"
