"""An S3 of our own for tests: moto's server in a process of its own.

In this process it could not answer while delta-rs waits for it: some of its calls keep the
interpreter's lock until the answer has come.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REGION = "eu-west-3"
KEYS = {
    "AWS_ACCESS_KEY_ID": "canary-key",
    "AWS_SECRET_ACCESS_KEY": "canary-secret",
    "AWS_REGION": REGION,
}
_SERVE = """
import sys
from moto.server import ThreadedMotoServer
from moto.moto_server import threaded_moto_server as serving

class Logged(serving.DomainDispatcherApplication):
    def __call__(self, environ, start_response):
        def started(status, headers, *rest):
            if environ["REQUEST_METHOD"] == "GET":
                length = dict(headers).get("Content-Length", "0")
                print("got", length, environ["PATH_INFO"], file=sys.stderr, flush=True)
            return start_response(status, headers, *rest)
        return super().__call__(environ, started)

serving.DomainDispatcherApplication = Logged
server = ThreadedMotoServer("127.0.0.1", 0)
server.start()
print("serving", *server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


@contextmanager
def bucket_of(spark: Any, bucket: str, log: Path = Path(os.devnull)) -> Iterator[Any]:
    """A server with a bucket; Spark, boto3 and delta-rs find it by the same variables.

    Args:
        spark: the session.
        bucket: its name.
        log: where the server writes what was fetched, see ``fetched``.

    Yields:
        A boto3 client.
    """
    import boto3

    from sparkjobs.ingest.storage import S3Settings
    from sparkjobs.session import configure_s3

    with pytest.MonkeyPatch.context() as patch, server(log) as endpoint:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        configure_s3(spark, S3Settings.from_environment(os.environ))
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def fetched(log: Path, key: str) -> list[int]:
    """The bytes of each answer to a GET of an object so far.

    Args:
        log: of the server.
        key: the object's, the bucket before it.
    """
    lines = (line.split(" ", 2) for line in log.read_text().splitlines() if line.startswith("got "))
    return [int(length) for _, length, path in lines if path == f"/{key}"]


@contextmanager
def server(log: Path = Path(os.devnull)) -> Iterator[str]:
    sink = log.open("a")
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sink,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = next(line for line in process.stdout if line.startswith("serving "))
        _, host, port = line.split()
        yield f"http://{host}:{port}"
    finally:
        process.kill()
        process.communicate()
        sink.close()
