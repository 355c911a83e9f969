"""Which kind of configuration a file holds, by its content."""

from __future__ import annotations

import json
from pathlib import Path

from launcher.records.history.unpack import packed
from launcher.spec.config.properties import parse_properties
from launcher.spec.layer import Origin
from launcher.validation.configuration_source import Source, of_pins
from launcher.validation.event_log import is_event, read_event_log
from launcher.validation.plan_file import is_plan, read_plan
from launcher.validation.submit_script import holds_command, read_script
from sparkjobs.errors import UsageError

MOST_TEXT_BYTES = 16 << 20
PROPERTIES = "properties file"


def read_source(path: Path, shown: str, start: Path) -> tuple[Source, str]:
    """What a file holds, and its text where it is one.

    Args:
        path: a file or the folder of a rolled event log; no YAML.
        shown: its name for people.
        start: the working folder.

    Raises:
        UsageError: it cannot be read, or is of no kind that we know.
    """
    if path.is_dir():
        return read_event_log(path), ""
    head = _head(path, shown)
    if packed(head) or is_event(head):
        return read_event_log(path), ""
    text = _text(path, shown)
    if text.lstrip().startswith("{"):
        return _json(text, shown), ""
    if holds_command(text):
        return read_script(text, shown, start), text
    read = parse_properties(text, shown, Origin.DEFAULTS)
    if not read.pins and read.ignored:
        raise UsageError(
            f"{shown} is nothing that can be validated",
            "Name a profile, job file, properties file, script with spark-submit, event log or plan.",
        )
    notes = (f"{line}: Spark passes over keys that do not begin with spark." for line in read.ignored)
    return of_pins(PROPERTIES, read.pins, notes), text


def _head(path: Path, shown: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}", "Check the name and the permissions.") from error


def _text(path: Path, shown: str) -> str:
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise UsageError(f"{shown} is larger than {MOST_TEXT_BYTES >> 20} MiB and no event log")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text", "Save the file as UTF-8.") from error


def _json(text: str, shown: str) -> Source:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{shown}: {error}", "Write it anew: sparkjob plan ... -o json") from error
    if not is_plan(document):
        raise UsageError(f"{shown} is JSON but no plan", "Write a plan: sparkjob plan ... -o json")
    return read_plan(document)
