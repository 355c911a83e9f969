"""Which lock a table has: by its scheme, unless the cluster profile names one. Pure."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from launcher.spec.lock_url import EXAMPLES, KIND_BY_SCHEME, Kind, fault_of
from sparkjobs import paths
from sparkjobs.errors import UsageError

# Tables beside an output, which its lock guards as well.
_ENDS = (paths.QUARANTINE, paths.LATE)


@dataclass(frozen=True)
class LockPlace:
    """Where the lock of one table is kept.

    Attributes:
        kind: how it is kept.
        table: the table, in its one spelling.
        at: the lock file's path, the lease's address, or the server's URL.
        key: name of the lock inside a server; empty for the other kinds.
    """

    kind: Kind
    table: str
    at: str
    key: str = ""


def canonical(table: str, resolve: Callable[[str], str]) -> str:
    """The one spelling of a table's path: two spellings of one table must meet at one lock.

    Args:
        table: as it was given.
        resolve: follows the links of a local path (``os.path.realpath``).

    Raises:
        UsageError: the path is not one.
    """
    path = paths.normalise(table)
    if paths.is_local(path):
        return resolve(path)
    scheme, _, rest = path.partition("://")
    bucket, slash, key = rest.partition("/")
    return f"{scheme.lower()}://{bucket}{slash}{_plain(key)}".rstrip("/")


def outputs_of(table: str) -> tuple[str, ...]:
    """What could be the ``--output`` of the job that a table belongs to.

    The folder that holds it, but at the top; and the output that it is named after, if it is a table of bad
    or late rows.
    """
    folder, _, name = table.rpartition("/")
    inside = folder.partition("://")[2].partition("/")[2] if "://" in folder else folder
    above = (folder,) if inside.strip("/") else ()
    ends = (end for end in _ENDS if name.endswith(end) and name != end)
    return (*above, *(table.removesuffix(end) for end in ends))


def lock_place(table: str, url: str | None, multi_writer: bool) -> LockPlace | None:
    """Where the lock of a table is kept; ``None`` when the table takes many writers at a time.

    Args:
        table: its canonical path.
        url: ``lock:`` of the cluster profile.
        multi_writer: of the profile: the log store of its tables takes many writers. A local disk's never
            does.

    Raises:
        UsageError: a scheme without a lock of its own, or a ``url`` that names none.
    """
    if url is not None:
        return _named(table, url)
    scheme = paths.scheme_of(table)
    if scheme == "file":
        return LockPlace("file", table, _beside(table))
    if multi_writer:
        return None
    if scheme == "s3a":
        return LockPlace("s3", table, _beside(table))
    raise UsageError(
        f"the table {table} has no lock: the scheme {scheme} has none of its own",
        f"Set lock: in the cluster profile ({EXAMPLES}), or multi_writer: true where the log store of the "
        "tables takes many writers, as those of HDFS, Azure and GCS do.",
    )


def _named(table: str, url: str) -> LockPlace:
    fault = fault_of(url)
    if fault:
        raise UsageError(f"lock: {fault}")
    kind = KIND_BY_SCHEME[urlsplit(url).scheme]
    if kind == "redis":
        return LockPlace("redis", table, url, f"sparkjobs:lock:{{{_short_name(table)}}}")
    folder = paths.local(url) if kind == "file" else url
    return LockPlace(kind, table, f"{folder.rstrip('/')}/{_short_name(table)}.lock")


def _beside(table: str) -> str:
    """The lock's own place: beside the table, hidden from readers, out of reach of its vacuum."""
    parent, _, name = table.rpartition("/")
    if not name or parent.endswith(":/"):
        raise UsageError(
            f"the table {table} has nothing beside it that could hold its lock",
            "Put it into a folder, or set lock: in the cluster profile.",
        )
    return f"{parent}/.{name}.sparkjobs.lock"


def _short_name(table: str) -> str:
    """A name for a table of any address: readable, plain ASCII, and its own by the hash."""
    digest = hashlib.sha256(table.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    readable = re.sub(r"[^A-Za-z0-9._-]", "_", table.rpartition("/")[2])[:40]
    return f"{readable}-{digest}"


def _plain(key: str) -> str:
    """A key as Hadoop reads it: without doubled slashes, ``.`` and ``..``."""
    return posixpath.normpath("/" + key).lstrip("/") if key else ""
