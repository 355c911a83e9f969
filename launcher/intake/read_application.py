"""The application of a plan: its arguments, how much it reads, whether it writes Delta tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from launcher.intake.input_size import input_size, listed
from launcher.intake.invocation import Invocation
from launcher.intake.subject import Subject
from launcher.spec.application import UNKNOWN_INPUT, Application, InputSize
from launcher.spec.config.job_arguments import params_argv
from sparkjobs import __version__
from sparkjobs.errors import UsageError
from sparkjobs.identity import Interval, config_hash, parse_interval
from sparkjobs.params import canonical, parse
from sparkjobs.strategies import AUTO
from sparkjobs.streaming.trigger import AVAILABLE_NOW

_DELTA = re.compile(rb"\bdelta\b")
# A first look at a job, before there is any input.
_NO_ARGUMENTS = InputSize(None, None, "give the job's arguments behind --, or --input-bytes N")
_MAX_LATENCY = "--max-latency"
_OWN_LATENCY = re.compile(rb"max[-_]latency")
# Queries of Structured Streaming, and the DStreams before them.
_STREAM = re.compile(rb"\breadStream\b|\bStreamingContext\b")


def application(subject: Subject, invocation: Invocation, environ: Mapping[str, str]) -> Application:
    """Put the application together.

    Raises:
        UsageError: the job does not take its arguments.
    """
    arguments = all_arguments(subject, invocation)
    if subject.job is not None:
        params = _known_params(subject, arguments, invocation)
        return Application(
            subject.name, "job", None, arguments, _job_input(subject, params, invocation, environ),
            writes_delta=True, streaming=subject.job.streaming,
            operators=subject.job.operators(params), strategy=getattr(params, "strategy", AUTO),
            content="" if params is None else _content(params),
            looks_again=getattr(params, "trigger", AVAILABLE_NOW) != AVAILABLE_NOW,
            max_latency=getattr(params, "max_latency", None),
            listed=() if params is None else listed(params.input, invocation.start),
        )  # fmt: skip
    assert subject.script is not None  # a subject is one of the two
    text = subject.script.read_bytes()
    size = UNKNOWN_INPUT if invocation.input_bytes is None else _given_size(invocation.input_bytes)
    _refuse_scaling(subject.name, arguments, text)
    delta, stream = bool(_DELTA.search(text)), bool(_STREAM.search(text))
    return Application(
        subject.name, "script", str(subject.script), arguments, size, delta, stream,
        content=sha256(text).hexdigest(),
    )  # fmt: skip


def _refuse_scaling(name: str, arguments: tuple[str, ...], text: bytes) -> None:
    """A script that knows nothing of ``--max-latency`` would pass over it without a word."""
    given = any(argument.partition("=")[0] == _MAX_LATENCY for argument in arguments)
    if given and not _OWN_LATENCY.search(text):
        raise UsageError(
            f"{_MAX_LATENCY} moves the executors of the streams here; {name} is a script of its own and does "
            "not know the flag",
            "Leave it out; or make the script a StreamJob (docs/streams.md), which has it.",
        )


def _content(params: Any) -> str:
    """The job's version and what changes its rows; it runs on other input every day."""
    try:
        values = {name: value for name, value in canonical(params).items() if name != "input"}
    except UsageError:  # a file that a flag names is not there yet: the job says so, a plan need not
        return ""
    return config_hash({"version": __version__, **values})


def all_arguments(subject: Subject, invocation: Invocation) -> tuple[str, ...]:
    """The job file's parameters, then what was typed; ``--interval`` goes to the job that has it."""
    interval = interval_of(invocation)  # a wrong one is refused also where no argument is made of it
    if subject.job_file is not None:
        return (*params_argv(subject.job_file, interval), *invocation.arguments)
    if invocation.interval is not None and subject.job is not None:
        return ("--interval", invocation.interval, *invocation.arguments)
    return invocation.arguments


def interval_of(invocation: Invocation) -> Interval | None:
    """The run's interval."""
    return None if invocation.interval is None else parse_interval(invocation.interval)


def job_params(subject: Subject, arguments: tuple[str, ...]) -> Any:
    """The parameters of a job of the catalogue.

    Raises:
        UsageError: the job does not take the arguments.
    """
    assert subject.job is not None
    return parse(subject.job.params, arguments)


def _known_params(subject: Subject, arguments: tuple[str, ...], invocation: Invocation) -> Any:
    """The job's parameters; ``None`` where they are not all there yet, which ``--input-bytes`` allows."""
    if not arguments:
        return None
    try:
        return job_params(subject, arguments)
    except UsageError:
        if invocation.input_bytes is None:
            raise
        return None


def _job_input(
    subject: Subject, params: Any, invocation: Invocation, environ: Mapping[str, str]
) -> InputSize:
    if invocation.input_bytes is not None:
        return _given_size(invocation.input_bytes)
    if params is None:
        return _NO_ARGUMENTS
    assert subject.job is not None
    form = params.format or subject.job.default_format
    return input_size(tuple(params.input), form, params.glob, environ, invocation.start)


def _given_size(size_bytes: int) -> InputSize:
    return InputSize(size_bytes, None, "--input-bytes")
