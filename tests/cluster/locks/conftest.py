"""The three kinds of lock on real ground: a local folder, an S3 server, a Redis server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.locks.backend import Backend
from tests.spark.object_store import KEYS, REGION, server

BUCKET = "lake"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A server of S3 with a bucket."""
    with server() as endpoint:
        s3_client(endpoint).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield endpoint


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of Redis."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@contextmanager
def redis_server(folder: Path, *flags: str) -> Iterator[str]:
    """A server of Redis of one's own, that keeps nothing on the disk; its address."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not on PATH (Debian: apt-get install redis-server)")
    port = _free_port()
    where = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *where, *flags], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert any("Ready to accept connections" in line for line in process.stdout)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(params=["file", "s3", "redis"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """Each kind of lock, for a table of its own."""
    return _backend(request, tmp_path)


@pytest.fixture(params=["s3", "redis"])
def leased(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """The kinds of lock that are leases."""
    return _backend(request, tmp_path)


@pytest.fixture
def on_disk(tmp_path: Path) -> Backend:
    """The kind of lock that the kernel keeps."""
    return _on_disk(tmp_path)


def _on_disk(tmp_path: Path) -> Backend:
    return Backend("file", str(tmp_path / "lake/t"), None, _environ(tmp_path))


def _backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if request.param == "file":
        return _on_disk(tmp_path)
    name = f"s3a://{BUCKET}/{uuid.uuid4().hex}/t"
    if request.param == "s3":
        endpoint = request.getfixturevalue("s3_endpoint")
        return Backend("s3", name, None, {**_environ(tmp_path), **KEYS, "AWS_ENDPOINT_URL": endpoint})
    return Backend("redis", name, request.getfixturevalue("redis_url"), _environ(tmp_path))


def s3_client(endpoint: str) -> Any:
    """A client of a test's own."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def _environ(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
