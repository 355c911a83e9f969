"""Offsets on lists: nothing twice, nothing lost, no batch above its bound, whatever the partitions hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import UsageError, WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.kafka.pinned import NO_ID, Pinned, keep_pinned, read_pinned, refuse_other
from sparkjobs.streaming.sources.kafka.ranges import (
    Loss,
    Range,
    cut,
    cut_back,
    ends_of,
    from_line,
    lost,
    share,
    to_line,
    trimmed,
)
from sparkjobs.streaming.sources.kafka.start import begun
from sparkjobs.streaming.sources.start import Start, start_of

WAITING = st.dictionaries(st.integers(0, 30), st.integers(0, 1000), max_size=12)


@given(st.integers(0), st.integers(0, 9999), st.integers(0), st.integers(0))
def test_a_line_keeps_a_range(number, partition, begin, count):
    part = Range(partition, begin, begin + count)
    line = to_line(number, "t", part)
    assert "\n" not in line
    assert from_line(line) == part


@given(WAITING, st.integers(1, 500), st.integers(0, 50))
def test_shares_fill_the_bound_and_never_go_beyond(waiting, most, turn):
    taken = share(waiting, most, turn)
    assert taken.keys() == waiting.keys()
    assert all(0 <= taken[part] <= waiting[part] for part in waiting)
    assert sum(taken.values()) == min(most, sum(waiting.values()))
    busy = [part for part, count in waiting.items() if count]
    if most >= len(busy):
        assert all(taken[part] for part in busy)


def test_shares_are_in_proportion():
    taken = share({0: 900, 1: 100, 2: 0}, 100)
    assert (abs(taken[0] - 90), abs(taken[1] - 10), taken[2]) <= (1, 1, 0)


def test_more_partitions_than_rows_have_their_turn():
    seen: dict[int, int] = dict.fromkeys(range(5), 0)
    for turn in range(5):
        for part, count in share(dict.fromkeys(range(5), 100), 2, turn).items():
            seen[part] += count
    assert set(seen.values()) == {2}


@given(WAITING, WAITING, st.integers(1, 300), st.integers(0, 9))
def test_pieces_cover_everything_once_in_order(begin, more, most, first):
    end = {part: at + more.get(part, 0) for part, at in begin.items()}
    at = dict(begin)
    for ranges in cut(begin, end, most, first):
        assert [part.partition for part in ranges] == sorted(begin)  # each list names every partition
        assert 0 < sum(part.count for part in ranges) <= most
        assert all(part.begin == at[part.partition] for part in ranges)
        at = ends_of(ranges)
    assert at == end


def test_what_is_gone_is_found_on_both_sides():
    assert lost({0: 5, 1: 5, 2: 5}, {0: 7, 1: 5}) == [Loss(0, 5, 7)]
    assert cut_back({0: 5, 1: 5, 2: 5}, {0: 3, 1: 9}) == [Loss(0, 3, 5)]
    ranges = [Range(0, 5, 9), Range(1, 0, 3), Range(2, 0, 3)]
    assert trimmed(ranges, {0: 7, 1: 3}) == [Range(0, 7, 9), Range(2, 0, 3)]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (None, Start("earliest")),
        ("earliest", Start("earliest")),
        ("latest", Start("latest")),
        ("1970-01-01T00:00:01Z", Start("moment", 1000)),
        ("1970-01-01T00:00:01.0001Z", Start("moment", 1001)),
        ("1970-01-02", Start("moment", 86_400_000)),
        ("1960-01-01", Start("moment", 0)),
        ('{"0": 12, "1": -2}', Start("offsets", offsets={0: 12, 1: -2})),
        ('{"t": {"0": 12}}', Start("offsets", offsets={0: 12})),
    ],
)
def test_starts(text, start):
    assert start_of(text, "UTC", "t") == start
    if start.kind != "offsets":
        assert start_of(text, "UTC") == start


def test_a_time_without_a_zone_is_the_streams():
    assert start_of("1970-01-01T01:00:00", "Europe/Paris") == Start("moment", 0)


@pytest.mark.parametrize(
    "text",
    ["", "now", "12", "{", "{}", '{"a": 1}', '{"0": "1"}', '{"0": -3}', '{"0": true}', '{"u": {"0": 1}}'],
)
def test_other_starts_are_refused(text):
    with pytest.raises(UsageError, match="--start"):
        start_of(text, "UTC", "t")


@pytest.mark.parametrize("text", ["", "now", "12", '{"0": 12}', "2026-03-29T02:30:00", "0001-01-01"])
def test_a_table_begins_at_no_offsets_and_at_no_time_that_is_none(text):
    with pytest.raises(UsageError, match="--start") as refused:
        start_of(text, "Europe/Paris")
    assert "offsets such as" not in refused.value.hint


def test_where_partitions_begin():
    first, last = {0: 5, 1: 0}, {0: 9, 1: 4}
    assert begun(Start("earliest"), first, last, {}) == first
    assert begun(Start("latest"), first, last, {}) == last
    assert begun(Start("moment", 1), first, last, {0: 7}) == {0: 7, 1: 4}
    assert begun(Start("offsets", offsets={0: -2, 1: -1}), first, last, {}) == {0: 5, 1: 4}
    assert begun(Start("offsets", offsets={0: 9, 1: 2}), first, last, {}) == {0: 9, 1: 2}


@pytest.mark.parametrize(
    ("offsets", "said"),
    [
        ({0: 5}, "no offset of partition 1"),
        ({0: 5, 1: 0, 2: 0}, "partition 2, which the topic does not have"),
        ({0: 4, 1: 0}, "partition 0 holds offsets 5 to 9, not 4"),
        ({0: 5, 1: 5}, "partition 1 holds offsets 0 to 4, not 5"),
    ],
)
def test_offsets_that_are_not_there_are_refused(offsets, said):
    with pytest.raises(UsageError) as refused:
        begun(Start("offsets", offsets=offsets), {0: 5, 1: 0}, {0: 9, 1: 4}, {})
    assert said in refused.value.message


def test_the_topic_is_pinned(tmp_path):
    folder = Folder(str(tmp_path), S3Settings())
    assert read_pinned(folder) is None
    pinned = Pinned("c", "t", "i", {0: 5, 10: 7})
    keep_pinned(folder, pinned)
    assert read_pinned(folder) == pinned
    refuse_other("/c", pinned, "c", "i")
    refuse_other("/c", pinned, "c", NO_ID)  # an old broker tells none
    with pytest.raises(WriteError, match="belong to the cluster d"):
        refuse_other("/c", pinned, "d", "i")
    with pytest.raises(WriteError, match="made anew"):
        refuse_other("/c", pinned, "c", "j")
    (tmp_path / "kafka.json").write_text("{")
    with pytest.raises(WriteError, match=r"kafka\.json cannot be read"):
        read_pinned(folder)
