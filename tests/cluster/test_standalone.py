"""The packaged jobs on a standalone cluster: a real master and a real worker on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.here import cluster
from tests.cluster.running import World
from tests.spark.conftest import rows_of
from tests.spark.submitting import bare_submit, packaged

pytestmark = pytest.mark.slow


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a master that has a worker."""
    with cluster(World(tmp_path), "--workers", 1, "--cores", 1, "--memory", "1500m") as here:
        yield here["master"]


def test_a_users_job_from_the_zip(master: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,value\na,1\nb,2\n")
    archive = packaged(tmp_path)
    flags = ["--input", "in.csv", "--output", "out"]
    done = bare_submit(master, archive, tmp_path, "scale_from_outside", *flags)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.result["outcome"] == "COMMITTED"
    assert sorted(row["value"] for row in rows_of(tmp_path / "out")) == [10, 20]
