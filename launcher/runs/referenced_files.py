"""The files that a run takes along, looked for before anything starts: Spark only warns of a lost jar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sparkjobs.errors import UsageError

KEYS = ("spark.jars", "spark.submit.pyFiles", "spark.files", "spark.archives")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_GLOB = frozenset("*?[{")


def refuse_missing_files(settings: Mapping[str, str], start: Path) -> None:
    """Look for the files of this machine that the settings name.

    Args:
        settings: of the run.
        start: the working folder, where relative paths begin.

    Raises:
        UsageError: one of them is not there.
    """
    for key, name in _named(settings):
        path = _local(name)
        if path is not None and not (start / path).exists():
            raise UsageError(f"{key}: there is no file {name}", f"It is looked for in {start}.")


def _named(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in KEYS:
        for name in settings.get(key, "").split(","):
            yield key, name.strip()


def _local(name: str) -> str | None:
    """The path of a file on this machine; ``None`` for what lies elsewhere, and for patterns."""
    path = name.partition("#")[0]
    if not path or _GLOB & set(path):
        return None
    if path.startswith("file:"):
        # Spark decodes it (Utils.resolveURI); where it has a host it says Wrong FS (FileSystem.checkPath).
        address = urlsplit(path)
        return path if address.netloc else unquote(address.path)
    return None if _SCHEME.match(path) else path
