"""What running a stream adds to a request."""

from __future__ import annotations

import re

from msgspec.structs import replace

from launcher.intake.gather_request import Intake
from launcher.intake.read_application import job_params
from launcher.runs.run_request import RunRequest
from sparkjobs import paths
from sparkjobs.errors import UsageError

_RESTART = re.compile(r"on-failure:([1-9]\d{0,3})")


def restarts_of(text: str | None) -> int:
    """How many restarts ``--restart`` asks for.

    Raises:
        UsageError: it is not ``on-failure:N``.
    """
    if text is None:
        return 0
    match = _RESTART.fullmatch(text)
    if match is None:
        raise UsageError(f"--restart {text!r}", "Write on-failure:N, such as on-failure:5.")
    return int(match[1])


def with_stream(request: RunRequest, intake: Intake, restarts: int) -> RunRequest:
    """The request with the checkpoint of its stream and the restarts that it may have.

    Raises:
        UsageError: it is no stream of the catalogue, and something was asked that only streams have.
    """
    job = intake.subject.job
    if job is not None and job.streaming:
        params = job_params(intake.subject, intake.request.application.arguments)
        checkpoint = params.checkpoint or paths.suffixed(params.output, paths.CHECKPOINT)
        return replace(request, checkpoint=paths.normalise(checkpoint), restarts=restarts)
    if restarts:
        raise UsageError(
            f"--restart: {request.job} is no stream", "retries: N in a job file tries other jobs again."
        )
    if request.on_failure is not None and request.on_failure.lag is not None:
        raise UsageError(f"on_failure.lag: {request.job} is no stream, which has no lag", "Leave it out.")
    return request
