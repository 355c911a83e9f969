"""Lists of arrived files: every file is on one list, whatever its name, in runs of any length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import DataError, WriteError
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.files.arrivals import (
    Arrival,
    Arrivals,
    Changes,
    changes,
    cut,
    from_line,
    to_line,
)
from sparkjobs.streaming.sources.files.skips import Skips
from sparkjobs.streaming.sources.skip import Skip

NAMES = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=12)


def checkpoint(path):
    return Folder(str(path), S3Settings())


def arrivals_of(path, **progress):
    return Arrivals(checkpoint(path), Skips(checkpoint(path)), **progress)


def on_lists(path):
    lists = sorted((path / "arrivals").glob("*.jsonl"))
    return [[from_line(line) for line in one.read_text().splitlines()] for one in lists]


@given(st.text(), st.integers(0), st.integers(0), st.none() | st.integers(0))
def test_a_line_keeps_any_name(path, size, number, time):
    item = Arrival(number, InputFile(path, size, time))
    line = to_line(item)
    assert line.isascii()
    assert "\n" not in line
    assert from_line(line) == item
    assert from_line(line).file.modified_ns == time


def test_a_line_of_0_1_0_has_no_time():
    line = '{"list": 3, "path": "/in/a", "size": 5}'
    assert from_line(line) == Arrival(3, InputFile("/in/a", 5))
    assert from_line(line).file.modified_ns is None


def test_a_name_that_is_not_utf8_survives():
    name = b"/in/\xff\xfe.txt".decode("utf-8", errors="surrogateescape")
    assert from_line(to_line(Arrival(0, InputFile(name, 1)))).file.path == name


@given(NAMES, st.integers(1, 5))
def test_cutting_loses_nothing(names, most):
    files = [InputFile(name, 1) for name in names]
    lists = cut(files, most)
    assert [file for one in lists for file in one] == files
    assert all(1 <= len(one) <= most for one in lists)


@given(rounds=st.lists(NAMES, max_size=4), most=st.integers(1, 3))
def test_every_file_is_on_one_list(tmp_path_factory, rounds, most):
    place = tmp_path_factory.mktemp("c")
    there: dict[str, InputFile] = {}
    for names in rounds:
        there |= {name: InputFile(name, 1) for name in names}
        arrivals_of(place).note(there.values(), most)  # a run of its own
    listed = [item.file.path for one in on_lists(place) for item in one]
    assert sorted(listed) == sorted(there)
    assert [item.number for one in on_lists(place) for item in one] == sorted(
        item.number for one in on_lists(place) for item in one
    )


def seen(size, time=None):
    return {"/in/a": InputFile("/in/a", size, time)}


def test_a_file_that_was_read_must_not_change_and_one_that_was_not_may():
    file = [InputFile("/in/a", 5, 20)]
    assert changes(file, seen(5, 20), ()) == Changes((), ())
    assert changes(file, seen(4), {"/in/a"}) == Changes((), ())
    with pytest.raises(DataError, match="/in/a had 4 bytes when the stream read it and has 5 now") as refused:
        changes(file, seen(4), ())
    assert "--skip-file /in/a" in refused.value.hint


def test_only_another_time_is_told_and_times_that_are_not_known_are_not_compared():
    file = InputFile("/in/a", 5, 20)
    assert changes([file], seen(5, 19), ()) == Changes((), (file,))
    assert changes([file], seen(5, None), ()) == Changes((), ())
    assert changes([InputFile("/in/a", 5)], seen(5, 19), ()) == Changes((), ())


def test_a_file_that_is_passed_over_may_change_and_is_told():
    file = InputFile("/in/a", 5, 20)
    assert changes([file], seen(4, 20), (), {"/in/a"}) == Changes((), (file,))
    assert changes([file], seen(5, 20), (), {"/in/a"}) == Changes((), ())


def test_a_file_that_was_read_may_go():
    gone = InputFile("/in/a", 0, fault=DataError("gone"))
    assert changes([gone], seen(5, 20), ()) == Changes((), ())


def test_a_file_of_equal_size_is_told_once_a_run(tmp_path):
    arrivals = arrivals_of(tmp_path)
    arrivals.note([InputFile("/in/a", 1, 1), InputFile("/in/b", 1, 1)], 10)
    arrivals.note([InputFile("/in/a", 1, 2), InputFile("/in/b", 1, 2)], 10)
    assert arrivals.warnings == []  # not read yet: as they are then
    again = arrivals_of(tmp_path, planned=1, done=1)
    for _ in range(2):
        again.note([InputFile("/in/a", 1, 2), InputFile("/in/b", 1, 2)], 10)
    (warning,) = again.warnings
    assert "2 files" in warning
    assert "/in/a" in warning


def test_a_list_stays_whole_where_some_of_its_files_are_passed_over(tmp_path):
    Skips(checkpoint(tmp_path)).keep([Skip("/in/a")])
    arrivals = arrivals_of(tmp_path)
    arrivals.note([InputFile("/in/a", 1), InputFile("/in/b", 1)], 10)
    both = [Arrival(0, InputFile("/in/a", 1)), Arrival(0, InputFile("/in/b", 1))]
    grown = Arrival(0, InputFile("/in/b", 2))
    arrivals.now_read(both, [grown])
    assert on_lists(tmp_path) == [[both[0], grown]]


def test_sizes_are_those_of_the_reading(tmp_path):
    arrivals = arrivals_of(tmp_path)
    arrivals.note([InputFile("/in/a", 1), InputFile("/in/b", 1)], 10)
    grown = [Arrival(0, InputFile("/in/a", 3)), Arrival(0, InputFile("/in/b", 1))]
    arrivals.now_read(grown, grown)
    assert on_lists(tmp_path) == [grown]
    again = arrivals_of(tmp_path, planned=1, done=1)
    again.note([InputFile("/in/a", 3)], 10)
    with pytest.raises(DataError):
        again.note([InputFile("/in/a", 1)], 10)


def test_a_lost_list_is_missed(tmp_path):
    arrivals = arrivals_of(tmp_path)
    arrivals.note([InputFile(name, 1) for name in "abc"], 1)
    (tmp_path / "arrivals" / "00000001.jsonl").unlink()
    with pytest.raises(WriteError, match=r"00000001\.jsonl is missing"):
        arrivals_of(tmp_path)
    (tmp_path / "arrivals" / "00000002.jsonl").unlink()
    with pytest.raises(WriteError, match=r"00000001\.jsonl is missing"):
        arrivals_of(tmp_path, planned=3)
