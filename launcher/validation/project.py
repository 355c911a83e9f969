"""Profiles and job files: read them, and plan with them as ``plan`` and ``run`` would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launcher.host.compatibility import Compatibility
from launcher.intake.gather_request import gather, jars
from launcher.intake.invocation import Invocation
from launcher.intake.read_application import job_params
from launcher.intake.room import machine
from launcher.planning.lint.check import check
from launcher.planning.lint.configuration import Configuration
from launcher.planning.make import make_plan
from launcher.planning.plan_request import PlanRequest
from launcher.spec.application import Application, InputSize
from launcher.spec.cluster import Cluster
from launcher.spec.config.documents import Document, read_document
from launcher.spec.config.layers import job_file_pins, pins
from launcher.spec.config.read_job_file import job_file_of
from launcher.spec.config.read_profile import cluster_of
from launcher.spec.finding import Finding
from launcher.spec.layer import Pin, resolve
from sparkjobs.errors import UsageError

PROFILE, JOB_FILE = "cluster profile", "job file"
CANNOT_PLAN, UNREADABLE = "cannot-plan", "unreadable"
# Stands for whatever is run there; sizes are as good as any when only contradictions are looked for.
SAMPLE_BYTES = 1 << 30
SAMPLE_INTERVAL = "2000-01-01"


def refusal(identity: str, error: UsageError) -> Finding:
    """A refusal of the reader or the planner as a finding."""
    return Finding(identity, "error", (), error.message, error.hint or "Mend what the message names.")


def judge_yaml(
    path: Path, shown: str, environ: Mapping[str, str], start: Path, target: str | None, table: Compatibility
) -> tuple[str, tuple[Finding, ...]]:
    """The kind of a YAML file, and what is wrong with it.

    Args:
        path: the file.
        shown: its name for people.
        environ: tells the user's folder.
        start: the working folder.
        target: the cluster for a job file; ``None`` takes the file's own.
        table: which versions fit together.
    """
    kind = PROFILE if path.parent.name == "clusters" else JOB_FILE
    try:
        document = read_document(path, shown)
        kind = _kind(document, kind)
        if kind == PROFILE:
            return kind, _profile(cluster_of(document, path.stem), environ, start, table)
        return kind, _job_file(path, document, environ, start, target, table)
    except UsageError as error:
        return kind, (refusal(UNREADABLE, error),)


def _kind(document: Document, otherwise: str) -> str:
    if "manager" in document.data:
        return PROFILE
    return JOB_FILE if {"job", "script"} & document.data.keys() else otherwise


def _profile(
    cluster: Cluster, environ: Mapping[str, str], start: Path, table: Compatibility
) -> tuple[Finding, ...]:
    sample = Application(
        "any", "script", None, (), InputSize(SAMPLE_BYTES, None, "a sample"), writes_delta=True
    )
    invocation = pins(cluster=cluster)
    request = PlanRequest(
        sample, cluster, machine(), table, invocation, cluster.deploy_mode, jars=jars(sample, environ, start)
    )
    return _planned(request, invocation)


def _job_file(
    path: Path,
    document: Document,
    environ: Mapping[str, str],
    start: Path,
    target: str | None,
    table: Compatibility,
) -> tuple[Finding, ...]:
    own = tuple(job_file_pins(job_file_of(document, path.stem)))
    # Nothing is listed: an input may lie far away, and its size is no matter here.
    invocation = Invocation(
        str(path), (), start, target=target, input_bytes=SAMPLE_BYTES, interval=SAMPLE_INTERVAL
    )
    try:
        intake = gather(invocation, environ)
        if intake.subject.job is not None:
            job_params(intake.subject, intake.request.application.arguments)
    except UsageError as error:
        return (*_of_pins(own, None, table), refusal(CANNOT_PLAN, error))
    return _planned(intake.request, intake.request.pins)


def _planned(request: PlanRequest, invocation: tuple[Pin, ...]) -> tuple[Finding, ...]:
    try:
        return make_plan(request).findings
    except UsageError as error:
        return (*_of_pins(invocation, request.cluster, request.versions), refusal(CANNOT_PLAN, error))


def _of_pins(
    requested: tuple[Pin, ...], cluster: Cluster | None, table: Compatibility
) -> tuple[Finding, ...]:
    decided = resolve(requested)
    values = {key: pin.value for key, pin in decided.items()}
    places = {key: pin.place for key, pin in decided.items()}
    return check(Configuration(values, table, places, cluster))
