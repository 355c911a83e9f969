"""The value of ``lock:`` in a cluster profile: a URL whose scheme names the kind of lock. Pure."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from launcher.redact import masked_text

Kind = Literal["file", "s3", "redis"]
KIND_BY_SCHEME: dict[str, Kind] = {"file": "file", "s3a": "s3", "redis": "redis", "rediss": "redis"}
EXAMPLES = "redis://HOST:6379/0, s3a://BUCKET/locks or file:///var/lock/sparkjobs"


def fault_of(url: str) -> str | None:
    """What is wrong with the value of ``lock:``; ``None`` for a good one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{masked_text(url)!r} is no URL: {error}"
    kind = KIND_BY_SCHEME.get(parts.scheme)
    if kind is None:
        return f"{masked_text(url)!r} names no kind of lock; write one such as {EXAMPLES}"
    if kind == "file" and (parts.netloc or not parts.path.startswith("/")):
        return f"{url!r} names no folder; write one such as file:///var/lock/sparkjobs"
    if kind != "file" and not parts.hostname:
        return f"{masked_text(url)!r} names no {'bucket' if kind == 's3' else 'host'}; write as {EXAMPLES}"
    if kind == "s3" and port is not None:
        return f"{url!r} has a port; the endpoint of S3 is AWS_ENDPOINT_URL"
    return None
