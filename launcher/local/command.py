"""The spark-submit argument list, from an ordered list of small functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Submission:
    """What is submitted.

    Attributes:
        spark_home: the Spark whose spark-submit is called.
        name: name of the application.
        settings: Spark settings by key.
        main: the Python file.
        arguments: its arguments.
    """

    spark_home: Path
    name: str
    settings: Mapping[str, str]
    main: Path
    arguments: Sequence[str]


# These have flags of their own: spark-submit starts the driver's JVM with them, before settings count.
FLAGS = {
    "spark.master": "--master",
    "spark.driver.memory": "--driver-memory",
    "spark.driver.extraClassPath": "--driver-class-path",
    "spark.driver.extraJavaOptions": "--driver-java-options",
}


def _binary(submission: Submission) -> list[str]:
    return [str(submission.spark_home / "bin" / "spark-submit")]


def _name(submission: Submission) -> list[str]:
    return ["--name", submission.name]


def _flags(submission: Submission) -> list[str]:
    given = [(flag, submission.settings[key]) for key, flag in FLAGS.items() if submission.settings.get(key)]
    return [part for pair in given for part in pair]


def _confs(submission: Submission) -> list[str]:
    rest = {key: value for key, value in submission.settings.items() if key not in FLAGS}
    return [part for key, value in rest.items() for part in ("--conf", f"{key}={value}")]


def _application(submission: Submission) -> list[str]:
    # Last: spark-submit takes all that follows the file as the application's own.
    return [str(submission.main), *submission.arguments]


STEPS: tuple[Callable[[Submission], list[str]], ...] = (_binary, _name, _flags, _confs, _application)


def argv(submission: Submission) -> list[str]:
    """The whole argument list."""
    return [part for step in STEPS for part in step(submission)]
