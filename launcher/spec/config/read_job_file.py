"""Read a job file, ``conf/jobs/NAME.yaml``."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from launcher.spec.config.decode import decode_sound
from launcher.spec.config.discovery import find, shown
from launcher.spec.config.documents import Document, read_document
from launcher.spec.config.faults import Fault, dotted, refuse
from launcher.spec.config.flags import SPARK_KEY
from launcher.spec.config.guarded import why_guarded
from launcher.spec.config.job_rules import broken_rules
from launcher.spec.job_file import JobFile


def read_job_file(name_or_path: str, environ: Mapping[str, str], start: Path) -> JobFile:
    """The job file of a name or of a path.

    Args:
        name_or_path: NAME of ``conf/jobs/NAME.yaml``, or a path.
        environ: tells the user's folder.
        start: absolute folder where the search begins.

    Raises:
        UsageError: no such file, or faults in it: ``file:line: message``, one a line.
    """
    file = find("jobs", name_or_path, environ, start)
    return job_file_of(read_document(file, shown(file, start)), file.stem)


def job_file_of(document: Document, name: str) -> JobFile:
    """The job file of a document.

    Raises:
        UsageError: faults in it.
    """
    odd = dict(_odd_params(document))
    places = {dotted(path): document.place(path) for path in document.spots if path}
    given = {"file_name": name, "places": places}
    job_file, faults, left_out = decode_sound(_as_written(document, odd), JobFile, given)
    strange = [Fault(document.line(("params", name)), message) for name, message in odd.items()]
    broken = [
        Fault(document.line(path), message)
        for path, message in broken_rules(job_file)
        # What is missing may stand in what could not be read.
        if path or not left_out
    ]
    found = [*strange, *faults, *broken]
    # Alone it is no fault yet: the profile, which a broken file may not even name, can allow it.
    refuse(document.shown, [*found, *_guarded(document, job_file)] if found else ())
    return job_file


def _guarded(document: Document, job_file: JobFile) -> Iterator[Fault]:
    for key in job_file.conf:
        why = why_guarded(key)
        if why is not None and SPARK_KEY.fullmatch(key):
            message = f"{key} {why}; a job file may not set it, unless the profile trusts it"
            yield Fault(document.line(("conf", key)), message)


def _odd_params(document: Document) -> Iterator[tuple[str, str]]:
    for name, value in _params(document).items():
        if value is None:
            yield name, f'params.{name} has no value; write "" for an empty text'
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict | list) for item in items):
            yield name, f"params.{name} takes a value or a list of values, no more"
        elif None in items and value is not None:
            yield name, f"params.{name} has an item without a value"


def _as_written(document: Document, odd: Collection[str]) -> Document:
    """Parameters as the file writes them, so that 1.10 stays 1.10; booleans make switches and stay."""
    params = _params(document)
    sound = {name: _written(document, ("params", name), params[name]) for name in params if name not in odd}
    return dataclasses.replace(document, data={**document.data, "params": sound}) if params else document


def _written(document: Document, path: tuple[str | int, ...], value: Any) -> Any:
    if isinstance(value, list):
        places = ((*path, index) for index in range(len(value)))
        return [document.spots[place].text for place in places]
    return value if isinstance(value, bool) else document.spots[path].text


def _params(document: Document) -> dict[str, Any]:
    params = document.data.get("params")
    return params if isinstance(params, dict) else {}
