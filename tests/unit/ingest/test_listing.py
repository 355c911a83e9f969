"""Listing: literal names, hidden ones too; patterns only when asked for."""

from __future__ import annotations

import os

import pytest

from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.listing import expand_lists, list_files
from sparkjobs.ingest.storage import S3Settings

HERE = S3Settings()


@pytest.fixture
def folder(tmp_path):
    for name in ("a[1].txt", "_b.txt", ".c.txt", "d e%20.txt", "sub/*.txt", "sub/f.txt", "g{x}.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    return tmp_path


def names(folder, *inputs, glob=False):
    files = list_files([str(folder / item) for item in inputs], glob=glob, s3=HERE)
    return [file.path[len(str(folder)) + 1 :] for file in files]


def test_everything_in_a_folder_is_read(folder):
    everything = [".c.txt", "_b.txt", "a[1].txt", "d e%20.txt", "g{x}.txt", "sub/*.txt", "sub/f.txt"]
    assert names(folder, "") == everything
    assert names(folder, "a[1].txt", "sub/*.txt", "a[1].txt") == ["a[1].txt", "sub/*.txt"]


def test_patterns_only_when_asked(folder):
    assert names(folder, "[_.]*.txt", glob=True) == [".c.txt", "_b.txt"]
    assert names(folder, "**.txt", glob=True) == names(folder, "")
    assert names(folder, "s?b", glob=True) == ["sub/*.txt", "sub/f.txt"]
    assert names(folder, "{_b,sub/f}.txt", glob=True) == ["_b.txt", "sub/f.txt"]
    assert names(folder, "[!_.]*.txt", glob=True) == ["a[1].txt", "d e%20.txt", "g{x}.txt"]
    with pytest.raises(DataError, match="matches no file"):
        names(folder, "*.csv", glob=True)
    with pytest.raises(DataError, match="does not exist"):
        names(folder, "*.txt")


def test_colons_and_missing_paths_are_refused_by_name(folder):
    (folder / "a:b.txt").write_text("x")
    with pytest.raises(DataError, match=r"a:b\.txt: the name holds ':'"):
        names(folder, "")
    with pytest.raises(DataError, match=r"missing\.txt does not exist"):
        names(folder, "missing.txt")


def test_a_list_of_paths(tmp_path):
    (tmp_path / "list").write_text("/x/a b\n\n/x/#c\n")
    assert expand_lists([f"@{tmp_path}/list", "/d"]) == ("/x/a b", "/x/#c", "/d")
    with pytest.raises(UsageError, match="--input @"):
        expand_lists([f"@{tmp_path}/nothing"])


def test_what_is_no_file_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is not a regular file"):
        list_files([str(tmp_path)], glob=False, s3=HERE)
    (tmp_path / "pipe").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataError, match="link does not exist"):
        list_files([str(tmp_path)], glob=False, s3=HERE)
    with pytest.raises(UsageError, match="is not a pattern"):
        list_files([str(tmp_path / "[z-a]*")], glob=True, s3=HERE)


def test_a_tolerant_listing_tells_what_cannot_be_read_beside_what_can(tmp_path):
    (tmp_path / "good").write_text("x")
    (tmp_path / "a:b").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    listed = list_files([str(tmp_path)], glob=False, s3=HERE, tolerant=True)
    faults = {file.path.rsplit("/", 1)[1]: file.fault for file in listed}
    assert faults.pop("good") is None
    assert {name: str(fault).partition(f"{tmp_path}/{name}")[2] for name, fault in faults.items()} == {
        "a:b": ": the name holds ':'",
        "link": " does not exist",
        "pipe": " is not a regular file",
    }
    (tmp_path / "good").unlink()
    for name in sorted(faults):
        with pytest.raises(DataError, match=name):
            list_files([str(tmp_path)], glob=False, s3=HERE)
        (tmp_path / name).unlink()


def test_a_file_that_vanishes_while_the_folder_is_read_is_not_there(tmp_path, monkeypatch):
    (tmp_path / "stays").write_text("x")
    (tmp_path / "a.part").write_text("x")
    stat = os.stat

    def vanish(path, *more, **named):
        if str(path).endswith("a.part"):
            (tmp_path / "a.part").unlink(missing_ok=True)
        return stat(path, *more, **named)

    monkeypatch.setattr("sparkjobs.ingest.listing.os.stat", vanish)
    listed = list_files([str(tmp_path)], glob=False, s3=HERE, tolerant=True)
    assert [file.path for file in listed] == [str(tmp_path / "stays")]


def test_a_missing_folder_of_a_pattern_is_named_also_where_nothing_need_match(tmp_path):
    with pytest.raises(DataError, match=f"{tmp_path}/none does not exist"):
        list_files([f"{tmp_path}/none/*.csv"], glob=True, s3=HERE, may_be_none=True, tolerant=True)
    assert list_files([f"{tmp_path}/none"], glob=False, s3=HERE, tolerant=True)[0].fault is not None


def test_a_file_has_its_time(tmp_path):
    (tmp_path / "a").write_text("x")
    os.utime(tmp_path / "a", ns=(7, 7))
    assert list_files([str(tmp_path)], glob=False, s3=HERE)[0].modified_ns == 7
