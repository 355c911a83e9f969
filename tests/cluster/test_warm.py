"""The class-data archive: made by a real run, and used by the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.places import places
from tests.cluster.running import World

pytestmark = pytest.mark.slow


def test_an_archive_is_made_and_the_next_run_starts_from_it(tmp_path):
    world = World(tmp_path)
    cache = tmp_path / "cache/sparkjobs"
    cache.mkdir(parents=True)
    (cache / "jars").symlink_to(places(world.environ).jars)
    world.environ["XDG_CACHE_HOME"] = str(cache.parent)
    made = world.sparkjob("warm")
    assert made.code == 0, made.stderr
    (archive,) = (cache / "cds").iterdir()
    (world.folder / "in.csv").write_text("id,value\na,1\n")
    done = world.sparkjob("run", "sum_by_key", "--", "--input", "in.csv", "--output", "out")
    assert done.code == 0, done.stderr
    settings = " ".join(world.run().read().argv)
    assert f"-XX:SharedArchiveFile={archive}" in settings
    assert Path(archive).stat().st_size > 50_000_000
