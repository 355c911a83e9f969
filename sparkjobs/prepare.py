"""From flags to a run: paths made absolute, contradictions refused, the identity worked out."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sparkjobs import identity, params, paths
from sparkjobs.errors import UsageError
from sparkjobs.ingest.flows import DELTA, DeltaFlow, Flow, flow_among, normalised
from sparkjobs.ingest.listing import expand_lists, takes_table
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.job import Job
from sparkjobs.run import Run

RUN_ID_VARIABLE = "SPARKJOBS_RUN_ID"
TOKEN_VARIABLE = "SPARKJOBS_LOCK_TOKEN"


def prepare(job: Job, given: Any, started: datetime) -> Run:
    """Everything about a run that is known before Spark starts.

    Raises:
        UsageError: flags contradict each other, a path or interval is wrong.
    """
    listed = expand_lists(given.input)
    inputs = tuple(normalised(path) for path in listed)
    flow = flow_among(inputs)
    if flow is not None:
        _refuse_batch(job, flow)
    more = [given.quarantine, *(getattr(given, name, None) for name in ("late", "checkpoint", "archive"))]
    named = [*_places(listed), given.output, *filter(None, more)]
    given = replace(
        given,
        input=inputs,
        output=paths.normalise(given.output),
        quarantine=paths.normalise(given.quarantine) if given.quarantine else None,
        result=paths.normalise(given.result) if given.result else None,
        **({"late": paths.normalise(given.late)} if getattr(given, "late", None) else {}),
    )
    refuse_contradictions(job, given)
    _refuse_overlaps(job, given)
    if given.interval is None:
        interval = identity.start_interval(started)
    else:
        interval = identity.parse_interval(given.interval)
    who = identity.RunIdentity(
        job=job.name,
        interval=interval.text,
        config_hash=identity.config_hash(params.canonical(given)),
        run_id=os.environ.get(RUN_ID_VARIABLE) or identity.run_id(job.name, started, uuid.uuid4().hex),
        token=_token(os.environ.get(TOKEN_VARIABLE)),
    )
    return Run(job, given, who, interval, _source(job, given), tuple(p for p in named if paths.is_bare(p)))


def _refuse_batch(job: Job, flow: Flow) -> None:
    if not job.streaming:
        raise UsageError(
            f"--input {flow}: {job.name} reads what is there and ends; {flow.kind}:// goes on",
            "Read it with a stream, such as wordcount_stream"
            + (f", or name the table itself: --input {flow.table}." if isinstance(flow, DeltaFlow) else "."),
        )


def _places(inputs: Sequence[str]) -> list[str]:
    """What the inputs name that lies in a file system, as it was written."""
    flow = flow_among(inputs)
    if flow is None:
        return list(inputs)
    return [inputs[0].partition("://")[2]] if flow.kind == DELTA else []


def _token(text: str | None) -> int | None:
    if text and not text.isdecimal():
        raise UsageError(f"{TOKEN_VARIABLE} is {text!r}", "It is a lock's fencing token: a whole number.")
    return int(text) if text else None


def _source(job: Job, given: Any) -> Source:
    return Source(
        inputs=given.input,
        format=given.format or job.default_format,
        glob=given.glob,
        s3=S3Settings.from_environment(os.environ),
        max_bad_rows=given.max_bad_rows,
        delimiter="\t" if given.delimiter == "\\t" else given.delimiter,
        null=given.null,
        timestamp_format=given.timestamp_format,
        timestamp_unit=given.timestamp_unit,
        ignore_extra=given.extra_columns == "ignore",
        pinned=not job.streaming,
    )


def refuse_bare_paths(master: str, bare: Sequence[str]) -> None:
    """Local paths mean nothing where driver and executors run on machines that nobody chose. Pure.

    Raises:
        UsageError: names the path.
    """
    if bare and master.startswith(("yarn", "k8s")):
        raise UsageError(
            f"{bare[0]} is a local path and the master is {master.partition(':')[0]}",
            "Name storage that every machine reaches, such as s3a:// (or file:/// for a shared mount).",
        )


def _refuse_overlaps(job: Job, given: Any) -> None:
    """No output may lie in, hold or be another one or an input: a rerun reads it, a vacuum deletes it.

    A Delta table may be read and written by one run: the version that is read stays.
    """
    outputs = {"--output": given.output, "--quarantine": given.quarantine, "--result": given.result}
    outputs |= _of_streams(given, "late", "archive")
    named = {flag: path for flag, path in outputs.items() if path}
    for flag, path in named.items():
        for other, place in {**_by_default(given), **_of_streams(given, "checkpoint"), **named}.items():
            if flag != other and _inside(path, place):
                raise UsageError(f"{flag} {path} lies in {other} {place}", "Give each a place of its own.")
    if (given.format or job.default_format) == "delta":
        return
    # A checkpoint may lie beside the files of a table: nobody touches what begins with an underscore.
    for flag, path in {**named, **_of_streams(given, "checkpoint")}.items():
        for source in _places(given.input):
            if _inside(path, source) or (given.glob and takes_table(source, path)):
                raise UsageError(f"{flag} {path} lies in --input {source}", "The next run would read it.")
            if _inside(source, path) and flag not in ("--archive", "--checkpoint"):
                raise UsageError(f"--input {source} lies in {flag} {path}", "A vacuum would delete it.")


def _of_streams(given: Any, *names: str) -> dict[str, str]:
    """Places that streams have beside the common ones, by flag, as far as they are given."""
    found = {f"--{name}": getattr(given, name, None) for name in names}
    return {flag: paths.normalise(path) for flag, path in found.items() if path}


def _by_default(given: Any) -> dict[str, str]:
    """Where things go whose flags are not given; two tables under one path would be one."""
    suffixes = {"--quarantine": paths.QUARANTINE}
    if hasattr(given, "checkpoint"):
        suffixes |= {"--checkpoint": paths.CHECKPOINT, **({"--late": paths.LATE} if given.watermark else {})}
    return {flag: paths.suffixed(given.output, suffix) for flag, suffix in suffixes.items()}


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def refuse_contradictions(job: Job, params: Any) -> None:
    """Refuse flags that contradict each other, before Spark starts.

    Raises:
        UsageError: names the flags.
    """
    if params.mode == "append" and params.interval is None and not job.streaming:
        raise UsageError("--mode append needs --interval", "Without it a retry would add the rows again.")
    if params.mode == "append" and params.force:
        raise UsageError("--force cannot go with --mode append", "Use --mode replace to write rows again.")
    if params.mode == "replace" and not (params.interval and params.interval_column):
        raise UsageError("--mode replace needs --interval and --interval-column")
    if params.keys and params.mode != "merge":
        raise UsageError("--keys goes with --mode merge")
    if params.interval_column and params.mode != "replace":
        raise UsageError("--interval-column goes with --mode replace")
    if params.timestamp_unit and params.timestamp_format:
        raise UsageError(
            "--timestamp-unit and --timestamp-format contradict each other",
            "A time is a whole number or a text of one form.",
        )
    if params.glob and (params.format or job.default_format) == "delta":
        raise UsageError("--glob cannot go with --format delta", "Name each table by an --input.")
    if job.check is not None:
        job.check(params)
