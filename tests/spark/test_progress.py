"""A running driver and the event log that it writes tell how far it is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.records.figures import Figures
from launcher.records.history.log_files import LogReader, logs, read
from launcher.runs.progress import rest
from tests.spark.submitting import environment

pytestmark = pytest.mark.process

SCRIPT = """
import os, sys, time
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]").appName("slow")
    .config("spark.ui.port", "0").config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "localhost").config("spark.ui.showConsoleProgress", "false")
    .config("spark.eventLog.enabled", "true").config("spark.eventLog.dir", sys.argv[1])
    .config("spark.eventLog.compress", "false").getOrCreate()
)
print("ready", spark.sparkContext.uiWebUrl, spark.sparkContext.applicationId, flush=True)
gates = sys.argv[2]
def wait(value):
    while not os.path.exists(f"{gates}/{value}"):
        time.sleep(0.05)
spark.sparkContext.parallelize(range(3), 3).foreach(wait)
spark.stop()
"""
TIMEOUT_S = 60


def test_a_driver_and_its_event_log_tell_how_far_it_is(tmp_path: Path) -> None:
    events, gates = tmp_path / "events", tmp_path / "gates"
    events.mkdir()
    gates.mkdir()
    command = [sys.executable, "-c", SCRIPT, events.as_uri(), str(gates)]
    driver = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert driver.stdout is not None
    try:
        _, ui, application = next(line for line in driver.stdout if line.startswith("ready")).split()
        reader = LogReader(logs(events)[-1])
        _until(lambda: reader.poll().figures(), Figures((0,), 0, 3, 1))
        for done in range(3):
            _until(lambda: rest.figures(ui, application), Figures((0,), done, 3, 1))
            (gates / str(done)).touch()
        assert driver.wait(TIMEOUT_S) == 0
    finally:
        driver.kill()
        driver.communicate()
    assert reader.poll().totals().tasks == 3
    reader.close()
    log = read(logs(events)[-1])
    assert (log.application_id, log.name, log.totals().tasks) == (application, "slow", 3)
    assert log.end_ms is not None
    assert rest.figures(ui, application, timeout_s=1) is None


def _until(look: Callable[[], Figures | None], wanted: Figures) -> None:
    """Look again and again, because the driver tells a little later than it does."""
    deadline = time.monotonic() + TIMEOUT_S
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, (seen, wanted)
        time.sleep(0.1)
