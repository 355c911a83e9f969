"""Bring the jars of a set into the cache: from Maven's local repository, else through Ivy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.jars import ivy
from launcher.jars.cache import cached_paths, fetching, look, sha256_of, store
from launcher.jars.lock import Jar


@dataclass(frozen=True)
class Sources:
    """Where jars may come from.

    Attributes:
        maven: Maven's local repository; jars there with the right hash are copied.
        repository: asked for the rest.
        java: gives the ``java`` to run Ivy with; called only when something must be downloaded.
        spark_home: the pyspark that brings Ivy.
    """

    maven: Path
    repository: ivy.Repository
    java: Callable[[], Path]
    spark_home: Path


@dataclass(frozen=True)
class Fetched:
    """What a fetch did, by file name."""

    kept: tuple[str, ...]
    copied: tuple[str, ...]
    downloaded: tuple[str, ...]


def fetch(folder: Path, jars: Sequence[Jar], sources: Sources) -> Fetched:
    """Make the cache whole. Safe beside other fetches; does nothing when it is whole already.

    Raises:
        WrongHash: a download is not what the lock says.
        EnvironmentProblem: a jar is missing from the repository, or that cannot be reached.
    """
    if _whole(folder, jars):
        return Fetched(_files(jars), (), ())
    with fetching(folder):
        wanted = [entry.jar for entry in look(folder, jars) if entry.state != "ok"]
        copied = [jar for jar in wanted if _from_maven(folder, jar, sources.maven)]
        rest = [jar for jar in wanted if jar not in copied]
        if rest:
            _download(folder, rest, sources)
        kept = [jar for jar in jars if jar not in wanted]
        return Fetched(_files(kept), _files(copied), _files(rest))


def _whole(folder: Path, jars: Sequence[Jar]) -> bool:
    # Sizes first: they cost nothing and most often tell.
    return cached_paths(folder, jars) is not None and all(e.state == "ok" for e in look(folder, jars))


def _files(jars: Sequence[Jar]) -> tuple[str, ...]:
    return tuple(jar.file for jar in jars)


def _from_maven(folder: Path, jar: Jar, maven: Path) -> bool:
    path = maven.joinpath(*jar.group.split("."), jar.artifact, jar.version, jar.file)
    if not path.is_file() or path.stat().st_size != jar.size or sha256_of(path) != jar.sha256:
        return False
    store(folder, jar, path, str(maven))
    return True


def _download(folder: Path, jars: Sequence[Jar], sources: Sources) -> None:
    with tempfile.TemporaryDirectory(prefix="sparkjobs-ivy-") as name:
        scratch = Path(name)
        dependencies = [ivy.Dependency(jar.coordinate, transitive=False) for jar in jars]
        found = resolve(scratch, dependencies, (), sources, poms=False)
        for jar in jars:
            store(
                folder,
                jar,
                found / jar.group / jar.artifact / jar.version / jar.file,
                sources.repository.label,
            )


def resolve(
    scratch: Path,
    dependencies: Sequence[ivy.Dependency],
    without: Sequence[str],
    sources: Sources,
    poms: bool,
) -> Path:
    """Resolve with Ivy in an empty folder; answers the folder of ``GROUP/ARTIFACT/VERSION/FILE``."""
    settings = sources.repository.settings
    if settings is None:
        settings = scratch / ivy.SETTINGS_FILE
        settings.write_text(ivy.settings_xml(sources.repository, poms), encoding="utf-8")
    (scratch / ivy.IVY_FILE).write_text(ivy.ivy_xml(dependencies, without), encoding="utf-8")
    argv = ivy.command(sources.java(), sources.spark_home, scratch, settings.absolute())
    ivy.run(argv, scratch, sources.repository)
    return scratch / ivy.FOUND
