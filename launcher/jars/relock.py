"""Maintainers: resolve ``conf/jars.yaml`` again and make the lock from what was found."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import yaml

from launcher.jars import ivy
from launcher.jars.cache import sha256_of
from launcher.jars.fetch import Sources, resolve
from launcher.jars.lock import Jar, JarLock, JarSet
from sparkjobs.errors import UsageError


class WantedSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set as maintainers write it; the file itself explains the keys."""

    summary: str
    roots: tuple[str, ...]
    without: tuple[str, ...] = ()


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
    return JarLock(version=1, sets={name: _resolved(entry, sources) for name, entry in wanted.sets.items()})


def _resolved(wanted: WantedSet, sources: Sources) -> JarSet:
    with tempfile.TemporaryDirectory(prefix="sparkjobs-ivy-") as name:
        roots = [ivy.Dependency(coordinate, transitive=True) for coordinate in wanted.roots]
        found = resolve(Path(name), roots, wanted.without, sources, poms=True)
        jars = [_jar(path) for path in found.glob("*/*/*/*.jar")]
        return JarSet(wanted.summary, tuple(sorted(jars, key=lambda jar: jar.coordinate)))


def _jar(path: Path) -> Jar:
    group, artifact, version, file = path.parts[-4:]
    return Jar(f"{group}:{artifact}:{version}", file, sha256_of(path), path.stat().st_size)
