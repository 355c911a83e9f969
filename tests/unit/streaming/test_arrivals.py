"""Lists of arrived files: every file is on one list, whatever its name, in runs of any length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import DataError, WriteError
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.arrivals import Arrival, Arrivals, cut, from_line, new_files, to_line
from sparkjobs.streaming.folder import Folder

NAMES = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=12)


def checkpoint(path):
    return Folder(str(path), S3Settings())


def on_lists(path):
    lists = sorted((path / "arrivals").glob("*.jsonl"))
    return [[from_line(line) for line in one.read_text().splitlines()] for one in lists]


@given(st.text(), st.integers(0), st.integers(0))
def test_a_line_keeps_any_name(path, size, number):
    item = Arrival(number, InputFile(path, size))
    line = to_line(item)
    assert line.isascii()
    assert "\n" not in line
    assert from_line(line) == item


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
        Arrivals(checkpoint(place)).note(there.values(), most)  # a run of its own
    listed = [item.file.path for one in on_lists(place) for item in one]
    assert sorted(listed) == sorted(there)
    assert [item.number for one in on_lists(place) for item in one] == sorted(
        item.number for one in on_lists(place) for item in one
    )


def test_a_file_that_was_read_must_not_change_and_one_that_was_not_may():
    file = [InputFile("/in/a", 5)]
    assert new_files(file, {"/in/a": 5}, ()) == ()
    assert new_files(file, {"/in/a": 4}, {"/in/a"}) == ()
    with pytest.raises(DataError, match="/in/a had 4 bytes when the stream read it and has 5 now"):
        new_files(file, {"/in/a": 4}, ())


def test_sizes_are_those_of_the_reading(tmp_path):
    arrivals = Arrivals(checkpoint(tmp_path))
    arrivals.note([InputFile("/in/a", 1), InputFile("/in/b", 1)], 10)
    grown = [Arrival(0, InputFile("/in/a", 3)), Arrival(0, InputFile("/in/b", 1))]
    arrivals.now_read(grown)
    assert on_lists(tmp_path) == [grown]
    again = Arrivals(checkpoint(tmp_path), planned=1, done=1)
    again.note([InputFile("/in/a", 3)], 10)
    with pytest.raises(DataError):
        again.note([InputFile("/in/a", 1)], 10)


def test_a_lost_list_is_missed(tmp_path):
    arrivals = Arrivals(checkpoint(tmp_path))
    arrivals.note([InputFile(name, 1) for name in "abc"], 1)
    (tmp_path / "arrivals" / "00000001.jsonl").unlink()
    with pytest.raises(WriteError, match=r"00000001\.jsonl is missing"):
        Arrivals(checkpoint(tmp_path))
    (tmp_path / "arrivals" / "00000002.jsonl").unlink()
    with pytest.raises(WriteError, match=r"00000001\.jsonl is missing"):
        Arrivals(checkpoint(tmp_path), planned=3)
