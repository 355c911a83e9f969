"""Where a driver on this machine shows its pages: found among the ports that its processes listen on.

Spark tells the address in its log alone, at a level that is usually off. Only ports that ``spark.ui.port``
allows are asked: the others talk protocols that an HTTP request would disturb.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
import psutil

TIMEOUT_S = 2.0
# Spark's defaults of spark.ui.port and spark.port.maxRetries.
PORT, RETRIES = "4040", "16"
_EVERYWHERE = ("0.0.0.0", "::", "")


class _Application(msgspec.Struct):
    id: str


def may_have_ui(settings: Mapping[str, str]) -> bool:
    """Whether there is a page, on a port that can be told from others."""
    return settings.get("spark.ui.enabled", "true") == "true" and bool(ui_ports(settings))


def ui_ports(settings: Mapping[str, str]) -> range:
    """The ports that Spark tries one by one; none when the system chooses one."""
    try:
        first, retries = (
            int(settings.get("spark.ui.port", PORT)),
            int(settings.get("spark.port.maxRetries", RETRIES)),
        )
    except ValueError:
        return range(0)
    return range(first, first + retries + 1) if first > 0 else range(0)


def web_ui(
    processes: Iterable[psutil.Process], settings: Mapping[str, str], application_id: str
) -> str | None:
    """The address of the application's pages; ``None`` while there is none.

    Args:
        processes: those of the run.
        settings: of the run.
        application_id: Spark's id: another application may listen as well.
    """
    allowed = ui_ports(settings)
    listening = (address for process in processes for address in _listens(process) if address[1] in allowed)
    return next((url for address in listening if _shows(url := _url(*address), application_id)), None)


def _listens(process: psutil.Process) -> Iterator[tuple[str, int]]:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.Error:
        return
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN:
            yield connection.laddr.ip, connection.laddr.port


def _url(host: str, port: int) -> str:
    host = host.removeprefix("::ffff:")
    if host in _EVERYWHERE:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _shows(url: str, application_id: str) -> bool:
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy knows this machine
            answer = session.get(f"{url}/api/v1/applications", timeout=TIMEOUT_S)
        found = msgspec.json.decode(answer.content, type=list[_Application])
    except (requests.RequestException, msgspec.DecodeError):
        return False
    return any(application.id == application_id for application in found)
