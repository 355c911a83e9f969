"""The spark-submit argument list, from an ordered list of small functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.spec.application import Application


@dataclass(frozen=True)
class Submission:
    """What is submitted.

    Attributes:
        binary: the spark-submit to call.
        settings: Spark settings by key.
        main: the Python file; ``None`` leaves the list without an application.
        arguments: its arguments.
        options: flags of spark-submit that no setting stands for, with their values.
        properties_file: settings that spark-submit reads from a file instead of its argument list: secrets.
    """

    binary: str
    settings: Mapping[str, str]
    main: str | None
    arguments: Sequence[str] = ()
    properties_file: Path | None = None
    options: Sequence[str] = ()


# These have flags of their own: spark-submit starts the driver's JVM with them, before settings count,
# or does with them what a plain setting would not (queue, archives).
FLAGS = {
    "spark.master": "--master",
    "spark.submit.deployMode": "--deploy-mode",
    "spark.app.name": "--name",
    "spark.driver.memory": "--driver-memory",
    "spark.driver.extraClassPath": "--driver-class-path",
    "spark.driver.extraLibraryPath": "--driver-library-path",
    "spark.driver.extraJavaOptions": "--driver-java-options",
    "spark.jars": "--jars",
    "spark.jars.packages": "--packages",
    "spark.submit.pyFiles": "--py-files",
    "spark.files": "--files",
    "spark.archives": "--archives",
    "spark.yarn.queue": "--queue",
    "spark.kerberos.principal": "--principal",
    "spark.kerberos.keytab": "--keytab",
    "spark.submit.proxyUser": "--proxy-user",
}


def _binary(submission: Submission) -> list[str]:
    return [submission.binary]


def _properties(submission: Submission) -> list[str]:
    # The file would hide spark-defaults.conf; the plan has read that one already.
    return ["--properties-file", str(submission.properties_file)] if submission.properties_file else []


def _flags(submission: Submission) -> list[str]:
    given = [(flag, submission.settings[key]) for key, flag in FLAGS.items() if submission.settings.get(key)]
    return [part for pair in given for part in pair]


def _confs(submission: Submission) -> list[str]:
    # A flag takes no empty value, a setting does: it hides one of spark-defaults.conf.
    rest = {key: value for key, value in submission.settings.items() if key not in FLAGS or not value}
    return [part for key, value in rest.items() for part in ("--conf", f"{key}={value}")]


def _options(submission: Submission) -> list[str]:
    return list(submission.options)


def _application(submission: Submission) -> list[str]:
    # Last: spark-submit takes all that follows the file as the application's own.
    return [submission.main, *submission.arguments] if submission.main else []


STEPS: tuple[Callable[[Submission], list[str]], ...] = (
    _binary, _properties, _options, _flags, _confs, _application,
)  # fmt: skip


def argv(submission: Submission) -> list[str]:
    """The whole argument list."""
    return [part for step in STEPS for part in step(submission)]


# Runs a job of the catalogue; ``sparkjob package`` copies it to dist/ beside the zip of the package.
MAIN_FILE = Path(__file__).parents[2] / "host" / "packaging" / "sparkjobs_main.py"


def main_file(application: Application) -> str:
    """The script itself, or the file that runs our jobs."""
    return application.path or str(MAIN_FILE)


def script_path(application: Application, start: Path) -> str | None:
    """The script from wherever it is named; ``None`` for our jobs, whose name is enough."""
    if application.kind == "job" or application.path is None:
        return None
    return application.path if "://" in application.path else str((start / application.path).resolve())


def main_arguments(application: Application) -> list[str]:
    """The arguments; for our jobs the job's name comes first."""
    first = [application.name] if application.kind == "job" else []
    return [*first, *application.arguments]
