"""The text files that every machine with Python has: input for the first run, without a download."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = frozenset({".txt", ".md", ".rst", ".py"})
LEFT_OUT = frozenset({"site-packages", "dist-packages", "__pycache__"})


def python_folders() -> tuple[Path, ...]:
    """The standard library and the installed packages of the running Python."""
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys(Path(paths[key]) for key in ("stdlib", "purelib", "platlib")))


def text_files(folders: Iterable[Path]) -> Iterator[Path]:
    """Text files below the folders, each folder sorted."""
    for folder in folders:
        yield from sorted(path for path in _walk(folder) if _wanted(path))


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in LEFT_OUT:
                yield from _walk(entry)
        elif entry.is_file():
            yield entry


def _wanted(path: Path) -> bool:
    # Hadoop's paths know no ":" and lists of paths no line ends.
    return path.suffix in SUFFIXES and path.stat().st_size > 0 and not set(":\n\r") & set(str(path))


def up_to(files: Iterable[Path], limit_bytes: int) -> list[tuple[Path, int]]:
    """Files with sizes, in order, until the next would pass the limit."""
    taken: list[tuple[Path, int]] = []
    total = 0
    for path in files:
        size = path.stat().st_size
        if total + size > limit_bytes:
            break
        taken.append((path, size))
        total += size
    return taken
