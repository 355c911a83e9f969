"""Everything that a run on this machine starts with, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from launcher.cli.support import jar_paths, spark_home
from launcher.doctor.gather import spark_version
from launcher.environment import running_interpreter, spark_environment
from launcher.java.choose import Java
from launcher.java.required import required_java
from launcher.local.command import Submission, argv
from launcher.local.settings import LocalFacts, archive_options, local_settings
from launcher.machine import cores, memory
from launcher.packaging.zipped import MAIN_FILE
from launcher.places import config_file, places
from launcher.warm.archive import Start, additions, archive_path, base_fact, jar_facts, reason_against

JAVA_OPTIONS = "spark.driver.extraJavaOptions"
# spark-submit starts a short-lived JVM only to build the command line of the real one.
QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass(frozen=True)
class LocalRun:
    """A run on this machine, ready to start.

    Attributes:
        java: the Java taken.
        spark_home: the Spark taken.
        jars: jars beside Spark's.
        settings: Spark settings by key.
        environ: environment of the child.
        no_archive: why no class-data archive is used; ``None`` when one is.
    """

    java: Java
    spark_home: Path
    jars: tuple[Path, ...]
    settings: Mapping[str, str]
    environ: Mapping[str, str]
    no_archive: str | None = None

    @property
    def spark_version(self) -> str:
        """Version of the Spark taken."""
        return spark_version(self.spark_home)

    def argv(self, job: str, flags: Sequence[str]) -> list[str]:
        """The spark-submit argument list that runs one of our jobs."""
        return argv(Submission(self.spark_home, job, self.settings, MAIN_FILE, [job, *flags]))

    def with_java_options(self, options: Sequence[str]) -> LocalRun:
        """The same run with more options for the driver's JVM."""
        joined = " ".join([self.settings[JAVA_OPTIONS], *options])
        return replace(self, settings={**self.settings, JAVA_OPTIONS: joined})


def local_run(
    environ: Mapping[str, str], with_archive: bool = True, input_bytes: int | None = None
) -> LocalRun:
    """Look at the machine and put a run together.

    Args:
        environ: the environment of this process.
        with_archive: start from the class-data archive, where there is one that fits.
        input_bytes: size of the input, where it is known.

    Raises:
        EnvironmentProblem: no fitting Java, no Spark, or jars that are not in the cache.
    """
    java, home, jars = required_java(environ), spark_home(environ), jar_paths(environ, ["delta"])
    facts = LocalFacts(
        cores=cores().number,
        memory_bytes=memory().limit_bytes,
        jars=jars,
        log_config=config_file("log4j2.properties", environ, Path.cwd()),
        input_bytes=input_bytes,
    )
    child = spark_environment(environ, running_interpreter(), java.home)
    child.setdefault("SPARK_LAUNCHER_OPTS", QUICK_JVM)
    run = LocalRun(java, home, jars, local_settings(facts), child)
    return _with_archive(environ, run) if with_archive else run


def start_of(run: LocalRun) -> Start:
    """The run as the archive sees it."""
    jars = jar_facts(run.jars, run.spark_home)
    extra = additions(run.environ, run.spark_home)
    return Start(str(run.java.home), run.java.version, jars, base_fact(run.java.home), extra)


def archive_of(environ: Mapping[str, str], run: LocalRun) -> Path:
    """Where the archive of this run would be."""
    return archive_path(places(environ).cache / "cds", start_of(run))


def _with_archive(environ: Mapping[str, str], run: LocalRun) -> LocalRun:
    path = archive_of(environ, run)
    reason = reason_against(start_of(run), path.is_file())
    if reason:
        return replace(run, no_archive=reason)
    return run.with_java_options(archive_options(path))
