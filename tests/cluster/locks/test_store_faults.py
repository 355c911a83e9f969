"""What an S3 store and the way to it may do, and what the lease makes of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

from launcher.tables.locks.cell import Cell, s3_client
from launcher.tables.locks.holder import Holder
from launcher.tables.locks.lease import Terms
from launcher.tables.locks.lock import Locked, LockLost, LockProblem
from launcher.tables.locks.observations import Observations
from launcher.tables.locks.s3_lock import HeldLease, S3Lock
from sparkjobs.errors import EnvironmentProblem
from sparkjobs.ingest.storage import S3Settings
from tests.cluster.locks import conftest
from tests.cluster.locks.proxy import Trouble, proxy
from tests.spark.object_store import KEYS, REGION
from tests.unit.locks.people import ANNA

TABLE = "s3a://lake/t"


class Store:
    """A lock object behind a proxy, and a way around the proxy."""

    def __init__(self, endpoint: str, way: str, trouble: Trouble) -> None:
        self.trouble = trouble
        self.key = f"{uuid.uuid4().hex}/.t.sparkjobs.lock"
        self.waits: list[float] = []
        self._endpoint, self._way = endpoint, way
        self._clients: dict[float, Any] = {}

    def lock(self, *, bucket: str = conftest.BUCKET, request_s: float = 5.0) -> S3Lock:
        cell = Cell(self._client_on_the_way(request_s), bucket, self.key, self.waits.append)
        return S3Lock(TABLE, cell, Terms(), Observations(None, self.key))

    def take(self, **how: object) -> HeldLease:
        return self.lock(**how).acquire(ANNA, _nobody)  # type: ignore[arg-type]

    def is_free(self) -> bool:
        try:
            self.take().release()
        except Locked:
            return False
        return True

    @property
    def content(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(
            self._client.get_object(Bucket=conftest.BUCKET, Key=self.key)["Body"].read()
        )
        return found

    def put(self, body: bytes) -> None:
        self._client.put_object(Bucket=conftest.BUCKET, Key=self.key, Body=body)

    def delete(self) -> None:
        self._client.delete_object(Bucket=conftest.BUCKET, Key=self.key)

    @cached_property
    def _client(self) -> Any:
        return conftest.s3_client(self._endpoint)

    def _client_on_the_way(self, request_s: float) -> Any:
        if request_s not in self._clients:
            keys = KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]
            self._clients[request_s] = s3_client(S3Settings(self._way, REGION, *keys), request_s)
        return self._clients[request_s]


def _nobody(holder: Holder) -> bool:
    raise AssertionError(f"{holder.run_id} is not known to be dead")


@pytest.fixture
def store(s3_endpoint: str) -> Iterator[Store]:
    trouble = Trouble()
    with proxy(s3_endpoint, trouble) as way:
        yield Store(s3_endpoint, way, trouble)


LOST = ["lose the answer", "say 412 after success", "answer too late"]


@pytest.mark.parametrize("what", LOST)
def test_a_lock_whose_answer_was_lost_is_known_as_ours(store: Store, what: str) -> None:
    store.trouble.plan("PUT", what)
    held = store.take(request_s=0.5)
    assert held.token == 1
    assert not store.is_free()
    held.release()
    assert store.take().token == 2


@pytest.mark.parametrize("what", LOST)
def test_a_renewal_whose_answer_was_lost_counts(store: Store, what: str) -> None:
    held = store.take(request_s=0.5)
    before = store.content["nonce"]
    store.trouble.plan("PUT", what)
    held.renew()
    assert store.content["nonce"] != before
    held.renew()
    held.release()
    assert store.content["released"] is True


@pytest.mark.parametrize("what", LOST)
def test_a_release_whose_answer_was_lost_has_happened(store: Store, what: str) -> None:
    held = store.take(request_s=0.5)
    store.trouble.plan("PUT", what)
    held.release()
    assert store.content["released"] is True
    assert store.is_free()


@pytest.mark.parametrize("what", ["503", "429", "500", "reset"])
def test_a_busy_store_is_asked_again_with_growing_waits(store: Store, what: str) -> None:
    store.trouble.plan("GET", what, what, what)
    assert store.take().token == 1
    assert len(store.waits) == 3
    assert store.waits[2] > store.waits[0]


@pytest.mark.parametrize("what", ["503", "reset"])
def test_a_write_that_did_not_happen_is_made_again(store: Store, what: str) -> None:
    store.trouble.plan("PUT", what, what)
    assert store.take().token == 1


@pytest.mark.parametrize("what", ["503", "reset"])
def test_a_store_that_stays_busy_is_left_after_a_bounded_time(store: Store, what: str) -> None:
    store.trouble.always["GET"] = what
    with pytest.raises(LockProblem) as caught:
        store.take()
    assert caught.value.exit_code == 3
    assert f"s3a://lake/{store.key}" in caught.value.message
    assert len(store.trouble.seen) == 6
    assert sum(store.waits) < 10


def test_a_renewal_that_fails_says_so_and_the_next_one_works(store: Store) -> None:
    held = store.take()
    store.trouble.plan("PUT", "503")
    with pytest.raises(LockProblem, match="was not renewed: 503"):
        held.renew()
    held.renew()
    assert not store.is_free()


def test_a_refusal_is_told_at_once(store: Store) -> None:
    store.trouble.always["GET"] = "403"
    with pytest.raises(LockProblem, match="403 Trouble"):
        store.take()
    assert store.waits == []


def test_a_bucket_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(LockProblem, match="NoSuchBucket"):
        store.take(bucket="no-such-lake")


@pytest.mark.parametrize("what", ["ignore conditions", "ignore if-match"])
def test_a_store_that_ignores_conditions_is_refused_and_nothing_stays_held(store: Store, what: str) -> None:
    store.trouble.always["PUT"] = what
    with pytest.raises(EnvironmentProblem) as caught:
        store.take()
    assert "condition does not hold" in caught.value.message
    assert store.content["released"] is True


def test_a_probe_meets_a_busy_store_too(store: Store) -> None:
    store.trouble.plan("PUT", "pass", "503", "reset")
    held = store.take()
    assert not store.is_free()
    held.release()


def test_a_lock_that_somebody_took_over_is_lost(store: Store) -> None:
    held = store.take()
    thief = {**store.content, "owner": "other", "token": 2, "nonce": "x"}
    store.put(json.dumps(thief).encode())
    with pytest.raises(LockLost, match=f"taken over by run {ANNA.run_id}"):
        held.renew()
    held.release()
    assert store.content == thief


def test_a_lock_object_that_was_deleted_is_lost(store: Store) -> None:
    held = store.take()
    store.delete()
    with pytest.raises(LockLost, match="was deleted"):
        held.renew()


def test_an_object_that_is_no_lock_is_left_alone(store: Store) -> None:
    store.put(b"precious")
    with pytest.raises(LockProblem, match="is no lock"):
        store.take()
    assert store.trouble.seen == ["GET"]
