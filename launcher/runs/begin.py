"""From what was asked to a run that is under way."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from msgspec.structs import replace

from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.choose_java import Java, java_warnings
from launcher.host.warm.using import Archive, archive_of
from launcher.intake.gather_request import Intake, jar_sets
from launcher.intake.read_application import job_params
from launcher.managers.manager_choice import manager_of
from launcher.places import places
from launcher.planning.make import make_plan
from launcher.planning.misfits import OBJECTIVE_IMPOSSIBLE
from launcher.planning.result import Plan, refuse_errors
from launcher.planning.submit.command import Submission, argv
from launcher.records.store import RunFolder, Store, replace_file, runs_root
from launcher.runs.evidence import result_path
from launcher.runs.from_plan import LaunchOptions, first_record, request_of
from launcher.runs.handle import Handle, Output, launch
from launcher.runs.referenced_files import refuse_missing_files
from launcher.runs.run_request import RunRequest
from launcher.runs.run_settings import pasteable, run_settings
from launcher.runs.stream_request import with_stream
from launcher.runs.typed_command import typed_command
from launcher.spec.cluster import DeployMode
from launcher.spec.driver_variables import executor_settings, redaction
from launcher.spec.security.secret import secret_settings
from sparkjobs import identity, paths
from sparkjobs.errors import EnvironmentProblem
from sparkjobs.job import Job

REDACTION = "spark.redaction.regex"
JAVA_OPTIONS = "spark.driver.extraJavaOptions"
KEPT_DAYS = 90
# Findings of the plan that whoever runs it should hear.
WARNING_FINDINGS = ("airflow-tracking", OBJECTIVE_IMPOSSIBLE)
# spark-submit starts a short-lived JVM only to build the command line of the real one.
# (bin/spark-class: org.apache.spark.launcher.Main, which takes SPARK_LAUNCHER_OPTS.)
QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass(frozen=True)
class Ready:
    """A run that only has to be started.

    Attributes:
        plan: what was planned.
        request: the request for the supervisor.
        folder: where the run will be kept.
        environ: environment of the child.
        launch: how it is to be run.
        warnings: what the user should know.
        archive: the class-data archive of a run on this machine; ``None`` on a cluster.
    """

    plan: Plan
    request: RunRequest
    folder: RunFolder
    environ: Mapping[str, str]
    launch: LaunchOptions
    warnings: tuple[str, ...]
    archive: Archive | None = None

    def with_settings(self, settings: Mapping[str, str]) -> Ready:
        """The same run with some settings otherwise."""
        changed = replace(self.request, settings={**self.request.settings, **settings})
        return dataclasses.replace(self, request=changed)

    def with_java_options(self, options: Sequence[str]) -> Ready:
        """The same run with more options for the driver's JVM."""
        before = self.request.settings.get(JAVA_OPTIONS, "")
        return self.with_settings({JAVA_OPTIONS: " ".join([before, *options]).strip()})

    def with_archive(self) -> Ready:
        """The same run, started from the class-data archive where there is one that fits."""
        return self.with_java_options(self.archive.options) if self.archive and self.archive.options else self

    def typed(self, folder: str, arguments: Sequence[str]) -> Ready:
        """The same run, which remembers what was typed where."""
        command = typed_command(folder, arguments)
        return dataclasses.replace(self, launch=dataclasses.replace(self.launch, command=command))

    def argv(self) -> list[str]:
        """The argument list of spark-submit, as it can be called by hand."""
        requested = self.request
        settings = pasteable(requested.settings, self.folder.event_log)
        return argv(
            Submission(
                requested.binary, settings, requested.main, requested.arguments, options=requested.options
            )
        )

    def start(self, output: Output = "inherit") -> Handle:
        """Start it; ``output`` says where what it writes goes beside its log. Old runs are removed."""
        prune(self.folder)
        record = first_record(self.request, self.plan, self.folder, self.launch, socket.gethostname())
        return launch(self.request, record, self.folder, self.environ, output)


def ready(
    intake: Intake,
    environ: Mapping[str, str],
    java: Java,
    lock_wait_s: float = 0.0,
    follow: bool = True,
    options: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    restarts: int = 0,
) -> Ready:
    """Plan a run and refuse what cannot work, before anything starts.

    Args:
        intake: what was asked, with the files it names read.
        environ: the environment of this process.
        java: the Java that Spark runs on here.
        lock_wait_s: how long to wait for a table that somebody else writes.
        follow: wait for the end.
        options: flags of spark-submit that no setting stands for, with their values.
        variables: what the driver's environment is given beside the launcher's.
        restarts: how often a stream is started again after a failure that a restart can mend.

    Raises:
        UsageError: contradictions; the linter's errors are among them.
        EnvironmentProblem: jars are missing.
    """
    plan = make_plan(intake.request)
    refuse_errors(plan)
    _refuse_missing_jars(intake)
    mode: DeployMode = "cluster" if plan.value("spark.submit.deployMode") == "cluster" else "client"
    manager = manager_of(plan.cluster, environ)
    manager.refuse(mode)
    child = _environment(intake, environ, java, mode)
    run_id = identity.run_id(plan.application.name, datetime.now(timezone.utc), uuid.uuid4().hex)
    folder = Store(runs_root(environ)).folder(run_id)
    planned = {setting.key: setting.value for setting in plan.settings}
    settings = run_settings(planned, manager.mark(run_id), folder.event_log, mode)
    settings |= py_files(intake, environ, settings)
    settings |= secret_settings(plan.cluster, settings)
    refuse_missing_files(settings, intake.start)
    binary = f"{child['SPARK_HOME']}/bin/spark-submit"
    launch = LaunchOptions(binary, str(intake.start), _interval(intake), lock_wait_s, follow, options)
    request = with_outputs(request_of(run_id, plan, intake.subject, settings, tables(intake), launch), intake)
    request = with_stream(with_variables(request, variables or {}), intake, restarts)
    archive = archive_of(settings, child, java, environ) if plan.cluster.manager == "local" else None
    of_findings = (
        f"{finding.id}: {finding.message}" for finding in plan.findings if finding.id in WARNING_FINDINGS
    )
    warnings = (*intake.warnings, *java_warnings(environ, java), *of_findings)
    return Ready(plan, request, folder, child, launch, warnings, archive)


