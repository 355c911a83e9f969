"""A page of metrics on a port of the driver, for as long as the stream runs."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sparkjobs.errors import EnvironmentProblem
from sparkjobs.params import param
from sparkjobs.streaming.progress.batch_progress import BatchProgress
from sparkjobs.streaming.progress.metrics import Totals, render

log = logging.getLogger("sparkjobs")
_LOOPBACK = "127.0.0.1"
_HIGHEST_PORT = 65535
_ADDRESS = re.compile(r"(?:(?P<host>[^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\]):)?(?P<port>\d{1,5})")
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def address(text: str) -> tuple[str, int]:
    """Host and port of ``[HOST:]PORT``; the loopback address where no host is named.

    Raises:
        ValueError: it is no such address.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError("write PORT or HOST:PORT, such as 9090, 0.0.0.0:9090 or [::1]:9090")
    return (match["host"] or _LOOPBACK).strip("[]"), int(match["port"])


def _check(text: Any) -> None:
    if text is not None:
        address(text)


@dataclass(frozen=True)
class MetricsParams:
    """The flag of the page of metrics."""

    metrics_port: str | None = param(
        None,
        help="serve metrics for Prometheus there while the stream runs; 127.0.0.1 without a host",
        metavar="[HOST:]PORT",
        check=_check,
        group="stream",
        identity=False,
    )


class Metrics:
    """A listener that keeps the sums of the batches.

    Args:
        job: the stream's name.
    """

    def __init__(self, job: str) -> None:
        self._job = job
        self._totals = Totals()

    def batch_done(self, progress: BatchProgress) -> None:
        """Add a batch."""
        self._totals = self._totals.with_batch(progress)

    def page(self) -> bytes:
        """What a request gets."""
        return render(self._totals, self._job).encode()


@contextmanager
def serving(metrics: Metrics, where: str | None) -> Iterator[str | None]:
    """Serve the page inside the block.

    Args:
        metrics: what to serve.
        where: ``[HOST:]PORT``; ``None`` serves nothing. Port 0 is one that is free.

    Returns:
        The page's address.

    Raises:
        EnvironmentProblem: the port is taken, or the host is none of this machine.
    """
    if where is None:
        yield None
        return
    server = _listening(metrics, *address(where))
    host, port = server.server_address[:2]
    page = f"http://{_shown(str(host))}:{port}/metrics"
    log.info("metrics at %s", page)
    threading.Thread(target=server.serve_forever, name="sparkjobs-metrics", daemon=True).start()
    try:
        yield page
    finally:
        server.shutdown()
        server.server_close()


def _listening(metrics: Metrics, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(_Handler):
        page = metrics.page

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away in the middle is none of the stream's business."""
            log.debug("metrics: a request of %s failed", client_address, exc_info=True)

    try:
        return Server((host, port), Handler)
    except (OSError, UnicodeError) as error:  # of a name that no host can have
        raise EnvironmentProblem(
            f"--metrics-port {_shown(host)}:{port}: {getattr(error, 'strerror', None) or error}",
            "Name another port, or leave the flag out.",
        ) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Handler(BaseHTTPRequestHandler):
    # A client that sends nothing must not hold its thread for ever.
    timeout = 10

    @staticmethod
    def page() -> bytes:
        raise NotImplementedError

    def do_GET(self) -> None:
        found = self.path.partition("?")[0] in ("/", "/metrics")
        content = self.page() if found else b"The metrics are at /metrics.\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", _TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Each scrape as a line would fill the log."""
        log.debug(format, *args)
