"""Files of a new project are written once and never over others."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.cli.scaffold.project_files import template_files, write_new
from launcher.places import TEMPLATES
from sparkjobs.errors import UsageError


def test_the_template_is_read_without_what_work_in_it_leaves(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.txt", "__pycache__/a.pyc", "b/__pycache__/x", "x.egg-info/PKG-INFO", "out/t/f"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert list(template_files(tmp_path)) == ["a.py", "b/c.txt"]


def test_the_shipped_template_has_a_job_its_test_its_file_and_a_profile() -> None:
    assert list(template_files(TEMPLATES / "job")) == [
        "conf/clusters/mine.yaml",
        "conf/jobs/count_by_value.yaml",
        "example/towns.csv",
        "my_jobs/__init__.py",
        "my_jobs/count_by_value.py",
        "pyproject.toml",
        "sparkjobs_jobs.json",
        "tests/test_count_by_value.py",
    ]


def test_files_are_written_beside_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    write_new(tmp_path, {"a.py": b"1", "b/c.py": b"2"})
    assert (tmp_path / "b" / "c.py").read_bytes() == b"2"
    assert (tmp_path / "README.md").read_text() == "mine"


def test_every_file_that_is_in_the_way_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.py").write_text("mine")
    (tmp_path / "d").symlink_to("nowhere")
    with pytest.raises(UsageError) as caught:
        write_new(tmp_path, {"a.py": b"1", "b/c.py": b"2", "d": b"3"})
    assert caught.value.message == f"{tmp_path.name}/b/c.py exists\n{tmp_path.name}/d exists"
    assert (tmp_path / "b" / "c.py").read_text() == "mine"
    assert not (tmp_path / "a.py").exists()


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "job").write_text("")
    with pytest.raises(UsageError, match="job exists and is no folder"):
        write_new(tmp_path / "job", {"a.py": b""})
