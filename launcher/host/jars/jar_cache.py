"""The jar cache: a flat folder of verified jars."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from launcher.host.jars.jar_lock import Jar
from sparkjobs.errors import EnvironmentProblem

State = Literal["ok", "missing", "wrong"]


@dataclass(frozen=True)
class CacheEntry:
    """What the cache holds for one jar; ``found`` is the hash of a wrong file."""

    jar: Jar
    path: Path
    state: State
    found: str = ""


class WrongHash(EnvironmentProblem):
    """A file is not the jar that the lock names."""

    def __init__(self, jar: Jar, found_sha256: str, found_size: int, source: str) -> None:
        super().__init__(
            f"{jar.file} from {source} is not the locked jar:\n"
            f"  locked sha256 {jar.sha256} ({jar.size} bytes)\n"
            f"  found  sha256 {found_sha256} ({found_size} bytes)",
            "It was not put into the cache. Ask who runs that repository; never edit the lock to fit.",
        )


def sha256_of(path: Path) -> str:
    """Hash of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def look(folder: Path, jars: Sequence[Jar]) -> tuple[CacheEntry, ...]:
    """Compare the cache with the lock, by hash."""
    return tuple(_entry(folder / jar.file, jar) for jar in jars)


def _entry(path: Path, jar: Jar) -> CacheEntry:
    if not path.is_file():
        return CacheEntry(jar, path, "missing")
    found = sha256_of(path)
    return CacheEntry(jar, path, "ok" if found == jar.sha256 else "wrong", found)


def cached_paths(folder: Path, jars: Sequence[Jar]) -> tuple[Path, ...] | None:
    """Paths of the jars if all are there with the right size, else ``None``; takes no time."""
    paths = tuple(folder / jar.file for jar in jars)
    whole = all(
        path.is_file() and path.stat().st_size == jar.size for path, jar in zip(paths, jars, strict=True)
    )
    return paths if whole else None


def store(folder: Path, jar: Jar, source: Path, origin: str) -> Path:
    """Verify ``source`` and put it into the cache in one step; readers never see half a jar.

    Raises:
        WrongHash: the content is not what the lock says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{jar.file}.", dir=folder)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as target, source.open("rb") as stream:
            shutil.copyfileobj(stream, target)
        verify(copy, jar, origin)  # the copy: what was checked is what is kept
        copy.chmod(0o644)
        copy.replace(folder / jar.file)
    finally:
        copy.unlink(missing_ok=True)
    return folder / jar.file


def verify(path: Path, jar: Jar, origin: str) -> None:
    """Hold a file against the lock.

    Raises:
        WrongHash: the content is not what the lock says.
    """
    found = sha256_of(path)
    if found != jar.sha256 or path.stat().st_size != jar.size:
        raise WrongHash(jar, found, path.stat().st_size, origin)


@contextmanager
def fetching(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into ``folder``; the next one finds the work done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
