"""Failures of object stores, in the session of ``in_session``: a stand-in server, one that refuses, none."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.failures.in_session import failure

KEYS = "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"


class _Answer(http.server.BaseHTTPRequestHandler):
    status, code = 503, "SlowDown"

    def do_GET(self) -> None:  # the name is the library's
        body = (
            f"<Error><Code>{self.code}</Code><Message>no</Message><RequestId>1</RequestId></Error>".encode()
        )
        self.send_response(self.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def answering(status: int, code: str) -> Iterator[str]:
    """A store that gives every request the same answer."""
    handler = type("Answer", (_Answer,), {"status": status, "code": code})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _read(spark: Any, bucket: str, endpoint: str, provider: str = KEYS) -> None:
    values = {
        "endpoint": endpoint,
        "access.key": "anyone",
        "secret.key": "nothing",
        "aws.credentials.provider": provider,
        "path.style.access": "true",
        "attempts.maximum": "1",
        "retry.limit": "1",
        "retry.throttle.limit": "1",
        "retry.interval": "10ms",
        "retry.throttle.interval": "10ms",
        "connection.ssl.enabled": "false",
        "endpoint.region": "eu-west-3",
    }
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()
    for key, value in values.items():
        hadoop.set(f"fs.s3a.bucket.{bucket}.{key}", value)
    spark.read.text(f"s3a://{bucket}/day.txt").collect()


@failure("delta")
def s3_slow_down(spark: Any, _: Path) -> None:
    with answering(503, "SlowDown") as endpoint:
        _read(spark, "slow", endpoint)


@failure("delta")
def s3_forbidden(spark: Any, _: Path) -> None:
    with answering(403, "AccessDenied") as endpoint:
        _read(spark, "forbidden", endpoint)


@failure("delta")
def s3_no_such_bucket(spark: Any, _: Path) -> None:
    with answering(404, "NoSuchBucket") as endpoint:
        spark.sparkContext._jsc.hadoopConfiguration().set("fs.s3a.bucket.nobody.bucket.probe", "2")
        _read(spark, "nobody", endpoint)


@failure("delta")
def s3_no_credentials(spark: Any, _: Path) -> None:
    provider = "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"
    _read(spark, "keyless", "http://127.0.0.1:9", provider)


@failure("delta")
def unknown_host(spark: Any, _: Path) -> None:
    _read(spark, "nowhere", "http://store.invalid:9000")


@failure("delta")
def connection_refused(spark: Any, _: Path) -> None:
    _read(spark, "refused", "http://127.0.0.1:9")
