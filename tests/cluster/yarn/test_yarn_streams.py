"""A stream on a real YARN whose executors follow its load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.streams import scaling_run
from bench.streams.scaling_run import Scaled
from tests.cluster.running import World
from tests.cluster.yarn.daemons import Yarn, jars, profile

pytestmark = [pytest.mark.process, pytest.mark.slow]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Path]:
    """The profile of a YARN with one node."""
    world = World(tmp_path)
    yarn = Yarn(world.folder, jars())
    file = world.folder / "client.yaml"
    file.write_text(profile(yarn, "client"))
    try:
        yarn.start_resource_manager()
        yarn.start_node_manager()
        yield file
    finally:
        yarn.stop()


def test_executors_come_and_go_and_no_task_dies(cluster: Path, tmp_path: Path) -> None:
    found = scaling_run.run(cluster, tmp_path / "run", Scaled("spike", "ours", 60.0))
    assert found["committed"] == found["sent"]
    assert found["failed_tasks"] == 0
    assert max(found["targets"]) > min(found["targets"])
    assert max(found["executors"]) > min(found["executors"]), "YARN did what was asked for"
