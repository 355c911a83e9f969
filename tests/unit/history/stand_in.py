"""A small WebHDFS server on the loopback address."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class NameNode:
    """What the server says and saw.

    Attributes:
        files: content by path.
        refusal: status and exception of every answer; ``None`` answers.
        cut_after: bytes after which the first reading of each file breaks.
        asked: operation, path and user of each question.
        address: where it listens.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None
    cut_after: int | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    def listed(self, path: str) -> list[dict[str, Any]] | None:
        """As LISTSTATUS."""
        if path in self.files:
            return [{"pathSuffix": "", "type": "FILE"}]
        inside = sorted(
            {name[len(path) + 1 :].partition("/")[0] for name in self.files if name.startswith(f"{path}/")}
        )
        return [{"pathSuffix": name, "type": "FILE"} for name in inside] or None


@contextlib.contextmanager
def serving(node: NameNode) -> Iterator[NameNode]:
    """The server, as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(node))
    node.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(node: NameNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            path = unquote(parts.path).removeprefix("/webhdfs/v1")
            if parts.path.startswith("/data"):
                return self._data(path.removeprefix("/data"), int(query.get("offset", 0)))
            node.asked.append((query["op"], path, query["user.name"]))
            if node.refusal is not None:
                return self._refuse(*node.refusal)
            if query["op"] == "OPEN" and path in node.files:
                # As a NameNode: another server has the bytes.
                self.send_response(307)
                self.send_header(
                    "Location", f"{node.address}/data{parts.path[11:]}?offset={query.get('offset', 0)}"
                )
                self.send_header("Content-Length", "0")
                return self.end_headers()
            listed = node.listed(path)
            if listed is None:
                return self._refuse(404, "FileNotFoundException")
            return self._send(200, json.dumps({"FileStatuses": {"FileStatus": listed}}).encode())

        def _data(self, path: str, offset: int) -> None:
            data = node.files[path][offset:]
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if node.cut_after is not None and not offset:
                data = data[: node.cut_after]
            self.wfile.write(data)
            self.close_connection = True

        def _refuse(self, status: int, exception: str) -> None:
            told = {"exception": exception, "message": f"{exception} of HDFS\nat org.apache"}
            self._send(status, json.dumps({"RemoteException": told}).encode())

        def _send(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
