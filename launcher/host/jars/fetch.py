"""Bring the jars of a set into the cache: from Maven's local repository, else through Ivy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.host.jars import ivy
from launcher.host.jars.cut import cut_jar
from launcher.host.jars.jar_cache import cached_paths, fetching, look, sha256_of, store, verify
from launcher.host.jars.jar_lock import Cut, Jar, JarLock
from launcher.machine import free_disk_bytes
from sparkjobs.errors import EnvironmentProblem

# Ivy downloads into its cache and copies from there.
_COPIES = 2
_LARGE_BYTES = 100_000_000


def _silent(_text: str) -> None:
    """Nobody wants to hear of the progress."""


@dataclass(frozen=True)
class Sources:
    """Where jars may come from.

    Attributes:
        maven: Maven's local repository; jars there with the right hash are copied.
        repository: asked for the rest.
        java: gives the ``java`` to run Ivy with; called only when something must be downloaded.
        spark_home: the pyspark that brings Ivy.
        tell: is told how long work goes on.
    """

    maven: Path
    repository: ivy.Repository
    java: Callable[[], Path]
    spark_home: Path
    tell: Callable[[str], None] = _silent


@dataclass(frozen=True)
class Fetched:
    """What a fetch did, by file name."""

    kept: tuple[str, ...]
    copied: tuple[str, ...]
    downloaded: tuple[str, ...]

    def and_then(self, other: Fetched) -> Fetched:
        """Both fetches as one."""
        return Fetched(self.kept + other.kept, self.copied + other.copied, self.downloaded + other.downloaded)


def fetch_sets(folder: Path, lock: JarLock, names: Sequence[str], sources: Sources) -> Fetched:
    """Make the cache whole for the named sets; what is cut from another set is cut here.

    Raises:
        UsageError: a set that the lock does not have.
        WrongHash: a download, or the cut of one, is not what the lock says.
        EnvironmentProblem: a jar is missing from the repository, or that cannot be reached; no room.
    """
    plain = lock.jars([name for name in names if lock.named(name).cut is None])
    done = fetch(folder, plain, sources)
    for name in names:
        entry = lock.named(name)
        if entry.cut is not None:
            for jar, whole in zip(entry.jars, lock.named(entry.cut.of).jars, strict=True):
                done = done.and_then(_fetch_cut(folder, jar, whole, entry.cut, sources))
    return done


def _fetch_cut(folder: Path, jar: Jar, whole: Jar, cut: Cut, sources: Sources) -> Fetched:
    if _whole(folder, [jar]):
        return Fetched((jar.file,), (), ())
    with fetching(folder), tempfile.TemporaryDirectory(prefix="sparkjobs-ivy-") as name:
        if _whole(folder, [jar]):  # another process was quicker
            return Fetched((jar.file,), (), ())
        source = _local(folder, whole, sources.maven)
        downloaded = source is None
        if source is None:
            [source] = _downloads(Path(name), [whole], sources)
            sources.tell(f"checking {whole.file} against the lock")
            verify(source, whole, sources.repository.label)
        sources.tell(f"cutting {jar.file}, {jar.size / 1e6:.1f} MB")
        cut_jar(source, Path(name) / jar.file, cut)
        store(folder, jar, Path(name) / jar.file, f"the cut of {whole.file}")
    return Fetched((), (), (jar.file,)) if downloaded else Fetched((), (jar.file,), ())


def _local(folder: Path, jar: Jar, maven: Path) -> Path | None:
    """The jar in the cache or in Maven's local repository, if it is what the lock says."""
    places = (folder / jar.file, in_maven(maven, jar))
    return next((path for path in places if _intact(path, jar)), None)


def _intact(path: Path, jar: Jar) -> bool:
    return path.is_file() and path.stat().st_size == jar.size and sha256_of(path) == jar.sha256


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


def in_maven(maven: Path, jar: Jar) -> Path:
    """Where Maven's local repository would hold the jar."""
    return maven.joinpath(*jar.group.split("."), jar.artifact, jar.version, jar.file)


def _from_maven(folder: Path, jar: Jar, maven: Path) -> bool:
    path = in_maven(maven, jar)
    if not _intact(path, jar):
        return False
    store(folder, jar, path, str(maven))
    return True


def _download(folder: Path, jars: Sequence[Jar], sources: Sources) -> None:
    with tempfile.TemporaryDirectory(prefix="sparkjobs-ivy-") as name:
        for jar, path in zip(jars, _downloads(Path(name), jars, sources), strict=True):
            store(folder, jar, path, sources.repository.label)


def _downloads(scratch: Path, jars: Sequence[Jar], sources: Sources) -> list[Path]:
    """Download jars into ``scratch``, not yet verified."""
    size = sum(jar.size for jar in jars)
    _refuse_full_disk(scratch, size * _COPIES)
    if size >= _LARGE_BYTES:
        sources.tell(f"downloading {size / 1e6:,.0f} MB from {sources.repository.label}")
    dependencies = [ivy.Dependency(jar.coordinate, transitive=False) for jar in jars]
    found = resolve(scratch, dependencies, (), sources, poms=False)
    return [found / jar.group / jar.artifact / jar.version / jar.file for jar in jars]


def _refuse_full_disk(scratch: Path, needed_bytes: int) -> None:
    free = free_disk_bytes(scratch)
    if free < needed_bytes:
        raise EnvironmentProblem(
            f"the download needs {needed_bytes / 1e6:,.0f} MB in {scratch.parent}, "
            f"where {free / 1e6:,.0f} MB are free",
            "Make room, or name another folder by TMPDIR.",
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
    ivy.run(argv, scratch, sources.repository, sources.tell)
    return scratch / ivy.FOUND
