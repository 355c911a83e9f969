"""The pages of a driver are found among its ports, and nobody else's are taken for them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest

from launcher.runs.web_ui import may_have_ui, ui_ports, web_ui


class Pages(BaseHTTPRequestHandler):
    """Answers as a driver does that runs ``local-1``."""

    asked = 0

    def do_GET(self):
        type(self).asked += 1
        self.send_response(200 if self.path == "/api/v1/applications" else 404)
        self.end_headers()
        self.wfile.write(b'[{"id": "local-1", "name": "etl"}]')

    def log_message(self, *_):
        pass


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def pages(request):
    handler = type("Handler", (Pages,), {})
    server = HTTPServer((request.param, 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_pages_of_the_application_are_found(pages):
    port, _ = pages
    settings = {"spark.ui.port": str(port - 3)}
    assert web_ui([psutil.Process()], settings, "local-1") == f"http://127.0.0.1:{port}"
    assert web_ui([psutil.Process()], settings, "local-2") is None
    assert web_ui([], settings, "local-1") is None


def test_a_port_that_is_no_page_is_left_alone(pages):
    port, handler = pages
    assert web_ui([psutil.Process()], {"spark.ui.port": str(port + 1)}, "local-1") is None
    assert handler.asked == 0


@pytest.mark.parametrize(
    ("settings", "first", "number"),
    [
        ({}, 4040, 17),
        ({"spark.ui.port": "5000", "spark.port.maxRetries": "0"}, 5000, 1),
        ({"spark.ui.port": "0"}, None, 0),
        ({"spark.ui.port": "x"}, None, 0),
    ],
)
def test_the_ports_that_spark_tries(settings, first, number):
    assert len(ui_ports(settings)) == number
    assert next(iter(ui_ports(settings)), None) == first
    assert may_have_ui(settings) is (number > 0)


def test_a_driver_without_pages_is_not_asked():
    assert not may_have_ui({"spark.ui.enabled": "false"})
