"""The exceptions that a text tells, from the outermost to the root."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from launcher.runs.explain.blocks import TRACEBACK
from launcher.runs.explain.cause import IN_TASK

LONGEST = 1500
_MOST_LINES = 6
_MOST_LINES_OF_LOSS = 40
_LOST = "ExecutorLostFailure"
# The name of a class of exceptions, Java's or Python's, at the start of a line.
_HEADLINE = re.compile(
    r"(?:Caused by: |: |Exception in thread \"[^\"]*\" )?"
    r"(?P<message>(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*"
    r"(?:Exception|Error|Exit|Interrupt|Failure|Fault|Throwable|Timeout|Warning)(?:$|[:(\s].*))"
)
# ``(TID 3) (10.0.0.7 executor 2): ...``: from here on it is the task that speaks.
_FROM_TASK = re.compile(
    r"\(TID \d+\) \([^)]*\): (?P<message>.*)"
    r"|Exception in task [\d.]+ in stage [\d.]+ \(TID \d+\)$"
    r"|Uncaught exception in thread Thread\[Executor task launch worker"
)
_PYSPARK = re.compile(r"^pyspark\.errors\.exceptions\.\w+\.")
_WORKER = "An exception was thrown from the Python worker"
_FRAME = re.compile(r"\s+at |\s+\.\.\. \d+ more|Driver stacktrace:|JVM stacktrace:|\s*$")
# It says no more than that the session is gone, or that Java told more.
_CONSEQUENCE = re.compile(
    r"SparkContext was shut ?down|SparkContext has been shutdown"
    r"|Cannot call methods on a stopped SparkContext"
    r"|Py4JJavaError: An error occurred while calling"
    # Without a trace: the JVM's thread died, and its own words stand elsewhere.
    r"|Py4JError: An error occurred while calling [\w.]+$"
    # YARN's client of a driver on the cluster.
    r"|SparkException: Application application_\w+ finished with (?:failed|killed) status"
    r"|SPARK_JOB_CANCELLED|Job \d+ cancelled|Shutdown hooks cannot be modified|RejectedExecutionException"
)
_JVM_GONE = re.compile(r"Py4JNetworkError|Answer from Java side is empty")


@dataclass(frozen=True)
class LoggedException:
    """One exception as a text tells it.

    Attributes:
        text: class and message, shortened.
        in_task: it happened in a task, not in the driver.
        at: index of its line in the text.
    """

    text: str
    in_task: bool
    at: int

    @property
    def searched(self) -> str:
        """What patterns are searched in."""
        return f"{IN_TASK}{self.text}" if self.in_task else self.text

    @property
    def consequence(self) -> bool:
        """It says only that what is told elsewhere has ended the application."""
        return _CONSEQUENCE.search(self.text) is not None


def only_jvm_is_gone(chain: Sequence[LoggedException]) -> bool:
    """The driver's Python noticed that its JVM is gone, by a refused connection or a lack of answer."""
    return any(_JVM_GONE.search(message.text) for message in chain)


def exceptions(lines: Sequence[str]) -> list[LoggedException]:
    """All exceptions of some lines; the root is the last one."""
    found: list[LoggedException] = []
    in_task = in_traceback = False
    for at, line in enumerate(lines):
        in_task = in_task or _WORKER in line or _LOST in line
        split = _FROM_TASK.search(line)
        if split is not None:
            found += _headline(lines, at, line[: split.start()], in_task)
            in_task, line = True, split["message"] or ""
        if line.endswith(TRACEBACK):
            in_task = in_task or "PythonException" in line
            in_traceback = True
        elif in_traceback and line and not line[0].isspace():
            # Whatever follows the frames is the exception, however its class is called.
            in_traceback = False
            found.append(LoggedException(_message(lines, at, line), in_task, at))
        elif split is not None and line:
            found.append(LoggedException(_message(lines, at, line), True, at))
        else:
            found += _headline(lines, at, line, in_task)
    return found


def root(found: Sequence[LoggedException]) -> LoggedException | None:
    """The deepest exception that has a message, a mere consequence only where there is nothing else."""
    speaking = [message for message in found if ":" in message.text] or list(found)
    telling = [message for message in speaking if not message.consequence] or speaking
    return telling[-1] if telling else None


def _headline(lines: Sequence[str], at: int, line: str, in_task: bool) -> list[LoggedException]:
    match = _HEADLINE.match(line)
    return [LoggedException(_message(lines, at, match["message"]), in_task, at)] if match else []


def _message(lines: Sequence[str], at: int, first: str) -> str:
    """Class and message: the line and those that follow up to the first frame."""
    held = [first.rstrip()]
    # Kubernetes tells the states of the containers after empty lines.
    lost = _LOST in first
    for line in lines[at + 1 : at + (_MOST_LINES_OF_LOSS if lost else _MOST_LINES)]:
        if _ends_message(line) and not (lost and not line.strip()):
            break
        held.append(line.rstrip())
    return _PYSPARK.sub("", "\n".join(held)[:LONGEST].removeprefix(": ").rstrip())


def _ends_message(line: str) -> bool:
    begins = _FRAME.match(line) or _HEADLINE.match(line)
    return begins is not None or line.startswith(("Traceback", "During handling", "The above exception"))
