"""Reading the template, writing the project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sparkjobs.errors import UsageError

# What working in the template leaves behind.
_LEFT_OVER = ("__pycache__", ".pytest_cache", "build", "out")


def template_files(folder: Path) -> dict[str, bytes]:
    """The files of a template by their path below it, in order.

    Args:
        folder: the template.
    """
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if not _left_over(name)}


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, where none of them stands yet.

    Args:
        folder: made if it does not exist; other files in it stay.
        files: contents by path, ``/`` between folders.

    Raises:
        UsageError: some exist already (all are named, nothing is written), or a folder cannot be written.
    """
    if _exists(folder) and not folder.is_dir():
        raise UsageError(f"{folder.name} exists and is no folder", "Move it away, or choose another name.")
    there = [name for name in files if _exists(folder / name)]
    if there:
        message = "\n".join(f"{folder.name}/{name} exists" for name in there)
        raise UsageError(message, "Nothing is overwritten: move the files away, or choose another name.")
    try:
        for name, content in files.items():
            _write(folder / name, content)
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror}", "Choose another folder.") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _left_over(name: str) -> bool:
    parts = name.split("/")
    return any(part in _LEFT_OVER or part.endswith(".egg-info") for part in parts) or name.endswith(".pyc")
