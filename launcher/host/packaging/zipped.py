"""The zip of our package and of users' modules, the same bytes for the same files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

MAIN_FILE = Path(__file__).with_name("sparkjobs_main.py")
JOBS_LIST = "sparkjobs_jobs.json"
# Zip files cannot hold an earlier time.
EPOCH = (1980, 1, 1, 0, 0, 0)
LEFT_OUT = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


def module_files(name: str, origin: Path) -> dict[str, bytes]:
    """Files of a module or package by their names in the zip.

    Args:
        name: dotted name; the parents' own files are not taken.
        origin: the module's file; a package's ``__init__.py``.
    """
    inside = name.replace(".", "/")
    if origin.name != "__init__.py":
        return {f"{inside}.py": origin.read_bytes()}
    folder = origin.parent
    return {f"{inside}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not LEFT_OUT & set(path.relative_to(folder).parts):
            yield path


def zip_bytes(files: Mapping[str, bytes], jobs: Sequence[str] = ()) -> bytes:
    """The zip. Stored, not compressed: the bytes do not depend on the compressor of this machine.

    Args:
        files: content by name.
        jobs: ``module:ATTRIBUTE`` of the users' jobs; a zip has no entry points to find them by.
    """
    content = dict(files)
    if jobs:
        content[JOBS_LIST] = (json.dumps(sorted(jobs), indent=1) + "\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            archive.writestr(_entry(name), content[name])
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.create_system = 3  # Unix, wherever it is made: the permissions below are read as such
    entry.external_attr = 0o644 << 16
    return entry
