"""Ask a manager over HTTP: short timeouts, few retries, one error when nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sparkjobs.errors import SparkjobsError

if TYPE_CHECKING:
    import requests

CONNECT_S, READ_S = 2.0, 5.0
ATTEMPTS = 3
PAUSE_S = 0.5
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class NoAnswer(SparkjobsError):
    """Nobody answers at an address, or not as that manager would."""


def ask(
    method: str, url: str, *, params: dict[str, str] | None = None, json: Any = None, attempts: int = ATTEMPTS
) -> requests.Response:
    """Send one request that may be repeated without harm; any answer below 500 is one.

    Args:
        method: such as ``GET``.
        url: what is asked.
        params: its query.
        json: its body.
        attempts: how often it is tried when the connection fails or the server is in trouble.

    Raises:
        NoAnswer: no connection, no answer in time, or trouble at the server each time.
    """
    import requests
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    retrying = Retrying(
        stop=stop_after_attempt(attempts), wait=wait_exponential(PAUSE_S),
        retry=retry_if_exception_type(requests.RequestException), reraise=True,
    )  # fmt: skip
    try:
        return retrying(_once, method, url, params, json)
    except requests.RequestException as error:
        raise NoAnswer(f"{_without_query(url)} does not answer: {_brief(error)}") from error


def _once(method: str, url: str, params: dict[str, str] | None, json: Any) -> requests.Response:
    import requests

    with requests.Session() as session:
        # A proxy for the outside world does not know this machine.
        session.trust_env = urlsplit(url).hostname not in _OWN_HOSTS
        answer = session.request(method, url, params=params, json=json, timeout=(CONNECT_S, READ_S))
    if answer.status_code >= 500:
        raise requests.HTTPError(f"status {answer.status_code}")
    return answer


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _brief(error: Exception) -> str:
    # The library nests its causes; the innermost tells what happened.
    cause: BaseException = error
    while (inner := _inner(cause)) is not None:
        cause = inner
    return str(cause) or type(cause).__name__


def _inner(error: BaseException) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    return next((part for part in error.args if isinstance(part, BaseException)), None)
