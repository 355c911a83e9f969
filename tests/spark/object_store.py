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
server = ThreadedMotoServer("127.0.0.1", 0)
server.start()
print("serving", *server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


@contextmanager
def bucket_of(spark: Any, bucket: str) -> Iterator[Any]:
    """A server with a bucket; Spark, boto3 and delta-rs find it by the same variables.

    Yields:
        A boto3 client.
    """
    import boto3

    from sparkjobs.ingest.storage import S3Settings
    from sparkjobs.session import configure_s3

    with pytest.MonkeyPatch.context() as patch, server() as endpoint:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        configure_s3(spark, S3Settings.from_environment(os.environ))
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


@contextmanager
def server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
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
