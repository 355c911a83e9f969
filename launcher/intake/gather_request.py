"""Gather everything that a plan is made from: profile, job file, properties, machine, jars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from launcher.environment import running_interpreter
from launcher.host.compatibility import TABLE_NAME, read_table
from launcher.host.jars.holding import RAPIDS_PLUGIN, Held, holds_rapids
from launcher.host.jars.jar_lock import LOCK_NAME, read_lock
from launcher.intake.earlier_memory import still_enough
from launcher.intake.earlier_runs import earlier_runs
from launcher.intake.history import NOTHING_TOLD, Told, told
from launcher.intake.invocation import Invocation
from launcher.intake.read_application import application
from launcher.intake.room import machine
from launcher.intake.subject import Subject, subject
from launcher.places import config_file, places
from launcher.planning.plan_request import PlanRequest, Qualification
from launcher.records.learnt_memory import CORES, learned
from launcher.spec.application import Application
from launcher.spec.cluster import Cluster, DeployMode
from launcher.spec.config.layers import enforce, pins
from launcher.spec.config.properties import gather_properties
from launcher.spec.config.read_profile import DEFAULT_TARGET, read_cluster
from launcher.spec.layer import Pin, resolve
from launcher.spec.objective import Objective, of_job_file


@dataclass(frozen=True)
class Intake:
    """A request, and what ``run`` needs beside it.

    Attributes:
        request: what the plan is made from.
        subject: what is to run.
        start: absolute working folder.
        interval: the logical interval, as it was written.
        warnings: what the user should know, such as lines that Spark passes over.
        told: what earlier runs of the job said.
    """

    request: PlanRequest
    subject: Subject
    start: Path
    interval: str | None = None
    warnings: tuple[str, ...] = ()
    told: Told = NOTHING_TOLD


def gather(invocation: Invocation, environ: Mapping[str, str], cluster: Cluster | None = None) -> Intake:
    """Read what the command names.

    Args:
        invocation: the command.
        environ: tells the user's folders.
        cluster: where to run, when no profile says it.

    Raises:
        UsageError: something of it is missing or wrong.
    """
    meant = subject(invocation.what, environ, invocation.start)
    file = meant.job_file
    names = (invocation.target, file.target if file else None, DEFAULT_TARGET)
    target = next(name for name in names if name is not None)
    cluster = cluster or read_cluster(target, environ, invocation.start)
    known = {**environ, "SPARK_HOME": spark_home(environ)}
    properties = gather_properties(
        known, invocation.properties_file, invocation.load_spark_defaults, invocation.start
    )
    layers = pins(flags=invocation.pins, job_file=file, properties=properties, cluster=cluster)
    enforce(resolve(layers), cluster)
    app = application(meant, invocation, environ)
    request = PlanRequest(
        application=app,
        cluster=cluster,
        machine=machine(),
        versions=read_table(config_file(TABLE_NAME, environ, invocation.start)),
        pins=layers,
        deploy_mode=_deploy_mode(meant, cluster),
        gpu=invocation.gpu or (file.gpu if file else "auto"),
        rapids=file.rapids if file else True,
        qualification=_qualification(app, cluster, known, invocation.start),
        jars=jars(app, environ, invocation.start),
        log_config=config_file("log4j2.properties", environ, invocation.start).absolute().as_uri(),
        rapids_jar=_rapids_jar(layers, cluster, known["SPARK_HOME"], invocation.start),
        discovery_script=str(config_file("gpu-discovery.sh", environ, invocation.start).absolute()),
    )
    ignored = tuple(
        f"{line}: Spark passes over keys that do not begin with spark." for line in properties.ignored
    )
    request = _with_memory(request, invocation, environ)
    past = _told(request, meant, invocation, environ)
    request = replace(request, pins=(*request.pins, *past.pins), history=past.summary)
    return Intake(request, meant, invocation.start, invocation.interval, ignored, past)


def _with_memory(request: PlanRequest, invocation: Invocation, environ: Mapping[str, str]) -> PlanRequest:
    """With the memory that earlier runs of the job proved to be enough."""
    if not invocation.history:
        return request
    app, cores = request.application, resolve(request.pins).get(CORES)
    runs = earlier_runs(app, invocation.start, environ)
    set_cores = cores.value if cores else None
    found = learned(runs, app.name, request.cluster, set_cores, app.input.size_bytes)
    return replace(request, pins=(*request.pins, *still_enough(found, request)))


def _told(request: PlanRequest, meant: Subject, invocation: Invocation, environ: Mapping[str, str]) -> Told:
    if not invocation.history:
        return NOTHING_TOLD
    return told(request, _objective(meant, invocation), environ)


def _objective(meant: Subject, invocation: Invocation) -> Objective | None:
    """The flag's, else the job file's."""
    file = meant.job_file
    if invocation.objective is not None or file is None or file.objective is None:
        return invocation.objective
    return of_job_file(file.objective, file.place("objective"))


def _rapids_jar(layers: tuple[Pin, ...], cluster: Cluster, home: str, start: Path) -> Held | None:
    """What the jars hold, where the plugin may be used."""
    values = {key: pin.value for key, pin in resolve(layers).items()}
    if (cluster.nodes is None or cluster.nodes.gpu is None) and RAPIDS_PLUGIN not in values.get(
        "spark.plugins", ""
    ):
        return None
    return holds_rapids(values, home, start)


def spark_home(environ: Mapping[str, str]) -> str:
    """The Spark that would be started; empty when there is none."""
    return environ.get("SPARK_HOME") or str(running_interpreter().spark_home or "")


def jars(app: Application, environ: Mapping[str, str], start: Path) -> tuple[str, ...]:
    """Paths of the jars of a run in the cache, whether they are there already or not."""
    if not app.writes_delta:
        return ()
    lock = read_lock(config_file(LOCK_NAME, environ, start))
    return tuple(str(places(environ).jars / jar.file) for jar in lock.jars(jar_sets(app)))


def jar_sets(app: Application) -> tuple[str, ...]:
    """The sets of jars that an application needs, by what its arguments and lists of inputs name. Pure."""
    named = {"s3": "s3a://", "kafka": "kafka://"}
    words = [word.lower() for word in (*app.arguments, *app.listed)]
    return ("delta", *(name for name, scheme in named.items() if any(scheme in word for word in words)))


def _qualification(
    app: Application, cluster: Cluster, environ: Mapping[str, str], start: Path
) -> Qualification | None:
    """What ``qualify`` found, where it matters: on nodes with GPUs."""
    if cluster.nodes is None or cluster.nodes.gpu is None:
        return None
    from launcher.host.doctor.gather_facts import spark_version
    from launcher.qualify.kept_answers import cached

    return cached(app, environ, spark_version(Path(environ["SPARK_HOME"])), start)


def _deploy_mode(meant: Subject, cluster: Cluster) -> DeployMode:
    return (meant.job_file and meant.job_file.deploy_mode) or cluster.deploy_mode
