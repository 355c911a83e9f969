"""Maintainers: resolve ``conf/jars.yaml`` again and make the lock from what was found."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import yaml

from launcher.host.jars import ivy
from launcher.host.jars.cut import cut_jar
from launcher.host.jars.fetch import Sources, resolve
from launcher.host.jars.jar_cache import sha256_of
from launcher.host.jars.jar_lock import Cut, Jar, JarLock, JarSet
from sparkjobs.errors import UsageError

_LAYOUT = "*/*/*/*.jar"


class WantedSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set as maintainers write it; the file itself explains the keys."""

    summary: str
    roots: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    cut: Cut | None = None


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``conf/jars.yaml``."""

    sets: dict[str, WantedSet]


def read_wanted(path: Path) -> Wanted:
    """Read ``conf/jars.yaml``.

    Raises:
        UsageError: it is no YAML, or has an unknown key or a wrong type.
    """
    try:
        plain: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return msgspec.convert(plain, Wanted)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {error}") from error


def relock(wanted: Wanted, sources: Sources) -> JarLock:
    """Resolve every set from the repository; the answer lists jars by coordinate."""
    with tempfile.TemporaryDirectory(prefix="sparkjobs-ivy-") as name:
        sets: dict[str, JarSet] = {}
        for set_name, entry in wanted.sets.items():
            scratch = Path(name) / set_name
            scratch.mkdir()
            if entry.cut is None:
                sets[set_name] = _resolved(entry, scratch, sources)
            else:
                sets[set_name] = _cut(entry.summary, entry.cut, scratch, Path(name) / entry.cut.of)
    return JarLock(version=1, sets=sets)


def _resolved(wanted: WantedSet, scratch: Path, sources: Sources) -> JarSet:
    jars = []
    for coordinates, needs in ((wanted.roots, True), (wanted.alone, False)):
        if coordinates:
            place = scratch / ("roots" if needs else "alone")
            place.mkdir()
            asked = [ivy.Dependency(coordinate, transitive=needs) for coordinate in coordinates]
            found = resolve(place, asked, wanted.without if needs else (), sources, poms=needs)
            jars += [_jar(path) for path in found.glob(_LAYOUT)]
    return JarSet(wanted.summary, _by_coordinate(jars))


def _cut(summary: str, cut: Cut, scratch: Path, whole: Path) -> JarSet:
    jars = []
    for path in (whole / "roots" / ivy.FOUND).glob(_LAYOUT):
        target = scratch.joinpath(*path.parts[-4:-1], f"{path.stem}-slim.jar")
        target.parent.mkdir(parents=True)
        cut_jar(path, target, cut)
        jars.append(_jar(target))
    return JarSet(summary, _by_coordinate(jars), cut)


def _by_coordinate(jars: list[Jar]) -> tuple[Jar, ...]:
    return tuple(sorted(jars, key=lambda jar: jar.coordinate))


def _jar(path: Path) -> Jar:
    group, artifact, version, file = path.parts[-4:]
    return Jar(f"{group}:{artifact}:{version}", file, sha256_of(path), path.stat().st_size)
