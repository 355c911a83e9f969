"""Which file a name means: ``conf/KIND/NAME.yaml`` by the rule of discovery, or a path."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from launcher.places import config_file, config_folders
from launcher.spec.config.faults import did_you_mean
from sparkjobs import paths
from sparkjobs.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ENDINGS = (".yaml", ".yml")


def find(kind: str, name_or_path: str, environ: Mapping[str, str], start: Path) -> Path:
    """The file that is meant.

    Args:
        kind: folder below ``conf``: ``clusters`` or ``jobs``.
        name_or_path: a name, or a path: what holds ``/`` or ends with ``.yaml`` or ``.yml``.
        environ: tells the user's folder.
        start: absolute folder where the search begins.

    Raises:
        UsageError: there is no such file (the names that exist are told), or NAME.yaml beside NAME.yml.
    """
    if "/" in name_or_path or name_or_path.endswith(_ENDINGS):
        return _given(local_file(name_or_path, start))
    known = names(kind, environ, start)
    if not _NAME.fullmatch(name_or_path) or name_or_path not in known:
        near = did_you_mean(name_or_path, known)
        there = f"There are: {', '.join(known)}." if known else f"There is no file in conf/{kind} yet."
        raise UsageError(f"no file conf/{kind}/{name_or_path}.yaml{near}", there)
    return config_file(f"{kind}/{name_or_path}.yaml", environ, start)


def local_file(path: str, start: Path) -> Path:
    """The file of a path or of an address such as ``file:///srv/etl.py``, whether it is there or not.

    Raises:
        UsageError: the address names no file of this machine.
    """
    if not path.startswith("file:"):
        return start / path
    local = paths.local(path)
    if urlsplit(path).netloc not in ("", "localhost") or not local.startswith("/"):
        raise UsageError(f"{path} names no file of this machine", "Write file:///FOLDER/FILE, or the path.")
    return Path(local)


def names(kind: str, environ: Mapping[str, str], start: Path) -> list[str]:
    """The names that ``find`` knows, sorted."""
    folders = [folder / kind for folder in config_folders(environ, start)]
    files = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted({path.stem for path in files if path.suffix in _ENDINGS and path.is_file()})


def shown(file: Path, start: Path) -> str:
    """A file's name for people: seen from ``start`` where that is shorter."""
    relative = os.path.relpath(file, start)
    return relative if len(relative) < len(str(file)) else str(file)


def _given(file: Path) -> Path:
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "Check the path, or give a name without '/'.")
    return file
