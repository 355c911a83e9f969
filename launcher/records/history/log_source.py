"""Finds the files of an event log by an address of any scheme."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from launcher.host.hadoop_configuration import read_files
from launcher.records.history.access import Access
from launcher.records.history.parts import in_order, log_of, refuse_compacted
from launcher.records.history.read_trace import Bytes, Part, local, trace_of
from launcher.records.history.remote.namenodes import CONFIGURATION, namenodes
from launcher.records.history.remote.webhdfs import WebHdfs
from launcher.records.history.trace import Trace
from sparkjobs import paths
from sparkjobs.errors import EventLogError


class Store(Protocol):
    """Where files lie."""

    def names(self, address: str) -> list[str] | None:
        """What lies in a folder; ``None``: it is none."""

    def open(self, address: str) -> contextlib.AbstractContextManager[Bytes]:
        """A file's bytes."""


def read_trace_at(address: str, access: Access) -> Trace:
    """The trace of a log wherever it lies.

    Args:
        address: a file, or the folder of a rolled log: a path, ``hdfs://``, ``s3a://``, ``gs://``, ``abfss://``.
        access: how stores are reached.

    Raises:
        EventLogError: as ``read_trace``; or the store does not answer or refuses.
        UsageError: the scheme is not known.
    """
    return trace_of(parts_at(address, access), address)


def parts_at(address: str, access: Access) -> list[Part]:
    """The files of a log, the oldest first; raises as ``read_trace_at``."""
    address = paths.normalise(address)
    if paths.is_local(address):
        return local(Path(address))
    store = store_of(address, access)
    names = store.names(address)
    if names is None:
        name = address.rpartition("/")[2]
        refuse_compacted(name, address)
        return [_part(store, address)]
    return [_part(store, paths.child(address, name)) for name in in_order(names, address)]


def parts_of_application(folder: str, application_id: str, access: Access) -> list[Part] | None:
    """The files of an application's log among those of many, of its last attempt; ``None`` without one.

    Args:
        folder: where ``spark.eventLog.dir`` points.
        application_id: Spark's id.
        access: how stores are reached.

    Raises:
        EventLogError: the store does not answer or refuses, or tasks were dropped from the log.
    """
    found = log_of(application_id, names_in(folder, access))
    return parts_at(paths.child(paths.normalise(folder), found), access) if found else None


def names_in(folder: str, access: Access) -> list[str]:
    """What lies in a folder; nothing where there is none. Raises as ``parts_of_application``."""
    folder = paths.normalise(folder)
    if not paths.is_local(folder):
        return store_of(folder, access).names(folder) or []
    with contextlib.suppress(FileNotFoundError):
        return [one.name for one in Path(folder).iterdir()]
    return []


def store_of(address: str, access: Access) -> Store:
    """The store in which an address lies.

    Raises:
        EventLogError: nothing tells where its NameNode is, or it asks for Kerberos.
    """
    if paths.scheme_of(address) != "hdfs":
        return _Arrow(access.environ)
    folder = access.hadoop_conf_dir or access.environ.get("HADOOP_CONF_DIR") or ""
    settings = read_files(Path(folder), CONFIGURATION) if folder else {}
    nodes = tuple(one.rstrip("/") for one in access.webhdfs) or namenodes(address, settings)
    return WebHdfs(nodes, access.environ.get("HADOOP_USER_NAME") or getpass.getuser())


def _part(store: Store, address: str) -> Part:
    return Part(address.rpartition("/")[2], address, lambda: store.open(address))


class _Arrow:
    """Object stores, as pyarrow reaches them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def names(self, address: str) -> list[str] | None:
        """What lies in a folder; ``None``: it is none."""
        from pyarrow import fs

        system, inside = self._system(address)
        try:
            found = system.get_file_info(fs.FileSelector(inside, allow_not_found=True))
            return [one.base_name for one in found] or None
        except (OSError, ValueError) as error:  # Arrow's own are of both kinds
            raise EventLogError(f"{address}: {error}") from error

    @contextlib.contextmanager
    def open(self, address: str) -> Iterator[IO[bytes]]:
        """A file's bytes."""
        system, inside = self._system(address)
        with system.open_input_stream(inside, compression=None) as stream:
            yield stream

    def _system(self, address: str) -> tuple[Any, str]:
        from sparkjobs.ingest.storage import S3Settings, filesystem

        return filesystem(address, S3Settings.from_environment(self._environ))
