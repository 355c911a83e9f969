"""The jobs that exist: ours, those of installed packages, those packed into the zip.

Three sources, one shape, ``module:ATTRIBUTE``:

* ``BUILT_IN`` below;
* the entry point group ``sparkjobs.jobs`` of every installed package;
* ``sparkjobs_jobs.json`` at the root of any folder or zip on ``sys.path`` (a zip has no entry points).

Nothing here imports pyspark, so the launcher can list the jobs in a fraction of a second.
"""

from __future__ import annotations

import difflib
import importlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from sparkjobs.errors import UsageError
from sparkjobs.job import Job

ENTRY_POINT_GROUP = "sparkjobs.jobs"
PACKED_LIST = "sparkjobs_jobs.json"

BUILT_IN: Mapping[str, str] = {
    "wordcount": "sparkjobs.batch.wordcount:JOB",
    "sum_by_key": "sparkjobs.batch.sum_by_key:JOB",
    "analytics": "sparkjobs.batch.analytics:JOB",
    "behaviour": "sparkjobs.batch.behaviour:JOB",
    "text_features": "sparkjobs.batch.text_features:JOB",
    "partition": "sparkjobs.batch.partition:JOB",
    "wordcount_stream": "sparkjobs.streaming.wordcount_stream:JOB",
    "sum_by_key_stream": "sparkjobs.streaming.sum_by_key_stream:JOB",
    "analytics_stream": "sparkjobs.streaming.analytics_stream:JOB",
    "behaviour_stream": "sparkjobs.streaming.behaviour_stream:JOB",
}


def load(on_problem: Callable[[UsageError], None]) -> Mapping[str, Job]:
    """Every job by name, ours first.

    Args:
        on_problem: is told of each job that cannot be imported, is no ``Job`` or takes a name that is
            taken; one package that is broken does not hide the jobs of the others.
    """
    jobs: dict[str, Job] = {}
    for name, target in [*BUILT_IN.items(), *_entry_points().items(), *((None, t) for t in _packed())]:
        try:
            job = _resolve(target, name)
            if job.name in jobs:
                raise UsageError(f"the job name {job.name!r} of {target} is taken", "Rename that job.")
            jobs[job.name] = job
        except UsageError as error:
            on_problem(error)
    return jobs


def get(name: str, also: Iterable[str] = ()) -> Job:
    """One job by name, without importing the others.

    Args:
        name: the job.
        also: other names that the caller would have understood; the nearest is proposed.

    Raises:
        UsageError: no such job (the hint names the nearest one), or it cannot be loaded.
    """
    known = {**_entry_points(), **BUILT_IN}
    if name in known:
        return _resolve(known[name], name)
    packed = {job.name: job for job in (_resolve(target, None) for target in _packed())}
    if name in packed:
        return packed[name]
    names = list(dict.fromkeys([*BUILT_IN, *_entry_points(), *packed, *also]))
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"The jobs are: {', '.join(names)}."
    raise UsageError(f"no job is called {name!r}", hint)


def _entry_points() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=ENTRY_POINT_GROUP)}


def _packed() -> list[str]:
    targets: list[str] = []
    installed = set(_entry_points().values())
    for entry in dict.fromkeys(sys.path):
        text = _packed_text(Path(entry))
        if text is not None:
            targets += json.loads(text)
    # A project that is installed and on the path as well has each of its jobs once.
    return list(dict.fromkeys(target for target in targets if target not in installed))


def _packed_text(place: Path) -> str | None:
    try:
        if place.is_dir() and (place / PACKED_LIST).is_file():
            return (place / PACKED_LIST).read_text(encoding="utf-8")
        if place.is_file() and zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as archive:
                if PACKED_LIST in archive.namelist():
                    return archive.read(PACKED_LIST).decode("utf-8")
    except OSError:
        return None
    return None


def _resolve(target: str, name: str | None) -> Job:
    module_name, _, attribute = target.partition(":")
    try:
        job = getattr(importlib.import_module(module_name), attribute)
    except Exception as error:  # the module is somebody's own: it may raise anything when imported
        raise UsageError(
            f"the job {name or target} cannot be loaded from {target}: {type(error).__name__}: {error}",
            "Repair or uninstall the package that brings it.",
        ) from error
    if not isinstance(job, Job):
        raise UsageError(f"{target} is a {type(job).__name__}, not a sparkjobs Job")
    if name is not None and job.name != name:
        raise UsageError(
            f"{target} calls itself {job.name!r} but is registered as {name!r}", "Use one name for both."
        )
    return job
