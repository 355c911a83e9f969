"""What must hold inside a job file beyond the types. Each rule yields path and message.

Job files are input: they name no path with ``..``, and their parameters are checked against the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from launcher.spec.config.faults import Path, did_you_mean
from launcher.spec.config.fields import unknown_fields, uses_fields
from launcher.spec.config.flags import PIN_OPTIONS, SPARK_KEY
from launcher.spec.job_file import JobFile
from launcher.spec.objective import JobObjective
from sparkjobs import catalogue
from sparkjobs.errors import UsageError
from sparkjobs.params import FlagInfo, check_value, describe

Broken = Iterator[tuple[Path, str]]

_FLAG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_UPWARD = re.compile(r"(?:^|[/\\,=:@#])\.\.(?:$|[/\\,#])")
_COUNTS = ("executor_cores", "num_executors", "total_executor_cores", "driver_cores")
_TWINS = {option.key: option.name for option in PIN_OPTIONS if option.name in JobFile.__struct_fields__}
_TWINS |= {
    "spark.dynamicAllocation.enabled": "dynamic_allocation.enabled",
    "spark.dynamicAllocation.minExecutors": "dynamic_allocation.min",
    "spark.dynamicAllocation.initialExecutors": "dynamic_allocation.initial",
    "spark.dynamicAllocation.maxExecutors": "dynamic_allocation.max",
}
_NOT_HERE = {
    "spark.master": "write target: NAME of a profile",
    "spark.remote": "write target: NAME of a profile",
}


def broken_rules(job_file: JobFile) -> Broken:
    """Every rule that the job file breaks, with the path of the value."""
    yield from _what_runs(job_file)
    yield from _params(job_file)
    yield from _numbers(job_file)
    yield from _settings(job_file)
    yield from _objective(job_file)
    yield from _on_failure(job_file)
    for path, text in _texts(job_file):
        if _UPWARD.search(text) or (text.startswith("file:") and _UPWARD.search(unquote(text))):
            yield path, f"{text!r} goes up by '..'; job files name paths without it"


def _what_runs(job_file: JobFile) -> Broken:
    if (job_file.job is None) == (job_file.script is None):
        yield (), "write either job: NAME of the catalogue, or script: FILE.py"
    if job_file.script is not None and not job_file.script.endswith(".py"):
        yield ("script",), f"{job_file.script!r} is no .py file"
    if job_file.job is not None and job_file.arguments:
        yield ("arguments",), "arguments are for scripts; a job takes params"
    if job_file.job is not None and job_file.tables:
        yield ("tables",), "tables are for scripts; a job knows the tables it writes"


def _params(job_file: JobFile) -> Broken:
    for name in job_file.params:
        if not _FLAG.fullmatch(name):
            yield ("params", name), f"{name!r} makes no flag; write letters, digits and _"
    if job_file.job is not None:
        yield from _known_params(job_file, job_file.job)
    for path, text in _filled_in(job_file):
        message = unknown_fields(text)
        if message:
            yield path, message


def _known_params(job_file: JobFile, name: str) -> Broken:
    try:
        flags = describe(catalogue.get(name).params)
    except UsageError as error:
        yield ("job",), f"{error.message}. {error.hint or ''}".rstrip()
        return
    known = {info.flag.removeprefix("--").replace("-", "_"): info for info in flags}
    for given, value in job_file.params.items():
        info = known.get(given.replace("-", "_"))
        if info is None:
            yield ("params", given), f"the job {name} has no parameter {given}{did_you_mean(given, known)}"
        elif (message := _wrong_value(name, info, value)) is not None:
            yield ("params", given), message


def _wrong_value(job: str, info: FlagInfo, value: bool | str | tuple[str, ...]) -> str | None:
    """What is wrong with the value of a parameter, as far as it does not wait for the interval."""
    if isinstance(value, bool):
        return None if info.type == "bool" else f"{info.flag} needs a value, not {str(value).lower()}"
    texts = [value] if isinstance(value, str) else list(value)
    if any(unknown_fields(text) or uses_fields(text) for text in texts):
        return None
    texts = [text.format() for text in texts]  # doubled braces
    try:
        if info.type.startswith("list of") and not info.repeatable:
            texts = [",".join(texts)]
        elif len(texts) > 1 and not info.repeatable:
            return f"{info.flag} was given twice; a list is for parameters that take many values"
        check_value(catalogue.get(job).params, info.name, texts)
    except UsageError as error:
        return f"{error.message}. {error.hint or ''}".rstrip(". ")
    return None


def _numbers(job_file: JobFile) -> Broken:
    for name in _COUNTS:
        value = getattr(job_file, name)
        if value is not None and value < 1:
            yield (name,), f"{name} is {value}; it is 1 or more"
    for name in ("executor_memory", "driver_memory"):
        if getattr(job_file, name) == 0:
            yield (name,), f"{name} is 0; write a size such as 4g"
    if job_file.retries < 0:
        yield ("retries",), f"retries is {job_file.retries}; it is 0 or more"
    if job_file.timeout_s is not None and job_file.timeout_s <= 0:
        yield ("timeout",), "timeout is no time at all; write one such as 2h"
    yield from _bounds(job_file)


def _bounds(job_file: JobFile) -> Broken:
    requested = job_file.dynamic_allocation
    if requested is None:
        return
    given = [(name, getattr(requested, name)) for name in ("min", "initial", "max")]
    there = [(name, value) for name, value in given if value is not None]
    for name, value in there:
        least = 1 if name == "max" else 0
        if value < least:
            yield ("dynamic_allocation", name), f"{name} is {value}; it is {least} or more"
    for (low, fewer), (high, more) in pairwise(there):
        if fewer > more:
            yield ("dynamic_allocation", low), f"{low} {fewer} is above {high} {more}"


def _settings(job_file: JobFile) -> Broken:
    for key in job_file.conf:
        twin = _TWINS.get(key)
        if not SPARK_KEY.fullmatch(key):
            yield ("conf", key), f"{key!r} is no Spark key; Spark reads keys that begin with 'spark.'"
        elif key in _NOT_HERE:
            yield ("conf", key), f"a job file does not say {key}; {_NOT_HERE[key]}"
        elif twin is not None and twin in job_file.places:
            message = f"{key} is {twin} as well, at {job_file.place(twin)}; keep one of the two"
            yield ("conf", key), message


def _objective(job_file: JobFile) -> Broken:
    requested = job_file.objective
    if not isinstance(requested, JobObjective):
        return
    if (requested.deadline_s is None) == (requested.max_slowdown is None):
        yield ("objective",), "objective takes one of deadline: 20m, max_slowdown: 10%, or is min_cost"
    elif requested.deadline_s is not None and requested.deadline_s <= 0:
        yield ("objective", "deadline"), "deadline is no time at all; write one such as 20m"


def _on_failure(job_file: JobFile) -> Broken:
    hook = job_file.on_failure
    if hook is None:
        return
    if bool(hook.command) == (hook.webhook is not None):
        yield ("on_failure",), "on_failure takes either command: [PROGRAM, ARGUMENT] or webhook: URL"
    elif hook.webhook is not None and not _is_web_address(hook.webhook):
        yield ("on_failure", "webhook"), f"{hook.webhook!r} is no address; write https://HOST/PATH"
    elif hook.webhook is None and not hook.command[0]:
        yield ("on_failure", "command"), "command begins with the name of a program"
    if hook.lag is not None and hook.lag < 0:
        yield ("on_failure", "lag"), f"{hook.lag} is no lag; write 0 or more"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _texts(job_file: JobFile) -> Iterator[tuple[Path, str]]:
    """Every text that may hold a path."""
    yield from _filled_in(job_file)
    for key, value in job_file.conf.items():
        yield ("conf", key), value
    for name in (
        "script",
        "py_files",
        "files",
        "archives",
        "jars",
        "driver_class_path",
        "driver_library_path",
    ):
        yield from _each((name,), getattr(job_file, name) or ())
    yield from _each(("tables",), job_file.tables)
    if job_file.on_failure is not None:
        yield from _each(("on_failure", "command"), job_file.on_failure.command)


def _filled_in(job_file: JobFile) -> Iterator[tuple[Path, str]]:
    """Every text in which ``{interval_start}`` is filled in."""
    for name, value in job_file.params.items():
        if not isinstance(value, bool):
            yield from _each(("params", name), value)
    yield from _each(("arguments",), job_file.arguments)


def _each(path: Path, value: str | Iterable[str]) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    else:
        yield from (((*path, index), item) for index, item in enumerate(value))
