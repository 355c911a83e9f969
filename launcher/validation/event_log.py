"""The environment event of an event log: what an application ran with."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from launcher.planning.lint.artifacts import CLASS_PATH
from launcher.planning.lint.configuration import EVENT_LOG, SOURCE
from launcher.validation.configuration_source import Source
from launcher.validation.open_log import open_log
from sparkjobs.errors import UsageError

KIND = "event log"
START, ENVIRONMENT = "SparkListenerLogStart", "SparkListenerEnvironmentUpdate"
# The environment event comes before these.
_TOO_LATE = ("SparkListenerApplicationStart", "SparkListenerJobStart", "SparkListenerTaskEnd")
_EVENT = re.compile(rb'\{\s*"Event"\s*:\s*"([\w.]+)"')
_ROLLED = re.compile(r"events_(\d+)_.+")
_PYTHON = re.compile(r"\.py\b|PythonRunner|PythonGatewayServer|pyspark-shell")
MOST_LINE_BYTES, MOST_READ_BYTES, TAIL_BYTES = 64 << 20, 32 << 20, 1 << 16
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
        UsageError: the folder holds no log, or the library that unpacks it is not installed.
    """
    file = _first_file(path) if path.is_dir() else path
    version, damaged = "", "it ends before the environment event"
    try:
        with open_log(file) as stream:
            for line in _lines(stream):
                name = _name(line)
                if name == START:
                    version = str(_parsed(line).get("Spark Version", ""))
                elif name == ENVIRONMENT:
                    return _source(_parsed(line), version, _how_it_ends(file, stream))
                elif name in _TOO_LATE:
                    damaged = "it has no environment event"
                    break
    except json.JSONDecodeError as error:
        damaged = f"its environment event is malformed ({error.msg} at character {error.pos + 1})"
    except (OSError, EOFError, ValueError, zlib.error, _zstd_error()) as error:
        damaged = f"it cannot be unpacked ({error})"
    return Source(KIND, facts=_facts(version), damaged=f"{damaged}: its settings are unknown")


def is_event(line: bytes) -> bool:
    """Whether a line is an event of a log."""
    return _EVENT.match(line.lstrip()) is not None


def _zstd_error() -> type[Exception]:
    import zstandard

    error: type[Exception] = zstandard.ZstdError
    return error


def _first_file(folder: Path) -> Path:
    rolled = [(int(match[1]), path) for path in folder.iterdir() if (match := _ROLLED.fullmatch(path.name))]
    if not rolled:
        raise UsageError(
            f"{folder} is a folder and no rolled event log", "Name files, or an eventlog_v2_ folder."
        )
    return min(rolled)[1]


def _lines(stream: Any) -> Iterator[bytes]:
    while line := stream.readline(MOST_LINE_BYTES):
        yield line


def _name(line: bytes) -> str:
    match = _EVENT.match(line)
    return match[1].decode("ascii", "replace").rpartition(".")[2] if match else ""


def _parsed(line: bytes) -> dict[str, Any]:
    event = json.loads(line.decode("utf-8", "replace"))
    return event if isinstance(event, dict) else {}


def _how_it_ends(file: Path, stream: Any) -> tuple[str, ...]:
    """A note where the log has no end; of long logs and rolled ones nobody reads the rest for this."""
    if file.stat().st_size > MOST_READ_BYTES or _ROLLED.fullmatch(file.name):
        return ()
    tail = b""
    try:
        while chunk := stream.read(1 << 20):
            tail = (tail + chunk)[-TAIL_BYTES:]
    except (OSError, EOFError, ValueError, zlib.error, _zstd_error()) as error:
        return (f"the log is damaged behind its environment event ({error})",)
    whole = b'"SparkListenerApplicationEnd"' in tail
    return () if whole else ("the log has no end: the application runs still, was killed, or the log is cut",)


def _source(event: Mapping[str, Any], version: str, notes: tuple[str, ...]) -> Source:
    settings, jvm = _texts(event.get("Spark Properties")), _texts(event.get("JVM Information"))
    facts = _facts(version) | {
        "java_version": jvm.get("Java Version", ""),
        "scala_version": jvm.get("Scala Version", ""),
        CLASS_PATH: ",".join(
            path for path in _texts(event.get("Classpath Entries")) if path.endswith(".jar")
        ),
    }
    command = _texts(event.get("System Properties")).get("sun.java.command", "")
    python = settings.get("spark.yarn.isPython") == "true" or bool(_PYTHON.search(command))
    own = {
        key: value
        for key, value in settings.items()
        if not _ADDED.fullmatch(key) or (key == "spark.jars" and value)
    }
    return Source(KIND, own, dict.fromkeys(own, KIND), facts, python, notes=notes)


def _facts(version: str) -> dict[str, str]:
    return {SOURCE: EVENT_LOG, "spark_version": version}


def _texts(value: Any) -> dict[str, str]:
    """A mapping of texts; Spark 2 wrote lists of pairs."""
    pairs = value.items() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2}
