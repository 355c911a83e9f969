"""The temporary folder of a run."""

from __future__ import annotations

import stat
import tempfile

import pytest

from launcher.runs import scratch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_it_is_the_owners_alone_and_goes_with_all_that_is_in_it(folder, tmp_path):
    place = scratch.make(folder)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    (place / "spark-1").mkdir()
    (place / "spark-1/block").write_text("x")
    second = scratch.make(folder)
    assert list((tmp_path / "tmp").iterdir()) == [second]
    scratch.remove(folder)
    scratch.remove(folder)
    assert not list((tmp_path / "tmp").iterdir())
    assert not list(folder.iterdir())


def test_a_link_that_points_elsewhere_takes_nothing_along(folder, tmp_path):
    (tmp_path / "precious").mkdir()
    (folder / "tmp").symlink_to(tmp_path / "precious")
    scratch.remove(folder)
    assert (tmp_path / "precious").is_dir()


def test_options_that_the_user_gave_stand_behind_ours(tmp_path):
    options = scratch.variables(tmp_path / "a b", {"SPARK_SUBMIT_OPTS": "-Djava.io.tmpdir=/own"})
    assert options == {"SPARK_SUBMIT_OPTS": f'"-Djava.io.tmpdir={tmp_path}/a b" -Djava.io.tmpdir=/own'}
