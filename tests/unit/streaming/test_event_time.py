"""Event time: how far a stream is, what its batches divide by, which late rows are taken in after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import UsageError, WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.moments import iso, micros
from sparkjobs.streaming.event_time.params import EventTimeParams, check_event_time, need_time_column, rule_of
from sparkjobs.streaming.event_time.replay import Replay, from_line, is_replay, next_replay, to_line
from sparkjobs.streaming.event_time.times import NAME, EventTimes
from sparkjobs.streaming.event_time.watermark import Cut, Rule, advanced, greater, reached
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.records import Record, Records
from sparkjobs.streaming.sources import lists as lists_module
from sparkjobs.streaming.sources.lists import Lists

RULE = Rule(delay_us=10, ahead_us=100)
START = datetime(1970, 1, 1, tzinfo=timezone.utc)
parts = st.dictionaries(st.sampled_from("abcd"), st.integers(-1000, 1000))


@pytest.mark.parametrize(
    ("greatest", "unread", "how_far"),
    [
        ({}, (), None),
        ({"": 5}, (), 5),
        ({"0": 5, "1": 3}, ("0", "1"), 3),
        ({"0": 5, "1": 3}, ("0",), 5),  # what is read to its end holds nothing back
        ({"0": 5, "1": 3}, (), 5),
        ({"0": 5}, ("0", "1"), None),  # nobody knows how far back the new part's rows lie
        ({"0": -5, "1": -3}, ("0", "1"), -5),
    ],
)
def test_a_source_is_as_far_as_the_least_part_with_unread_rows(greatest, unread, how_far):
    assert reached(greatest, unread) == how_far


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 1000))), st.integers(0, 50))
def test_a_watermark_never_goes_back(times, delay):
    mark = None
    for time in times:
        now = advanced(mark, time, delay)
        assert mark is None or (now is not None and now >= mark)
        mark = now
    known = [time for time in times if time is not None]
    assert mark == (max(known) - delay if known else None)


@given(parts, parts)
def test_the_greatest_times_of_two_batches(one, other):
    both = greater(one, other)
    assert set(both) == set(one) | set(other)
    assert all(both[part] == max(m[part] for m in (one, other) if part in m) for part in both)


def test_times_that_no_calendar_knows_are_shown():
    assert iso(0) == "1970-01-01T00:00:00.000000Z"
    assert iso(-(10**18)).startswith("0001-01-01")
    assert iso(10**18).startswith("9999-12-31")
    assert micros(datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)) == -1_000_000


class Stream:
    """The times of a stream whose clock and source stand where a test puts them."""

    def __init__(self, folder, rule=RULE):
        self.folder = Folder(str(folder), S3Settings())
        self.rule = rule
        self.unread: tuple[str, ...] = ()
        self.now = START
        self.restart()

    def restart(self):
        self.records = Records(self.folder)
        self.times = EventTimes(self.rule, self.folder, self.records, lambda: self.unread, lambda: self.now)

    def batch(self, number, found, *, lists=None, replayed=False):
        """Do a batch whose accepted rows have these greatest times; what it divided by."""
        lists = (number,) if lists is None else lists
        begun = self.times.begin(number, lists, replayed=replayed)
        self.records.write(number, begun.noted(Record(tuple(lists), ("/t",)), found))
        return begun.cut


def test_each_batch_divides_by_the_batches_before_it(tmp_path):
    stream = Stream(tmp_path)
    stream.times.looked(0)
    assert stream.batch(0, {"": 50}) == Cut(None, 100)
    assert stream.batch(1, {"": 40}) == Cut(40, 100)
    assert stream.batch(2, {}) == Cut(40, 100)  # a batch all late
    stream.restart()
    assert stream.batch(3, {"": 90}) == Cut(40, 100)
    assert stream.batch(4, {"": 90}) == Cut(80, 100)


def test_a_repeated_batch_divides_as_before_whatever_the_clock_says(tmp_path):
    stream = Stream(tmp_path)
    stream.times.looked(0)
    stream.batch(0, {"": 50})
    first = stream.batch(1, {"": 60})
    stream.now = START.replace(year=1971)
    stream.restart()
    stream.times.looked(9)
    assert stream.batch(1, {"": 60}) == first
    assert stream.times.begin(1, (7,), replayed=False).cut.latest_us > first.latest_us  # another batch


def test_it_stands_still_until_what_lay_there_first_is_read(tmp_path):
    stream = Stream(tmp_path)
    stream.times.looked(3)
    stream.times.looked(5)  # what comes later is not waited for
    for number in range(2):
        assert stream.batch(number, {"": 10 * number}).watermark_us is None
    stream.restart()
    stream.times.looked(8)
    assert stream.batch(2, {"": 5}).watermark_us is None
    assert stream.batch(3, {"": 5}).watermark_us == 0
    (tmp_path / NAME).write_text("{")
    stream.restart()
    with pytest.raises(WriteError, match=NAME):
        stream.times.looked(8)


def test_of_parts_the_slowest_with_unread_rows_counts(tmp_path):
    stream = Stream(tmp_path)
    stream.times.looked(0)
    stream.unread = ("0", "1")
    stream.batch(0, {"0": 50})
    assert stream.batch(1, {"1": 30}).watermark_us is None
    assert stream.batch(2, {"0": 60}).watermark_us == 20
    stream.unread = ("0",)
    assert stream.batch(3, {}).watermark_us == 50
    stream.unread = ("0", "1")
    assert stream.batch(4, {}).watermark_us == 50


def test_rows_taken_in_after_all_are_not_divided_and_move_nothing(tmp_path):
    stream = Stream(tmp_path)
    stream.times.looked(0)
    stream.batch(0, {"": 50})
    stream.batch(1, {"": 50})
    assert stream.batch(2, {}, replayed=True) is None
    assert stream.batch(3, {"": 50}) == Cut(40, 100)


def test_without_the_flag_nothing_is_divided_and_the_start_is_kept(tmp_path):
    stream = Stream(tmp_path, rule=None)
    stream.times.looked(4)
    assert stream.batch(0, {}) is None
    assert not (tmp_path / NAME).exists()
    assert stream.records.read(0).started == "1970-01-01T00:00:00+00:00"


def test_records_of_0_1_0_begin_without_times(tmp_path):
    (tmp_path / "batches").mkdir()
    (tmp_path / "batches" / "0.json").write_text('{"lists": [0], "tables": ["/t"]}')
    stream = Stream(tmp_path)
    stream.times.looked(0)
    assert stream.times.begin(0, (0,), replayed=False).cut == Cut(None, 100)
    assert stream.times.begin(1, (1,), replayed=False).cut == Cut(None, 100)


@dataclass(frozen=True)
class Params(EventTimeParams):
    output: str = "/out"


def test_the_flags():
    assert rule_of(Params()) is None
    assert rule_of(Params(watermark="10 minutes")) == Rule(600_000_000, 3_600_000_000)
    assert rule_of(Params(watermark="1 second", max_ahead="1 day")) == Rule(1_000_000, 86_400_000_000)
    for flag, params in (("--max-ahead", Params(max_ahead="1 day")), ("--late", Params(late="/l"))):
        with pytest.raises(UsageError, match=f"{flag} needs --watermark"):
            check_event_time(params)
    check_event_time(Params(watermark="1 day", max_ahead="1 day", late="/l"))
    with pytest.raises(UsageError, match="--watermark needs --time-column"):
        need_time_column(Params(watermark="1 day"))
    with pytest.raises(UsageError, match="--time-column needs --watermark"):
        need_time_column(Params(time_column="t"))


def test_late_rows_are_taken_in_once():
    first = next_replay(7, "/late", 4, [])
    assert first == Replay(7, "/late", 0, 4)
    assert next_replay(8, "/late", 4, [first]) is None
    assert next_replay(8, "/late", 6, [first]) == Replay(8, "/late", 5, 6)
    assert next_replay(8, "/other", 4, [first]) == Replay(8, "/other", 0, 4)


@pytest.mark.parametrize("table", ["/late", '/l"replay": "x', "/\u00e9 \\"])
def test_a_list_of_late_rows_is_none_of_the_sources(tmp_path, table):
    lists = Lists(Folder(str(tmp_path), S3Settings()))
    lists.append(['{"list": 0, "path": "/in/\\"replay\\": a"}'])
    replay = Replay(1, table, 0, 3)
    lists.append([to_line(replay)])
    assert (len(lists.read(0)), lists.read(1)) == (1, [])
    assert [from_line(line) for line in lists.replays()] == [replay]
    assert is_replay([to_line(replay)])
    assert not is_replay(lists.read(0))
    # A table that is read may be partitioned by a column of that name.
    lists.append(['{"list": 2, "version": 1, "add": {"path": "a", "partitionValues": {"replay": "x"}}}'])
    assert len(lists.read(2)) == 1
    assert not is_replay(lists.read(2))


def test_lists_that_are_folded_keep_the_late_rows_that_were_taken_in(tmp_path, monkeypatch):
    monkeypatch.setattr(lists_module, "FOLDED", 2)
    monkeypatch.setattr(lists_module, "KEPT", 0)
    lists = Lists(Folder(str(tmp_path), S3Settings()))
    lists.append(['{"list": 0}'])
    lists.append([to_line(Replay(1, "/late", 0, 3))])
    lists.fold(2)
    assert [from_line(line) for line in lists.replays()] == [Replay(1, "/late", 0, 3)]
    assert list(lists.every()) == ['{"list": 0}']
