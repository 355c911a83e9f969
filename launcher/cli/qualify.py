"""``sparkjob qualify JOB|SCRIPT.py``: how much of it would run on a GPU, found without one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.errors import EnvironmentProblem
from sparkjobs.exits import EXIT_FAILED, EXIT_OK

if TYPE_CHECKING:
    from launcher.qualify.launch import Explaining
    from launcher.spec.application import Application
    from sparkjobs.qualify.answer import Answer


@click.command(name="qualify")
@click.argument("what", metavar="JOB|SCRIPT.py")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS]")
@click.option("--interval", metavar="I", help="Logical interval: 2026-01-31, 2026-01-31T05, START/END.")
@click.option("--refresh", is_flag=True, help="Ask again although the answer is known.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=1), default=300.0, show_default=True,
              metavar="SECONDS", help="Give up after so long.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
@output_option
def command(
    what: str, arguments: tuple[str, ...], interval: str | None, refresh: bool, timeout_s: float,
    quiet: bool, output: str,
) -> int:  # fmt: skip
    """Tell how much of JOB, a job file or a PySpark script would run on a GPU, and why not the rest.

    The application is run up to its plans: no query is run and nothing is written. No GPU is needed.
    Exit codes: 0 answered, 1 it cannot be explained or fails by itself, 2 usage, or jars are missing.
    """
    from launcher.cli.qualify_report import document, print_text
    from launcher.qualify.compiles import unreadable
    from launcher.qualify.suitability import judge

    sys.path.insert(0, str(Path.cwd()))
    application = _application(what, arguments, interval)
    answer = unreadable(application) or _answer(application, refresh, timeout_s)
    report = judge(answer)
    if output == "json":
        console.document(document(application, answer, report))
    else:
        print_text(answer, report, quiet)
    answered = answer.outcome in ("finished", "stopped") and report.qualification is not None
    return EXIT_OK if answered else EXIT_FAILED


def _application(what: str, arguments: tuple[str, ...], interval: str | None) -> Application:
    from launcher.intake.invocation import Invocation
    from launcher.intake.read_application import application, job_params
    from launcher.intake.subject import subject

    start = Path.cwd()
    # Its input is read by the part inside Spark; here nobody needs its size.
    invocation = Invocation(what, arguments, start, interval=interval, input_bytes=0)
    meant = subject(what, os.environ, start)
    found = application(meant, invocation, os.environ)
    if meant.job is not None:
        job_params(meant, found.arguments)  # a wrong flag is told now, not after Spark's start
    return found


def _answer(application: Application, refresh: bool, timeout_s: float) -> Answer:
    from launcher.cli.support import spark_home
    from launcher.environment import running_interpreter, spark_environment
    from launcher.host.doctor.gather_facts import spark_version
    from launcher.host.java.find import required_java
    from launcher.qualify.ask import ask, scratch_folder
    from launcher.qualify.kept_answers import folder, keep, key, load, versions

    spark = spark_version(spark_home(os.environ))
    name = key(application, versions(os.environ, spark, Path.cwd()))
    known = None if refresh else load(folder(os.environ), name)
    if known is not None:
        return known
    with scratch_folder() as scratch:
        invocation = _explaining(application, spark, Path(scratch))
        java = required_java(os.environ).home
        answer = ask(invocation, spark_environment(os.environ, running_interpreter(), java), timeout_s)
    if answer.outcome in ("finished", "stopped"):
        keep(folder(os.environ), name, answer)
    return answer


def _explaining(application: Application, spark: str, scratch: Path) -> Explaining:
    from launcher.cli.support import jar_folder, jar_lock, jar_paths, spark_home
    from launcher.host.jars.jar_cache import cached_paths
    from launcher.places import config_file
    from launcher.qualify.kept_answers import JAR_SET
    from launcher.qualify.launch import Explaining

    slim = jar_paths(os.environ, [JAR_SET])
    _refuse_other_spark(spark)
    s3 = cached_paths(jar_folder(os.environ), jar_lock(os.environ).jars(["s3"]))
    return Explaining(
        application=application,
        spark_home=spark_home(os.environ),
        jars=(*slim, *jar_paths(os.environ, ["delta"]), *(s3 or ())),
        scratch=scratch.resolve(),
        log_config=config_file("log4j2.properties", os.environ, Path.cwd()),
    )


def _refuse_other_spark(spark: str) -> None:
    from launcher.cli.support import jar_lock
    from launcher.host.jars.cut import stays
    from launcher.qualify.kept_answers import JAR_SET

    cut = jar_lock(os.environ).named(JAR_SET).cut
    if cut is not None and not stays(cut, f"spark{spark.replace('.', '')}/"):
        raise EnvironmentProblem(
            f"RAPIDS binds to exact builds of Spark, and the jar of {JAR_SET} has none for Spark {spark}",
            "Install the locked pyspark, or unset SPARK_HOME.",
        )
