"""The few lines of a log that are worth showing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from launcher.runs.explain.blocks import TRACEBACK
from launcher.runs.explain.exceptions import LoggedException, exceptions
from launcher.runs.explain.failure_sources import UNCAUGHT, Evidence

MOST_FRAMES = 4
MOST_TASK_LINES = 12
MOST_WORDS = 3
LONGEST_LINE = 300
_NOT_THE_SCRIPT = (
    "WARNING: ",
    "Using Spark's default",
    "Setting default log level",
    "To adjust logging level",
)
_FRAME = re.compile(r'\s+File "(?P<path>[^"]*)", line \d+')
_MARKS = re.compile(r"\s*[\^~]+\s*")
# Frames of Spark's own Python say nothing about the user's script, which may be one of its examples.
_NOT_OURS = re.compile(
    r"(?:^|/)(?:pyspark(?!/examples/)|py4j|pyspark\.zip|py4j-[\w.]+-src\.zip|importlib|runpy\.py)(?:/|$)"
    r"|<frozen "
)


def traceback_lines(lines: Sequence[str]) -> list[str]:
    """A Python traceback without the frames of Spark: the user's last frames and the exception."""
    if not lines or not any(_FRAME.match(line) for line in lines):
        return []
    frames, end = _frames(lines)
    tail = [lines[end]] if end < len(lines) else []
    return [line[:LONGEST_LINE] for line in (TRACEBACK, *_users(frames), *tail)]


def task_lines(seen: Evidence) -> list[str]:
    """The last lines of the failed task: the newest that the driver, the event log or the log tells."""
    sources = [block.lines for block in seen.log if block.kind in (*UNCAUGHT, "error", "warning")]
    sources = [*(tuple(reason.splitlines()) for reason in seen.failures), *sources]
    for lines in reversed(sources):
        found = [
            exception
            for exception in exceptions(lines)
            if exception.in_task and not exception.text.startswith("TaskKilled")
        ]
        if found:
            return _end_of_task(lines, found[-1])
    return []


def last_words(plain_lines: Sequence[str], exit_code: int) -> str:
    """What a script that ended itself said last."""
    written = [line[:LONGEST_LINE] for line in plain_lines if not line.startswith(_NOT_THE_SCRIPT)]
    words = " | ".join(written[-MOST_WORDS:])
    return f"the script ended with exit code {exit_code}" + (f"; it said last: {words}" if words else "")


def _frames(lines: Sequence[str]) -> tuple[list[list[str]], int]:
    """The frames of the last traceback in some lines, and the index of the exception after them."""
    frames: list[list[str]] = []
    for at, line in enumerate(lines):
        if line.endswith(TRACEBACK):
            # A traceback that the worker sent stands inside the driver's exception: the driver's is over.
            if frames and line != TRACEBACK:
                break
            frames = []
        elif _FRAME.match(line):
            frames.append([line])
        elif frames and line[:1].isspace():
            frames[-1].append(line)
        elif frames and line:
            return frames, at
    return frames, len(lines)


def _end_of_task(lines: Sequence[str], message: LoggedException) -> list[str]:
    """The root of a task, the user's Python frames that lead to it or the Java frames that raised it."""
    begun = max(
        (at for at, line in enumerate(lines[: message.at]) if line.endswith(TRACEBACK)), default=message.at
    )
    after_frames = message.at > begun and lines[message.at - 1].startswith("  ")
    led = _users(_frames(lines[begun : message.at])[0]) if after_frames else []
    raised = list(takewhile(lambda line: line.startswith("\tat "), lines[message.at + 1 : message.at + 4]))
    raised = [] if led else raised
    return [line[:LONGEST_LINE].rstrip() for line in (*led, *message.text.splitlines(), *raised)][
        -MOST_TASK_LINES:
    ]


def _users(frames: Sequence[Sequence[str]]) -> list[str]:
    """The last frames outside Spark, without the marks below a line."""
    users = [frame for frame in frames if not _NOT_OURS.search(frame[0])][-MOST_FRAMES:]
    return [line for frame in users for line in frame if not _MARKS.fullmatch(line)]
