"""One broker for the tests of this folder, and the session in which streams read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.kafka.broker import Broker, jars
from tests.spark.conftest import run_job, spark

__all__ = ["run_job", "spark"]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that runs."""
    made = Broker(tmp_path_factory.mktemp("kafka") / "broker", jars())
    try:
        made.start()
        yield made
    finally:
        made.stop()
