"""One object in S3, read and replaced on conditions; a doubt about a write is told, never retried."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from launcher.tables.locks.lock import LockProblem
from launcher.tables.locks.lock_wait import delays_s
from sparkjobs.ingest.storage import S3Settings

# AWS answers 409 to one of two conditional writes at the same moment.
_REFUSED = frozenset({409, 412})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING = 404
_TRIES = 6
_FIRST_S = 0.2
_LONGEST_S = 3.0


@dataclass(frozen=True)
class Written:
    """The store took the object."""

    etag: str


@dataclass(frozen=True)
class Refused:
    """The condition did not hold, or an earlier copy of this very write made it so."""


@dataclass(frozen=True)
class Unknown:
    """No answer that says whether the object was taken."""

    why: str


Outcome = Written | Refused | Unknown


class Cell:
    """One object.

    Args:
        client: boto3's, without retries of its own: a repeated write is refused by what the first one did.
        bucket: its bucket.
        key: its key.
        sleep: waits, seconds.
    """

    def __init__(
        self, client: Any, bucket: str, key: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._sleep = sleep

    @property
    def address(self) -> str:
        """Where it is."""
        return f"s3a://{self._bucket}/{self._key}"

    def read(self) -> tuple[bytes, str] | None:
        """Content and ETag; ``None`` when there is no object.

        Raises:
            LockProblem: the store refuses, or does not answer after several attempts.
        """
        why = ""
        for delay_s in [0.0, *islice(delays_s(_FIRST_S, _LONGEST_S), _TRIES - 1)]:
            if delay_s:
                self._sleep(delay_s)
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=self._key)
                return found["Body"].read(), found["ETag"]
            except Exception as error:
                status, why = self._status(error)
                if status == _MISSING and _code(error) != "NoSuchBucket":
                    return None
                if status is not None and status not in _BUSY:
                    raise self._problem(why) from error
        raise self._problem(why)

    def write(self, content: bytes, expected: str | None) -> Outcome:
        """Replace the object if it has the ETag ``expected``; ``None``: if there is none.

        Raises:
            LockProblem: the store refuses for another reason than the condition.
        """
        # If-None-Match: * creates, If-Match: ETag replaces; S3 answers 412 where somebody was first.
        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        return self._put(content, condition)

    def honours_conditions(self, content: bytes) -> bool:
        """Whether the store refuses a write whose condition does not hold.

        Args:
            content: what the object holds, so that a store that takes it all the same changes nothing.

        Raises:
            LockProblem: the store gives no answer.
        """
        conditions = ({"IfNoneMatch": "*"}, {"IfMatch": '"00000000000000000000000000000000"'})
        return all(isinstance(self._probe(content, condition), Refused) for condition in conditions)

    def _probe(self, content: bytes, condition: Mapping[str, str]) -> Outcome:
        outcome: Outcome = Unknown("")
        for delay_s in islice(delays_s(_FIRST_S, _LONGEST_S), _TRIES):
            outcome = self._put(content, condition)
            if not isinstance(outcome, Unknown):
                return outcome
            self._sleep(delay_s)
        assert isinstance(outcome, Unknown)
        raise self._problem(outcome.why)

    def _put(self, content: bytes, condition: Mapping[str, str]) -> Outcome:
        try:
            done = self._client.put_object(Bucket=self._bucket, Key=self._key, Body=content, **condition)
        except Exception as error:
            status, why = self._status(error)
            gone = status == _MISSING and "IfMatch" in condition and _code(error) != "NoSuchBucket"
            if status in _REFUSED or gone:
                return Refused()
            if status is None or status in _BUSY:
                return Unknown(why)
            raise self._problem(why) from error
        return Written(done["ETag"])

    def _status(self, error: Exception) -> tuple[int | None, str]:
        """The HTTP status, ``None`` for a connection that failed, and what to tell.

        Raises:
            Exception: the error itself when it is none of the store or the way to it.
        """
        from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError

        if isinstance(error, ClientError):
            answer = error.response.get("Error", {})
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            return status, f"{status} {answer.get('Code', '')}: {answer.get('Message', '')}"
        if isinstance(error, NoCredentialsError):
            return 0, "no credentials were found"
        if isinstance(error, (HTTPClientError, OSError)):
            return None, str(error)
        raise error

    def _problem(self, why: str) -> LockProblem:
        return LockProblem(
            f"the lock {self.address} cannot be reached: {why}",
            "Check the endpoint, the credentials, and that they may read and write this object.",
        )


def s3_client(settings: S3Settings, request_s: float) -> Any:
    """A boto3 client that never repeats a request by itself.

    Args:
        settings: how to reach the store.
        request_s: the longest wait for a connection, and for an answer, seconds.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=request_s,
        read_timeout=request_s,
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"} if settings.plain_http else {},
    )
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region or ("us-east-1" if settings.endpoint else None),
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
        config=config,
    )


def _code(error: Exception) -> str:
    response: Mapping[str, Any] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
