"""The jar lock: which jars, with hash and size. Reading and writing it touches no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sparkjobs.errors import UsageError

DEFAULT_SET = "delta"
LOCK_NAME = "jars.lock"


class Jar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One locked jar.

    Attributes:
        coordinate: ``group:artifact:version``.
        file: file name in the cache, one per jar.
        sha256: hash of the content in lower-case hex.
        size: bytes.
    """

    coordinate: str
    file: str
    sha256: str
    size: int

    @property
    def group(self) -> str:
        """The first part of the coordinate."""
        return self.coordinate.split(":")[0]

    @property
    def artifact(self) -> str:
        """The second part of the coordinate."""
        return self.coordinate.split(":")[1]

    @property
    def version(self) -> str:
        """The third part of the coordinate."""
        return self.coordinate.split(":")[2]


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a set is made from the jars of another one. Patterns are those of a shell, over entry names.

    Attributes:
        of: name of the set that is cut.
        leave_out: entries that are left out.
        keep: entries that stay although ``leave_out`` names them.
    """

    of: str
    leave_out: tuple[str, ...]
    keep: tuple[str, ...] = ()


class JarSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Jars that are used together; with ``cut`` they are made from the set that it names."""

    summary: str
    jars: tuple[Jar, ...]
    cut: Cut | None = None

    @property
    def size(self) -> int:
        """Bytes of all its jars."""
        return sum(jar.size for jar in self.jars)


class JarLock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole lock, by name of set."""

    version: int
    sets: dict[str, JarSet]

    def jars(self, names: Sequence[str]) -> tuple[Jar, ...]:
        """The jars of the named sets, each once, in the order of the lock.

        Raises:
            UsageError: a set that the lock does not have.
        """
        unique = {jar.file: jar for name in names for jar in self.named(name).jars}
        return tuple(unique.values())

    def named(self, name: str) -> JarSet:
        """One set.

        Raises:
            UsageError: the lock does not have it.
        """
        if name not in self.sets:
            raise UsageError(f"no jar set is called {name!r}", f"The sets are: {', '.join(self.sets)}.")
        return self.sets[name]


def read_lock(path: Path) -> JarLock:
    """Read the lock.

    Raises:
        UsageError: the file is no lock, or of a version that we do not know.
    """
    try:
        lock = msgspec.json.decode(path.read_bytes(), type=JarLock)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is no jar lock: {error}", "Restore it from version control.") from error
    if lock.version != 1:
        raise UsageError(f"{path} has version {lock.version}; this sparkjob reads version 1")
    return lock


def lock_text(lock: JarLock) -> str:
    """The lock as the file's text, the same for the same content."""
    return msgspec.json.format(msgspec.json.encode(lock), indent=1).decode() + "\n"
