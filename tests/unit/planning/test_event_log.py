"""Where an event log is on, the plan asks for the memory that later plans need; a pin wins."""

from __future__ import annotations

import pytest

from launcher.planning.event_log_settings import MEASURED, put_event_log
from launcher.planning.pinned import Pinned
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.cluster import Cluster
from tests.unit.planning.clusters import pin

WITH_LOG = Cluster(name="c", manager="yarn", event_log="hdfs:///logs")
WITHOUT = Cluster(name="c", manager="yarn")


def settings(cluster: Cluster, **pins: str) -> dict[str, str]:
    """What is put; ``eventLog_enabled`` is ``spark.eventLog.enabled``."""
    named = {f"spark.{key.replace('_', '.')}": value for key, value in pins.items()}
    builder = SettingsBuilder(Pinned({key: pin(key, value) for key, value in named.items()}))
    put_event_log(builder, cluster)
    return {one.key: one.value for one in builder.settings()}


def test_memory_is_measured_for_the_log_of_the_profile_and_for_one_that_was_asked_for() -> None:
    wanted = {key: value for key, (value, _) in MEASURED.items()}
    for found in (settings(WITH_LOG), settings(WITHOUT, eventLog_enabled="true")):
        assert wanted.items() <= found.items()


@pytest.mark.parametrize(("cluster", "pins"), [(WITHOUT, {}), (WITH_LOG, {"eventLog_enabled": "false"})])
def test_nothing_is_measured_without_a_log(cluster: Cluster, pins: dict[str, str]) -> None:
    assert not MEASURED.keys() & settings(cluster, **pins).keys()


def test_what_somebody_set_stays() -> None:
    found = settings(
        WITH_LOG, executor_metrics_pollingInterval="10s", executor_processTreeMetrics_enabled="false"
    )
    assert found["spark.executor.metrics.pollingInterval"] == "10s"
    assert found["spark.executor.processTreeMetrics.enabled"] == "false"
    assert found["spark.eventLog.logStageExecutorMetrics"] == "true"
