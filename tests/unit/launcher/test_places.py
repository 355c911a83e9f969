"""Folders of the user, and which configuration file counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.places import SHIPPED, config_file, places
from sparkjobs.errors import UsageError


def test_xdg_folders_and_their_defaults(tmp_path: Path) -> None:
    environ = {"HOME": "/home/u", "XDG_CACHE_HOME": str(tmp_path), "XDG_STATE_HOME": "relative/is/ignored"}
    found = places(environ)
    assert found.jars == tmp_path / "sparkjobs" / "jars"
    assert found.state == Path("/home/u/.local/state/sparkjobs")
    assert found.config == Path("/home/u/.config/sparkjobs")


def test_nearest_then_users_then_shipped(tmp_path: Path) -> None:
    user, project = tmp_path / "user", tmp_path / "project"
    inside = project / "a" / "b"
    inside.mkdir(parents=True)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(user)}
    assert config_file("jars.lock", environ, inside) == SHIPPED / "jars.lock"
    for folder in (user / "sparkjobs", project / "conf"):
        folder.mkdir(parents=True)
        (folder / "jars.lock").write_text("{}")
        assert config_file("jars.lock", environ, inside) == folder / "jars.lock"


def test_twins_are_refused(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    for name in ("x.yaml", "x.yml"):
        (tmp_path / "conf" / name).write_text("")
    with pytest.raises(UsageError, match=r"x\.yaml stands beside x\.yml"):
        config_file("x.yaml", {"HOME": str(tmp_path)}, tmp_path)


def test_a_file_that_nobody_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no configuration file nonesuch\.yaml"):
        config_file("nonesuch.yaml", {"HOME": str(tmp_path)}, tmp_path)
