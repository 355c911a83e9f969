"""From the parameters of a job file to the arguments of the job or script."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.spec.config.fields import fill_in
from launcher.spec.job_file import JobFile
from sparkjobs import catalogue
from sparkjobs.identity import Interval
from sparkjobs.params import FlagInfo, describe


def params_argv(job_file: JobFile, interval: Interval | None = None) -> tuple[str, ...]:
    """The arguments that a run hands over.

    A list repeats the flag, or is joined by commas where the job takes one such value. ``true`` gives the
    bare flag; ``false`` gives a job ``--flag=false`` and a script nothing. A job that has ``--interval``
    is given the run's, in place of one in the file.

    Args:
        job_file: the job file.
        interval: the run's interval, for ``{interval_start}``, ``{interval_end}`` and ``--interval``.

    Raises:
        UsageError: a field is to be filled in and there is no interval.
    """
    if job_file.job is None:
        flags = [word for name in job_file.params for word in _of_script(job_file, name, interval)]
        places = (job_file.place(f"arguments[{index}]") for index in range(len(job_file.arguments)))
        rest = zip(job_file.arguments, places, strict=True)
        return (*flags, *(fill_in(text, interval, place) for text, place in rest))
    known = {info.flag: info for info in describe(catalogue.get(job_file.job).params)}
    return tuple(_of_job(job_file, known, interval))


def _of_job(job_file: JobFile, known: dict[str, FlagInfo], interval: Interval | None) -> Iterator[str]:
    own_interval = interval is not None and interval.end is not None and "--interval" in known
    for name, value in job_file.params.items():
        flag = "--" + name.replace("_", "-")
        if flag == "--interval" and own_interval:
            continue
        if isinstance(value, bool):
            yield flag if value else f"{flag}=false"
            continue
        texts = _texts(job_file, name, interval)
        info = known[flag]
        one = not info.repeatable and info.type.startswith("list of")
        yield from _flagged(flag, [",".join(texts)] if one else texts)
    if own_interval and interval is not None:
        yield from ("--interval", interval.text)


def _of_script(job_file: JobFile, name: str, interval: Interval | None) -> Iterator[str]:
    value = job_file.params[name]
    if isinstance(value, bool):
        yield from [f"--{name}"] if value else []
    else:
        yield from _flagged(f"--{name}", _texts(job_file, name, interval))


def _texts(job_file: JobFile, name: str, interval: Interval | None) -> list[str]:
    value = job_file.params[name]
    items = [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
    return [fill_in(item, interval, job_file.place(f"params.{name}")) for item in items]


def _flagged(flag: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        # A value that begins with a dash would be taken for a flag.
        yield from [f"{flag}={text}"] if text.startswith("-") else [flag, text]
