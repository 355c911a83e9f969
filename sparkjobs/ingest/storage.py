"""Bytes of local files and object stores, on the driver and inside Python workers.

Local files use the standard library, everything else pyarrow's file systems, so a worker needs
nothing that pyspark's own Arrow functions do not need already.
"""

from __future__ import annotations

import bz2
import gzip
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from sparkjobs import paths
from sparkjobs.ingest.model import Split


@dataclass(frozen=True)
class S3Settings:
    """How to reach S3. Keys that are ``None`` are found by the provider chain; no key shows in a repr."""

    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)

    @property
    def plain_http(self) -> bool:
        """An ``http://`` endpoint: no TLS, and buckets as paths."""
        return self.endpoint is not None and self.endpoint.startswith("http://")

    def deltalake_options(self) -> dict[str, str]:
        """The same for ``deltalake``, as its ``storage_options``."""
        options = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region or ("us-east-1" if self.endpoint else None),
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.session_token,
            "AWS_ALLOW_HTTP": "true" if self.plain_http else None,
        }
        return {key: value for key, value in options.items() if value is not None}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> S3Settings:
        """The variables that boto3, deltalake and Spark are all given here."""
        return cls(
            endpoint=environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL"),
            region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"),
            access_key=environ.get("AWS_ACCESS_KEY_ID"),
            secret_key=environ.get("AWS_SECRET_ACCESS_KEY"),
            session_token=environ.get("AWS_SESSION_TOKEN"),
        )


def filesystem(path: str, s3: S3Settings) -> tuple[Any, str]:
    """The pyarrow file system of a path that is not local, and the path inside it."""
    from pyarrow import fs

    if paths.scheme_of(path) == "s3a":
        return fs.S3FileSystem(**_s3_arguments(s3)), path.split("://", 1)[1]
    system, inside = fs.FileSystem.from_uri(path)
    return system, inside


def open_bytes(path: str, s3: S3Settings) -> IO[bytes]:
    """Open a file for reading bytes, as stored, seekable."""
    if paths.is_local(path):
        return open(paths.local(path), "rb")  # noqa: PTH123 - the caller closes it
    system, inside = filesystem(path, s3)
    return cast("IO[bytes]", system.open_input_file(inside))


def open_split(split: Split, s3: S3Settings) -> IO[bytes]:
    """Open a split's file decompressed. The position is not set: compressed streams only read forward."""
    stream = open_bytes(split.path, s3)
    if split.compression == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if split.compression == "bz2":
        return cast("IO[bytes]", bz2.BZ2File(stream))
    if split.compression == "zstd":
        from pyarrow import CompressedInputStream

        # All frames, block by block, and an error in a cut one; zstandard's own reader gives none there.
        return cast("IO[bytes]", CompressedInputStream(stream, "zstd"))
    return stream


# What reading a cut or damaged file raises.
UNREADABLE = (EOFError, zlib.error, OSError)


def write_text(path: str, text: str, s3: S3Settings) -> None:
    """Write a small text file, replacing one that is there: whole or not at all, also if the power fails."""
    if paths.is_local(path):
        _write_local(Path(paths.local(path)), text)
        return
    system, inside = filesystem(path, s3)
    with system.open_output_stream(inside) as stream:
        stream.write(text.encode("utf-8"))


def _write_local(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        # A name may reach the disk before the bytes do, and the file is empty after the power failed.
        os.fsync(stream.fileno())
    part.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _s3_arguments(s3: S3Settings) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "access_key": s3.access_key,
        "secret_key": s3.secret_key,
        "session_token": s3.session_token,
        "region": s3.region or ("us-east-1" if s3.endpoint else None),
    }
    if s3.endpoint:
        scheme, _, host = s3.endpoint.partition("://")
        arguments |= {"endpoint_override": host.rstrip("/"), "scheme": scheme}
    return {key: value for key, value in arguments.items() if value is not None}
