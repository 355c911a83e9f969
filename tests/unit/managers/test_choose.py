"""Each profile gets its own manager; local mode has nobody to ask."""

from __future__ import annotations

import pytest

from launcher.managers.manager import MARK
from launcher.managers.manager_choice import manager_of
from launcher.spec.cluster import Cluster
from sparkjobs.errors import UsageError

LOCAL = Cluster(name="laptop", manager="local")
STANDALONE = Cluster(name="s", manager="standalone", address="spark://h:7077")


@pytest.mark.parametrize("cluster", [LOCAL, STANDALONE], ids=lambda cluster: cluster.manager)
def test_a_manager_bears_the_name_that_the_profile_gives_it(cluster: Cluster) -> None:
    assert manager_of(cluster, {}).name == cluster.manager


def test_in_local_mode_the_process_is_all_there_is() -> None:
    local = manager_of(LOCAL, {})
    assert local.find("run", "local-1") is None
    assert local.waiting("local-1") is None
    assert local.end("run", "local-1", 1).confirmed
    assert not local.decides("client")
    assert dict(local.mark("run")) == {MARK: "run"}
    with pytest.raises(UsageError, match="has no cluster mode"):
        local.refuse("cluster")