def prune(folder: RunFolder) -> None:
    """Remove the runs beside ``folder`` that ended longer ago than records are kept."""
    oldest = datetime.now(timezone.utc) - timedelta(days=KEPT_DAYS)
    Store(folder.path.parent).prune(f"{oldest:%Y%m%dT%H%M%SZ}")


def tables(intake: Intake) -> tuple[str, ...]:
    """The tables that a run writes and locks: a job's output first, or what the job file of a script names.

    The lock of the output holds for the tables of bad and late rows that lie beside it, too; those that are
    named may be named by another run.
    """
    subject, arguments = intake.subject, intake.request.application.arguments
    if subject.job is None:
        named = subject.job_file.tables if subject.job_file else ()
        return tuple(paths.normalise(table) for table in named)
    params = job_params(subject, arguments)
    beside = (params.quarantine, getattr(params, "late", None))
    return tuple(paths.normalise(table) for table in (params.output, *filter(None, beside)))


def with_outputs(request: RunRequest, intake: Intake) -> RunRequest:
    """Where to look for what the run did: its tables; in cluster mode also a file with its result."""
    job = intake.subject.job
    if job is None:
        return replace(request, outputs=request.tables)
    output = request.tables[0]
    outputs = tuple(f"{output}/{name}" for name in job.tables) or (output,)
    if request.deploy_mode == "client" or any(a.startswith("--result") for a in request.arguments):
        return replace(request, outputs=outputs)
    path = result_path(output, request.run_id)
    arguments = (*request.arguments, "--result", path)
    return replace(request, outputs=outputs, result=path, arguments=arguments)


def with_variables(request: RunRequest, given: Mapping[str, str]) -> RunRequest:
    """The request with variables for the driver and, where the profile says so, for executors.

    Raises:
        UsageError: they cannot reach the driver, or would arrive otherwise.
    """
    if not given:
        return request
    carried = executor_settings(given, request.cluster, request.deploy_mode, request.settings)
    settings = dict(request.settings)
    if carried:
        hidden = [settings[REDACTION], redaction(given)] if settings.get(REDACTION) else [redaction(given)]
        settings[REDACTION] = "|".join(hidden)
    return replace(request, variables=dict(given), carried=carried, settings=settings)


def py_files(intake: Intake, environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """On a cluster: the zip with our package and the job's own module, before what the user asked for.

    It is kept in the cache by its content, so that equal runs share one file.
    """
    job, cluster = intake.subject.job, intake.request.cluster
    if job is None or cluster.manager == "local":
        return {}
    from launcher.host.packaging.bundle import bundle

    own = _own_module(job)
    packed = bundle([] if own == "sparkjobs" else [own], intake.start)
    name = hashlib.sha256(packed.data).hexdigest()[:16]
    path = places(environ).cache / "zips" / name / "sparkjobs.zip"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, packed.data)
    requested = settings.get("spark.submit.pyFiles")
    return {"spark.submit.pyFiles": f"{path},{requested}" if requested else str(path)}


def archive_folder(archive: str) -> str:
    """Where an archive is unpacked: ``FILE#NAME`` says NAME."""
    return archive.partition("#")[2] or "environment"


def _own_module(job: Job) -> str:
    """The package that holds a job, with all that lies beside it."""
    return str(job.params.__module__.partition(".")[0])


def _interval(intake: Intake) -> str | None:
    return identity.parse_interval(intake.interval).text if intake.interval else None


def _refuse_missing_jars(intake: Intake) -> None:
    missing = [jar for jar in intake.request.jars if not Path(jar).is_file()]
    if missing:
        sets = " ".join(jar_sets(intake.request.application))
        raise EnvironmentProblem(
            f"{len(missing)} jars are not in the cache, {missing[0]} among them",
            f"Fetch them: sparkjob jars fetch {sets}",
        )


def _environment(intake: Intake, environ: Mapping[str, str], java: Java, mode: str) -> dict[str, str]:
    child = spark_environment(environ, running_interpreter(), java.home, mode)
    if not child.get("SPARK_HOME"):
        raise EnvironmentProblem("pyspark is not installed in this Python", "Install it, or set SPARK_HOME.")
    child.setdefault("SPARK_LAUNCHER_OPTS", QUICK_JVM)
    if intake.subject.job is not None and _own_module(intake.subject.job) != "sparkjobs":
        # A user's job may lie in the working folder, as it may for python -m.
        child["PYTHONPATH"] = os.pathsep.join(filter(None, [str(intake.start), child.get("PYTHONPATH")]))
    if intake.request.cluster.on_loopback:
        # The driver's pages and ports would be open to the network, and no executor is out there.
        child.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    yarn = intake.request.cluster.yarn
    if yarn is not None:
        child["HADOOP_CONF_DIR"] = yarn.hadoop_conf_dir
        if yarn.python_archive and mode == "client":
            # Executors take the archive's Python; as a setting it would be the driver's as well.
            child["PYSPARK_PYTHON"] = f"./{archive_folder(yarn.python_archive)}/bin/python"
    return child
