"""The API server of a real control plane, asked about a driver that spark-submit made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded.kubernetes.control_plane import Api, control_plane
from tests.recorded.kubernetes.record import RUN, manager, submit

pytestmark = pytest.mark.slow
BINARIES = "SPARKJOBS_KUBE_BINARIES"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    if not os.environ.get(BINARIES):
        pytest.skip(f"{BINARIES} names no folder with kube-apiserver and kube-scheduler")
    with control_plane(tmp_path, Path(os.environ[BINARIES])) as made:
        yield made


def test_a_driver_without_a_node_is_found_by_its_label_and_ended(api: Api) -> None:
    submit(api)
    asked = manager(api)
    seen = asked.find(RUN, None)
    assert seen is not None
    assert seen.state == "RUNNING"
    assert "no nodes available" in (asked.waiting(seen.application_id) or "")
    end = asked.end(RUN, seen.application_id, 15)
    assert end.confirmed, end.how
    gone = asked.find(RUN, seen.application_id)
    assert gone is not None
    assert gone.state == "UNKNOWN"
