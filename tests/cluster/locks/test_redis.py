"""What a Redis server may do, and what the lock makes of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from launcher.tables.locks.holder import this_process
from launcher.tables.locks.lock import LockLost, LockProblem
from launcher.tables.locks.table_locks import LockRules, hold, locks_of
from sparkjobs.errors import EnvironmentProblem
from tests.cluster.locks.conftest import redis_server
from tests.unit.locks.people import ANNA

TABLE = "/lake/t"
SECRET = "hunter2"


def take(url: str, environ: dict[str, str] | None = None, table: str = TABLE) -> Any:
    """The held lock itself, without a thread that renews it."""
    (lock,) = locks_of([table], LockRules(url), environ or {})
    return lock.acquire(ANNA, lambda died: False)


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(LockProblem) as caught:
        take(f"redis://:{SECRET}@127.0.0.1:1/0")
    assert caught.value.exit_code == 3
    assert "127.0.0.1:1" in caught.value.message
    assert SECRET not in caught.value.message


def test_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", SECRET) as url:
        with pytest.raises(LockProblem, match="cannot be used"):
            take(url)
        take(url, {"SPARKJOBS_LOCK_PASSWORD": SECRET}).release()


def test_a_server_that_forgot_everything_has_lost_the_lock(tmp_path: Path) -> None:
    import redis

    with redis_server(tmp_path) as url:
        held = take(url)
        redis.Redis.from_url(url).flushall()
        with pytest.raises(LockLost, match="ran out"):
            held.renew()
        with pytest.raises(LockLost):
            held.note(ANNA)
        held.release()
        assert take(url).token == 1


def test_a_server_that_stops_is_told_and_the_run_with_it(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        held = take(url)
    with pytest.raises(LockProblem):
        held.renew()
    with pytest.raises(LockProblem):
        held.release()


def test_a_lock_that_cannot_be_given_back_is_told_and_not_raised(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        locks = locks_of([TABLE], LockRules(url), {})
        held = hold(locks, this_process("r", "test"), lambda died: False, print)
    (problem,) = held.release()
    assert "cannot be used" in problem.message


def test_any_name_of_a_table_will_do(redis_url: str) -> None:
    for table in ("/lake/é 表", "/lake/\udcff", "/lake/a}b{c", "/lake/" + "x" * 200):
        take(redis_url, table=table).release()
        assert take(redis_url, table=table).token == 2


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(EnvironmentProblem) as caught:
        take(f"redis://:{SECRET}@127.0.0.1:1/0")
    assert caught.value.hint == "pip install 'sparkjobs[redis]'"
    assert SECRET not in caught.value.message
