"""What several verbs gather before they work: the lock, the cache, the Java, the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from launcher.environment import running_interpreter
from launcher.host.java.choose_java import Choice, choose
from launcher.host.java.find import find, required_java
from launcher.places import config_file, places
from sparkjobs.errors import EnvironmentProblem

if TYPE_CHECKING:
    from launcher.host.jars.fetch import Sources
    from launcher.host.jars.jar_lock import JarLock


def jar_lock(environ: Mapping[str, str]) -> JarLock:
    """The jar lock in force."""
    from launcher.host.jars.jar_lock import LOCK_NAME, read_lock

    return read_lock(config_file(LOCK_NAME, environ, Path.cwd()))


def jar_folder(environ: Mapping[str, str]) -> Path:
    """The jar cache."""
    return places(environ).jars


def jar_sources(
    environ: Mapping[str, str], repository: str | None = None, ivy_settings: Path | None = None
) -> Sources:
    """Where jars may be taken from."""
    from launcher.host.jars.fetch import Sources
    from launcher.host.jars.ivy import Repository

    return Sources(
        maven=Path(environ.get("HOME") or Path.home()) / ".m2" / "repository",
        repository=Repository(repository, ivy_settings),
        java=lambda: required_java(environ).home / "bin" / "java",
        spark_home=spark_home(environ),
    )


def java_choice(environ: Mapping[str, str]) -> Choice:
    """The Java that we would take."""
    return choose(find(environ))


def jar_paths(environ: Mapping[str, str], names: Sequence[str]) -> tuple[Path, ...]:
    """The cached jars of the named sets.

    Raises:
        EnvironmentProblem: they are not all in the cache.
    """
    from launcher.host.jars.jar_cache import cached_paths

    paths = cached_paths(jar_folder(environ), jar_lock(environ).jars(names))
    if paths is None:
        raise EnvironmentProblem(
            f"the jars of {', '.join(names)} are not all in {jar_folder(environ)}",
            f"Fetch them: sparkjob jars fetch {' '.join(names)}",
        )
    return paths


def spark_home(environ: Mapping[str, str]) -> Path:
    """The Spark that we start: the user's SPARK_HOME, else the running Python's pyspark.

    Raises:
        EnvironmentProblem: there is none.
    """
    home = environ.get("SPARK_HOME") or running_interpreter().spark_home
    if not home:
        raise EnvironmentProblem("pyspark is not installed in this Python", "Install it, or set SPARK_HOME.")
    return Path(home)


F = TypeVar("F", bound=Callable[..., Any])


def output_option(function: F) -> F:
    """``-o text|json``: json prints one document and nothing else on stdout."""
    option = click.option(
        "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="How to print the answer; json is one document.",
    )  # fmt: skip
    return option(function)
