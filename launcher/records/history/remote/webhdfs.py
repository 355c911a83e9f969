"""Reads files of HDFS over HTTP; the NameNode that stands by passes the question on to the next one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from launcher.records.history.remote.namenodes import kerberos
from sparkjobs.errors import EventLogError

if TYPE_CHECKING:
    import requests

CONNECT_S, READ_S = 5.0, 60.0
ATTEMPTS = 3
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_STANDBY = ("StandbyException", "RetriableException")


class WebHdfs:
    """One file system.

    Args:
        nodes: web addresses of its NameNodes.
        user: who asks.
    """

    def __init__(self, nodes: Sequence[str], user: str) -> None:
        self._nodes = list(nodes)
        self._user = user

    def names(self, address: str) -> list[str] | None:
        """What lies in a folder; ``None``: it is a file, or there is nothing.

        Raises:
            EventLogError: no NameNode answers, or it refuses.
        """
        try:
            with self._asked(address, "LISTSTATUS") as answer:
                found = answer.json()["FileStatuses"]["FileStatus"]
                names = [str(one["pathSuffix"]) for one in found]
        except (ValueError, KeyError, TypeError) as error:
            raise EventLogError(f"{address}: WebHDFS gives no list of files ({error})") from error
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EventLogError(f"{address}: {_brief(error)}") from error
        return None if names == [""] else names

    @contextlib.contextmanager
    def open(self, address: str) -> Iterator[_Stream]:
        """A file's bytes, from its beginning; a connection that breaks is taken up where it broke.

        Raises:
            OSError: there is none, or nobody gives it.
        """
        stream = _Stream(lambda start: self._asked(address, "OPEN", offset=str(start)))
        try:
            yield stream
        finally:
            stream.close()

    @contextlib.contextmanager
    def _asked(self, address: str, operation: str, **more: str) -> Iterator[requests.Response]:
        troubles = []
        for node in list(self._nodes):
            try:
                answer = self._ask(node, address, {"op": operation, "user.name": self._user, **more})
            except OSError as error:  # requests' errors are of this kind
                troubles.append(f"{node}: {_brief(error)}")
                continue
            with answer:
                trouble = _trouble(answer, address)
                if trouble is None:
                    self._prefer(node)
                    yield answer
                    return
                troubles.append(f"{node}: {trouble}")
        raise EventLogError(f"{address}: no NameNode gives it ({'; '.join(troubles)})")

    def _prefer(self, node: str) -> None:
        self._nodes.remove(node)
        self._nodes.insert(0, node)

    def _ask(self, node: str, address: str, query: dict[str, str]) -> requests.Response:
        import requests

        session = requests.Session()
        # A proxy for the outside world does not know this machine.
        session.trust_env = urlsplit(node).hostname not in _OWN_HOSTS
        path = quote(urlsplit(address.replace("?", "%3F").replace("#", "%23")).path)
        return session.get(f"{node}/webhdfs/v1{path}", params=query, stream=True, timeout=(CONNECT_S, READ_S))


def _trouble(answer: requests.Response, address: str) -> str | None:
    """Why the next one is to be asked; ``None`` for a good answer.

    Raises:
        FileNotFoundError: there is no such file.
        EventLogError: Kerberos is asked for, or the user may not read it.
    """
    if answer.status_code == 401:
        raise kerberos(address)
    if answer.ok:
        return None
    kind, message = _refusal(answer)
    if kind == "FileNotFoundException":
        raise FileNotFoundError(2, "there is no such file", address)
    if answer.status_code == 403 and kind not in _STANDBY:
        raise EventLogError(f"{address}: {message}", "Set HADOOP_USER_NAME to a user that may read it.")
    return f"{kind or answer.status_code}"


def _refusal(answer: requests.Response) -> tuple[str, str]:
    try:
        told: dict[str, Any] = answer.json()["RemoteException"]
        return str(told.get("exception", "")), str(told.get("message", "")).split("\n")[0]
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return "", f"status {answer.status_code}"


class _Stream:
    def __init__(self, opened: Callable[[int], contextlib.AbstractContextManager[requests.Response]]) -> None:
        self._open = opened
        self._held = contextlib.ExitStack()
        self._answer: requests.Response | None = None
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        from urllib3.exceptions import HTTPError

        for attempt in range(1, ATTEMPTS + 1):
            try:
                if self._answer is None:
                    self._answer = self._held.enter_context(self._open(self._at))
                data: bytes = self._answer.raw.read(size)
                self._at += len(data)
                return data
            except HTTPError as error:
                self.close()
                if attempt == ATTEMPTS:
                    raise OSError(f"the connection broke after {self._at} bytes: {error}") from error
        raise AssertionError  # the last attempt returns or raises

    def close(self) -> None:
        """End the connection."""
        self._answer = None
        self._held.close()


def _brief(error: BaseException) -> str:
    # The library nests its causes; the innermost tells what happened.
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return _brief(reason) if isinstance(reason, BaseException) else str(error) or type(error).__name__
