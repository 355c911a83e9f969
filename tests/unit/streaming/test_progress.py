"""What is told of a batch: where its time went, and who is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from sparkjobs.streaming.progress.batch_progress import (
    BatchProgress,
    Decided,
    Seconds,
    from_line,
    most_behind,
    to_line,
)
from sparkjobs.streaming.progress.reporter import Reporter, Surroundings

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
LINE = BatchProgress(
    "2026-01-31T12:00:00.000Z", 7, 10, 2.5, Seconds(1.0, 0.1, 0.2, 0.4, 0.2, 0.1), 3, 0, None, 2, 4
)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self):
        self.s = 100.0

    def __call__(self):
        return self.s


class Heard(list):
    def batch_done(self, progress):
        self.append(progress)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def reporter(clock, heard):
    return Reporter([heard], Surroundings(lag=lambda: {"files": 5}, executors=lambda: 2), clock, lambda: NOON)


def test_a_line_is_read_as_it_was_written_and_its_keys_are_the_contract_s():
    assert from_line(to_line(LINE)) == LINE
    assert to_line(LINE) == (
        '{"ts": "2026-01-31T12:00:00.000Z", "batch": 7, "rows": 10, "input_rows_per_s": 2.5, "seconds": '
        '{"total": 1.0, "plan": 0.1, "read": 0.2, "work": 0.4, "commit": 0.2, "bookkeeping": 0.1}, '
        '"lag": 3, "state_rows": 0, "watermark": null, "executors": 2, "target": 4}'
    )


def test_decisions_stand_in_the_line_where_there_are_some():
    decided = (
        Decided("2026-01-31T11:59:50.000Z", 4, "a batch on 2 takes 18 s"),
        Decided("2026-01-31T11:59:59.500Z", 5, "it runs on"),
    )
    line = to_line(replace(LINE, decisions=decided))
    assert json.loads(line)["decisions"] == [
        {"ts": "2026-01-31T11:59:50.000Z", "target": 4, "reason": "a batch on 2 takes 18 s"},
        {"ts": "2026-01-31T11:59:59.500Z", "target": 5, "reason": "it runs on"},
    ]
    assert from_line(line).decisions == decided
    assert from_line(line.replace('"target": 5', '"later": 1, "target": 5')).decisions == decided
    assert [one.at_ms % 60_000 for one in decided] == [50_000, 59_500]
    with pytest.raises(ValueError):
        from_line(line.replace('"reason"', '"cause"'))


def test_the_lag_of_a_topic_stands_in_the_line_by_partition_too(heard):
    reporter = Reporter([heard], Surroundings(lag=lambda: {"0": 5, "1": 0, "10": 7}))
    with reporter.batch(0):
        pass
    line = json.loads(to_line(heard[0]))
    assert line["lag"] == 12
    assert line["lag_by_partition"] == {"0": 5, "1": 0, "10": 7}
    assert from_line(to_line(heard[0])) == heard[0]


@pytest.mark.parametrize(
    ("lags", "text"),
    [
        ({"0": 5, "1": 1200}, "1,200 of it in partition 1"),
        ({"0": 5, "1": 5}, "5 of it in partition 0"),
        ({"0": 0, "1": 0}, ""),
        ({}, ""),
    ],
)
def test_the_partition_that_lags_most_is_named(lags, text):
    assert most_behind(lags) == text


def test_a_source_of_one_part_and_one_that_does_not_tell_have_no_partitions(heard):
    for lag in ({"files": 3}, {"0": 3}, None):
        reporter = Reporter([heard], Surroundings(lag=lambda lag=lag: lag))
        with reporter.batch(0):
            pass
    assert [one.lag for one in heard] == [3, 3, None]
    assert all("lag_by_partition" not in to_line(one) for one in heard)


def test_a_batch_tells_the_decisions_since_the_one_before(heard):
    waiting = [(), (Decided("2026-01-31T12:00:00.000Z", 3, "why"),)]
    reporter = Reporter([heard], Surroundings(decisions=waiting.pop))
    for number in (0, 1):
        with reporter.batch(number):
            pass
    assert [[one.target for one in progress.decisions] for progress in heard] == [[3], []]


def test_keys_of_later_versions_are_passed_over_and_half_a_line_is_none():
    assert from_line(to_line(LINE).replace('"lag"', '"later": 1, "lag"')) == LINE
    for text in (to_line(LINE)[:60], "{}", "[]", "7", ""):
        with pytest.raises(ValueError):
            from_line(text)


def test_the_time_of_a_batch_is_told_by_phases_from_the_look_that_found_it(reporter, clock, heard):
    reporter.listed([0, 1], 101.0)
    clock.s = 103.0  # two seconds after the look Spark hands the batch over
    with reporter.batch(0) as measured:
        measured.lists = (0,)
        for phase, seconds in (("plan", 0.5), ("read", 1.0), ("work", 4.0), ("commit", 2.0)):
            with measured.phase(phase):
                clock.s += seconds
        clock.s += 0.25
        measured.rows = 10
    assert heard == [
        BatchProgress(
            "2026-01-31T12:00:00.000Z", 0, 10, None, Seconds(9.75, 2.5, 1.0, 4.0, 2.0, 0.25), 5, None, None, 2
        )
    ]


def test_the_wait_for_input_is_no_time_of_a_batch_and_the_batch_before_is_neither(reporter, clock, heard):
    def batch(number):
        with reporter.batch(number) as measured:
            measured.lists = (number,)
            measured.rows = 30
            clock.s += 1.0

    reporter.listed([0, 1], 100.0)
    batch(0)
    clock.s += 0.5
    batch(1)  # lay there already, so it could begin when the one before was done
    clock.s += 1000.0
    reporter.listed([2], clock.s - 2)
    batch(2)
    assert [progress.seconds.plan for progress in heard] == [0.0, 0.5, 2.0]
    assert [progress.seconds.total for progress in heard] == [1.0, 1.5, 3.0]
    assert [progress.input_rows_per_s for progress in heard] == [None, 30.0, 0.03]


def test_a_batch_that_fails_is_not_told(reporter, heard):
    with pytest.raises(OSError, match="full"), reporter.batch(0):
        raise OSError("full")
    assert heard == []


def test_rows_that_nobody_knows_are_unknown(reporter, clock, heard):
    for number in (0, 1):
        with reporter.batch(number):
            clock.s += 1.0
    assert [(progress.rows, progress.input_rows_per_s) for progress in heard] == [(None, None)] * 2


def test_a_batch_is_not_done_before_all_have_been_told():
    told = []

    class Asks:
        def batch_done(self, progress):
            told.append(reporter.busy)

    reporter = Reporter([Asks(), Asks()])
    reporter.listed([3], 0.0)
    with reporter.batch(0) as measured:
        measured.lists = (3,)
    assert told == [True, True]
    assert not reporter.busy


def test_a_batch_that_is_done_early_waited_since_its_look_began_and_not_since_the_batch_before(
    reporter, clock, heard
):
    clock.s += 3600
    reporter.looks(clock.s)
    clock.s += 2
    with reporter.batch(7) as measured:
        measured.lists = (9,)
        clock.s += 1
    reporter.listed([9, 10], clock.s - 3)
    assert (heard[0].seconds.total, heard[0].seconds.plan) == (3.0, 2.0)


def test_a_batch_that_is_done_before_the_look_that_wrote_its_list_is_over_does_not_wait_for_ever(reporter):
    for number, lists in enumerate([(0,), (1,)]):
        with reporter.batch(number) as measured:
            measured.lists = lists
    reporter.listed([0, 1, 2], 100.0)  # Spark saw the first two while the third was written
    assert reporter.busy
    with reporter.batch(2) as measured:
        measured.lists = (2,)
    assert not reporter.busy
    reporter.wait_free(0.0)
    reporter.listed([3], 100.0)
    assert reporter.busy
