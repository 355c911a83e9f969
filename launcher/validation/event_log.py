"""The environment event of an event log: what an application ran with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from launcher.planning.lint.artifacts import CLASS_PATH
from launcher.planning.lint.configuration import EVENT_LOG, SOURCE
from launcher.records.history.file_lines import FileLines
from launcher.records.history.fold.trace_builder import texts
from launcher.records.history.parts import rolled_number
from launcher.validation.configuration_source import Source
from sparkjobs.errors import DataError, UsageError

KIND = "event log"
START, ENVIRONMENT = "SparkListenerLogStart", "SparkListenerEnvironmentUpdate"
END = "SparkListenerApplicationEnd"
# The environment event comes before these.
_TOO_LATE = ("SparkListenerApplicationStart", "SparkListenerJobStart", "SparkListenerTaskEnd")
_EVENT = re.compile(rb'\{\s*"Event"\s*:\s*"([\w.]+)"')
_PYTHON = re.compile(r"\.py\b|PythonRunner|PythonGatewayServer|pyspark-shell")
CHUNK_BYTES, MOST_READ_BYTES = 1 << 18, 32 << 20
# What Spark itself sets while it starts.
_ADDED = re.compile(
    r"spark\.(?:app\.(?:id|startTime|submitTime|attempt\.id|initial\..*)|driver\.(?:host|port|appUIAddress)"
    r"|executor\.id|repl\..*|sql\.warehouse\.dir|sql\.catalogImplementation|yarn\.app\..*"
    r"|ui\.filters|.*AmIpFilter\.param\..*|submit\.pyFiles|yarn\.isPython|jars)"
)


def read_event_log(path: Path) -> Source:
    """What the environment event of a log tells; a damaged log tells what is missing.

    Args:
        path: a file, or the folder of a rolled log (``eventlog_v2_...``).

    Raises:
        UsageError: the folder holds no log, or nothing here unpacks it.
    """
    file = _first_file(path) if path.is_dir() else path
    lines = FileLines(str(file))
    try:
        with file.open("rb") as stream:
            return _read(file, lines, _lines(stream, lines))
    except OSError as error:
        return _damaged("", f"it cannot be read ({error})")
    except DataError as error:
        raise UsageError(str(error), error.hint) from error


def _read(file: Path, lines: FileLines, each: Iterator[bytes]) -> Source:
    version = ""
    for line in each:
        name = _name(line)
        try:
            if name == START:
                version = str(_parsed(line).get("Spark Version", ""))
            elif name == ENVIRONMENT:
                return _source(_parsed(line), version, _how_it_ends(file, lines, each))
            elif name in _TOO_LATE:
                return _damaged(version, "it has no environment event")
        except json.JSONDecodeError as error:
            why = f"its environment event is malformed ({error.msg} at character {error.pos + 1})"
            return _damaged(version, why)
    ends = "it ends before the environment event"
    return _damaged(version, ends if lines.damage is None else f"{ends}: it {lines.damage}")


def _damaged(version: str, why: str) -> Source:
    return Source(KIND, facts=_facts(version), damaged=f"{why}: its settings are unknown")


def is_event(line: bytes) -> bool:
    """Whether a line is an event of a log."""
    return _EVENT.match(line.lstrip()) is not None


def _first_file(folder: Path) -> Path:
    rolled = [(number, one) for one in folder.iterdir() if (number := rolled_number(one.name)) is not None]
    if not rolled:
        raise UsageError(
            f"{folder} is a folder and no rolled event log", "Name files, or an eventlog_v2_ folder."
        )
    return min(rolled)[1]


def _lines(stream: IO[bytes], lines: FileLines) -> Iterator[bytes]:
    while data := stream.read(CHUNK_BYTES):
        for whole in lines.feed(data):
            yield from whole
    for whole in lines.end():
        yield from whole


def _name(line: bytes) -> str:
    match = _EVENT.match(line)
    return match[1].decode("ascii", "replace").rpartition(".")[2] if match else ""


def _parsed(line: bytes) -> dict[str, Any]:
    event = json.loads(line.decode("utf-8", "replace"))
    return event if isinstance(event, dict) else {}


def _how_it_ends(file: Path, lines: FileLines, each: Iterator[bytes]) -> tuple[str, ...]:
    """A note where the log has no end; of long logs and rolled ones nobody reads the rest for this."""
    if file.stat().st_size > MOST_READ_BYTES or rolled_number(file.name) is not None:
        return ()
    last = b""
    for line in each:
        last = line.strip() or last
    if lines.damage is not None:
        return (f"the log {lines.damage}, behind its environment event",)
    if _name(last) == END:
        return ()
    return ("the log has no end: the application runs still, was killed, or the log is cut",)


def _source(event: Mapping[str, Any], version: str, notes: tuple[str, ...]) -> Source:
    settings, jvm = texts(event.get("Spark Properties")), texts(event.get("JVM Information"))
    facts = _facts(version) | {
        "java_version": jvm.get("Java Version", ""),
        "scala_version": jvm.get("Scala Version", ""),
        CLASS_PATH: ",".join(path for path in texts(event.get("Classpath Entries")) if path.endswith(".jar")),
    }
    command = texts(event.get("System Properties")).get("sun.java.command", "")
    python = settings.get("spark.yarn.isPython") == "true" or bool(_PYTHON.search(command))
    own = {
        key: value
        for key, value in settings.items()
        if not _ADDED.fullmatch(key) or (key == "spark.jars" and value)
    }
    return Source(KIND, own, dict.fromkeys(own, KIND), facts, python, notes=notes)


def _facts(version: str) -> dict[str, str]:
    return {SOURCE: EVENT_LOG, "spark_version": version}
