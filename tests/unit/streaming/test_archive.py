"""Files that were read are moved out of the input, and nothing is moved over anything."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sparkjobs.errors import UsageError, WriteError
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.sources.files import archive as archive_module
from sparkjobs.streaming.sources.files.archive import move, refuse_archive, target_of

NO_S3 = S3Settings.from_environment({})


def test_files_keep_their_place_below_the_input() -> None:
    assert target_of("/in/a/b.csv", ["/in"], "/old") == "/old/a/b.csv"
    # Files of two inputs may have one name.
    assert target_of("/in2/b.csv", ["/in", "/in2"], "/old/") == "/old/in2/b.csv"
    assert target_of("/in/b.csv", ["/in", "/in2"], "/old/") == "/old/in/b.csv"
    assert target_of("/in/b.csv", ["/in/b.csv"], "/old") == "/old/b.csv"
    assert target_of("s3a://b/in/x", ["s3a://b/in/"], "s3a://b/old") == "s3a://b/old/x"


@pytest.mark.parametrize(
    ("archive", "inputs", "glob", "said"),
    [
        ("/in/old", ["/in"], False, "lies in --input /in"),
        ("/in", ["/in"], False, "lies in --input /in"),
        ("s3a://b/old", ["/in"], False, "another store"),
        ("/old", ["/in*"], True, "--glob"),
        ("/old", ["/a/in", "/b/in/"], False, "two inputs are named in"),
    ],
)
def test_an_archive_that_would_be_read_again_is_refused(
    archive: str, inputs: list[str], glob: bool, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        refuse_archive(archive, inputs, glob=glob)


def test_a_neighbour_of_the_input_is_fine() -> None:
    refuse_archive("/input_old", ["/input"], glob=False)


def test_moving(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.csv", "sub/b \u00e9.csv"):
        (tmp_path / "in" / name).write_text(name)
    inputs = [str(tmp_path / "in")]
    assert move(list_files(inputs, glob=False, s3=NO_S3), inputs, str(tmp_path / "old"), NO_S3) == 2
    assert (tmp_path / "old" / "sub" / "b \u00e9.csv").read_text() == "sub/b \u00e9.csv"
    assert list_files(inputs, glob=False, s3=NO_S3, may_be_none=True) == ()


def test_what_a_batch_has_moved_since_the_listing_is_no_fault(tmp_path: Path) -> None:
    """A look at the input may write many lists, and the first of their batches be done before it is over."""
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / name).write_text(name)
    inputs, old = [str(tmp_path / "in")], str(tmp_path / "old")
    listed = list_files(inputs, glob=False, s3=NO_S3)
    assert move(listed[:1], inputs, old, NO_S3) == 1
    assert move(listed, inputs, old, NO_S3) == 1
    assert sorted(path.name for path in (tmp_path / "old").iterdir()) == ["a", "b"]


def test_nothing_is_moved_over_another_file(tmp_path: Path) -> None:
    for folder in ("in", "old"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text(folder)
    inputs = [str(tmp_path / "in")]
    with pytest.raises(WriteError, match=r"in/a\.csv cannot be moved to .*old/a\.csv: .*is there already"):
        move(list_files(inputs, glob=False, s3=NO_S3), inputs, str(tmp_path / "old"), NO_S3)
    assert (tmp_path / "old" / "a.csv").read_text() == "old"


@pytest.mark.parametrize("content", ["in", ""])
def test_a_move_whose_end_was_cut_off_is_completed(tmp_path: Path, content: str) -> None:
    for folder in ("in", "old"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text(content)
    inputs = [str(tmp_path / "in")]
    assert move(list_files(inputs, glob=False, s3=NO_S3), inputs, str(tmp_path / "old"), NO_S3) == 1
    assert not (tmp_path / "in" / "a.csv").exists()
    assert (tmp_path / "old" / "a.csv").read_text() == content


def test_to_another_disk_a_file_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("in")
    inputs = [str(tmp_path / "in")]

    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def half(source: Path, place: Path) -> None:
        place.write_text("i")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", other_disk)
    files = list_files(inputs, glob=False, s3=NO_S3)
    with monkeypatch.context() as full:
        full.setattr(archive_module.shutil, "copy2", half)
        with pytest.raises(WriteError, match="No space left"):
            move(files, inputs, str(tmp_path / "old"), NO_S3)
    assert not (tmp_path / "old" / "a.csv").exists()
    assert move(files, inputs, str(tmp_path / "old"), NO_S3) == 1
    assert [path.name for path in (tmp_path / "old").iterdir()] == ["a.csv"]
    assert not (tmp_path / "in" / "a.csv").exists()
