"""A way to the S3 server on which requests meet with what a network and a store may do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

CONDITIONS = ("if-match", "if-none-match")


@dataclass
class Trouble:
    """What befalls the next requests.

    Attributes:
        planned: for each method, what happens to its next requests, one after the other.
        always: for each method, what happens to every request after those.
        seen: the methods of all requests.
    """

    planned: dict[str, list[str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    def plan(self, method: str, *what: str) -> None:
        """Let these befall the next requests of a method."""
        self.planned.setdefault(method, []).extend(what)

    def next(self, method: str) -> str:
        """What befalls this request."""
        self.seen.append(method)
        waiting = self.planned.get(method)
        return waiting.pop(0) if waiting else self.always.get(method, "pass")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: str
    trouble: Trouble

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        actions: dict[str, Callable[[bytes], None]] = {
            "pass": self._pass,
            "lose the answer": self._lose_the_answer,
            "reset": lambda body: self._hang_up(),
            "say 412 after success": lambda body: self._after(body, 412, "PreconditionFailed"),
            "ignore conditions": lambda body: self._pass(body, without=CONDITIONS),
            "ignore if-match": lambda body: self._pass(body, without=("if-match",)),
            "answer too late": self._answer_too_late,
        }
        what = self.trouble.next(self.command)
        if what.isdecimal():
            self._say(int(what), "Trouble")
        else:
            actions[what](body)

    do_GET = do_PUT = do_HEAD = _handle

    def _forward(
        self, body: bytes, without: tuple[str, ...] = ()
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in without}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), content

    def _pass(self, body: bytes, without: tuple[str, ...] = ()) -> None:
        status, headers, content = self._forward(body, without)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _lose_the_answer(self, body: bytes) -> None:
        self._forward(body)
        self._hang_up()

    def _answer_too_late(self, body: bytes) -> None:
        self._forward(body)
        self.trouble.answering.wait()
        self._hang_up()

    def _after(self, body: bytes, status: int, code: str) -> None:
        self._forward(body)
        self._say(status, code)

    def _hang_up(self) -> None:
        self.close_connection = True

    def _say(self, status: int, code: str) -> None:
        content = f"<Error><Code>{code}</Code><Message>trouble on the way</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxy(endpoint: str, trouble: Trouble) -> Iterator[str]:
    """A server that forwards to ``endpoint``, with ``trouble``; its address."""
    handler = type("Handler", (_Handler,), {"upstream": urlsplit(endpoint).netloc, "trouble": trouble})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        trouble.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
