"""The autoscaler between a stream and its executors, which here remember what they were told."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from sparkjobs.streaming.progress.batch_progress import BatchProgress, Seconds
from sparkjobs.streaming.scaling.autoscaler import Autoscaler
from sparkjobs.streaming.scaling.rules import Rules
from tests.unit.streaming.test_progress import LINE

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
RULES = Rules(trigger_s=10, latency_s=20, least=1, most=6, start_s=5)


class Told:
    """Executors; ``busy`` of them cannot be ended."""

    def __init__(self, alive: int) -> None:
        self.number = alive
        self.asked: list[int] = []
        self.released: list[int] = []
        self.busy = 0
        self.work: float | None = None

    def alive(self) -> int:
        return self.number

    def worked(self) -> float | None:
        return self.work

    def ask(self, number: int) -> None:
        self.asked.append(number)
        self.number = max(self.number, number)

    def release(self, number: int) -> None:
        self.released.append(number)
        self.number = max(self.busy, number)


class Played:
    """A stream: each look finds rows, a batch takes them."""

    def __init__(self, start: int = 2, alive: int = 6, left: int = 0) -> None:
        self.s = 0.0
        self.lists = self.unread = left
        self.told = Told(alive)
        self.scaler = Autoscaler(
            RULES, start, self.told, lambda: self.lists, lambda: self.unread, left, lambda: self.s,
            lambda: NOON + timedelta(seconds=self.s),
        )  # fmt: skip
        self.scaler.begin()

    def look(self, files: int, lists: int = 1) -> None:
        self.s += 10
        self.unread += files
        self.lists += lists if files else 0
        self.scaler.looked()

    def batch(self, rows: int | None, seconds: float, files: int = 0) -> None:
        self.s += seconds
        self.unread -= files
        took = Seconds(seconds, 0, 0, seconds, 0, 0)
        done: BatchProgress = replace(
            LINE, rows=rows, seconds=took, lag=self.unread, executors=self.told.number
        )
        self.scaler.batch_done(done)
        self.s -= seconds

    def usual(self, times: int, rows: int = 1000, seconds: float = 5.0) -> None:
        for _ in range(times):
            self.look(10)
            self.batch(rows, seconds, 10)


def test_the_target_is_set_before_the_first_batch() -> None:
    played = Played(start=2, alive=6)
    assert played.told.released == [2]
    assert played.scaler.target == 2


def test_more_are_asked_for_when_batches_take_too_long() -> None:
    played = Played()
    played.usual(2, seconds=18.0)
    assert played.told.asked == [4]
    assert played.scaler.target == 4


def test_each_change_is_told_once_with_its_moment_and_reason() -> None:
    played = Played()
    played.usual(1)
    assert played.scaler.decided() == (), "two go on to be two"
    played.usual(1, seconds=18.0)
    (only,) = played.scaler.decided()
    assert (only.ts, only.target) == ("2026-01-31T12:00:38.000Z", 4)
    assert only.reason.startswith("100 rows/s: a batch on 2 takes 18 s of 10 s")
    assert played.scaler.decided() == ()


def test_rows_that_wait_are_told_by_the_files_of_the_batches_before(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sparkjobs")
    played = Played()
    played.usual(6)
    played.look(35)
    assert played.told.asked == [4], "17.5 s of work on two executors, before it begins"
    assert "the 1 that wait" in caplog.text
    assert "executors: 4" in caplog.text


def test_executors_are_released_after_a_batch_and_never_while_one_waits() -> None:
    played = Played(start=6)
    played.usual(5, seconds=1.0)
    assert played.told.released == [6]
    played.usual(2, seconds=1.0)
    assert played.told.released == [6, 3]


def test_one_that_was_busy_is_released_when_it_is_idle() -> None:
    played = Played(start=6)
    played.told.busy = 5
    played.usual(8, seconds=1.0)
    assert played.told.number == 5
    assert played.told.released.count(3) >= 2
    played.told.busy = 0
    played.usual(1, seconds=1.0)
    assert played.told.number == played.scaler.target


def test_silence_gives_executors_back_after_looks_that_find_nothing() -> None:
    played = Played(start=6)
    played.usual(3)
    for _ in range(20):
        played.look(0)
    assert played.scaler.target == 1
    assert played.told.number == 1


def test_a_batch_that_runs_on_is_told_each_trigger_once_and_releases_nobody() -> None:
    played = Played(start=1, alive=1)
    played.look(10)
    for _ in range(160):
        played.s += 0.2
        played.scaler.runs_on()
    assert played.told.asked == [2, 4]
    assert played.told.released == [1]


def test_lists_of_an_earlier_run_wait() -> None:
    played = Played(left=3)
    played.look(0)
    assert not played.told.asked
    for _ in range(3):
        played.batch(1000, 5.0, 1)
    assert played.scaler.target == 2


def test_a_batch_that_the_tables_held_already_is_no_measure() -> None:
    played = Played()
    played.look(10)
    played.batch(None, 0.1, 10)
    played.usual(3)
    assert played.scaler.target == 2


def test_files_that_came_while_a_batch_ran_late_wait_too() -> None:
    played = Played()
    played.usual(3)
    played.look(10)
    played.unread += 30
    played.batch(1000, 15.0, 10)
    assert played.scaler.target == 3, "30 files of 100 rows, before any look has listed them"


def test_what_the_tasks_of_a_batch_took_is_told_and_nothing_where_an_account_is_gone() -> None:
    played = Played()
    for work in (2.0, 9.0, 11.0, 4.0, 5.0, None, 7.0, 8.5):
        played.look(10)
        played.told.work = work
        played.batch(1000, 5.0, 10)
    counted = [batch.work for batch in played.scaler._memory.batches]
    # The first batch is no measure; 4.0 after 11.0: an executor was forgotten; None: nobody knows.
    assert counted == [7.0, 2.0, None, 1.0, None, None, 1.5]
