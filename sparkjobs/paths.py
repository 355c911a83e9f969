"""Paths that a run may name: local ones made absolute, others with a scheme that we know."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

from sparkjobs.errors import UsageError

SCHEMES = ("file", "s3a", "hdfs", "abfss", "gs")
# What stands beside an output under its name, where no flag names another place (``suffixed``).
QUARANTINE, LATE, CHECKPOINT = "_quarantine", "_late", "_checkpoint"
_GLOB = re.compile(r"([\\*?\[\]{}])")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://?(?=.)")


def scheme_of(path: str) -> str:
    """The scheme of a path, ``file`` where it names none."""
    match = _SCHEME.match(path)
    return match.group(1).lower() if match and len(match.group(1)) > 1 else "file"


def is_bare(path: str) -> bool:
    """Whether a path names no scheme at all."""
    return not _SCHEME.match(path)


def is_local(path: str) -> bool:
    """Whether the path lies on this machine's file system."""
    return scheme_of(path) == "file"


def normalise(path: str, extra_schemes: tuple[str, ...] = ()) -> str:
    """One spelling for a path: local ones absolute and without scheme, others without a trailing slash.

    Raises:
        UsageError: an empty path, or a scheme that is not allowed.
    """
    if not path:
        raise UsageError("a path is empty", "Name a file, a folder or a table.")
    if "\0" in path:
        raise UsageError(f"the path {path!r} holds a NUL character")
    scheme = scheme_of(path)
    if scheme == "s3":
        raise UsageError(f"{path}: Spark reads S3 by s3a", f"Write s3a{path[2:]}.")
    if scheme not in SCHEMES + extra_schemes:
        raise UsageError(f"{path}: the scheme {scheme!r} is not known", f"Known: {', '.join(SCHEMES)}.")
    if scheme == "file":
        return os.path.abspath(os.path.expanduser(local(path)))  # noqa: PTH100, PTH111 - text, not a file
    return path.rstrip("/")


def local(path: str) -> str:
    """The plain file name of a local path, also of a ``file:`` address."""
    if path.startswith("file:"):
        try:
            return unquote(urlsplit(path).path)
        except ValueError as error:
            raise UsageError(f"{path} is not a file: address: {error}", "Write a plain path.") from error
    return path


def hadoop(path: str) -> str:
    """A path as Hadoop must be given it: a bare local one may not be read as an address.

    Hadoop splits a bare path at ``:`` and resolves it against the default file system (HDFS on many
    clusters), so local paths get their scheme; Hadoop does not decode ``%``.
    """
    return f"file://{path}" if is_local(path) else path


def literal(path: str) -> str:
    """The same for Spark's file sources, which expand what Hadoop takes for a glob (``DataSource``)."""
    return _GLOB.sub(r"\\\1", hadoop(path))


def child(path: str, name: str) -> str:
    """The path of ``name`` inside the folder or table ``path``."""
    return f"{path.rstrip('/')}/{name}"


def suffixed(path: str, suffix: str) -> str:
    """A sibling of ``path`` whose name ends with ``suffix``."""
    return path.rstrip("/") + suffix
