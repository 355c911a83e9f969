"""What all tests share: the outside data, and property tests without a stopwatch."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "sparkjobs",
    deadline=None,
    # CI judges a change, so it tries the same examples each time; elsewhere every run tries others.
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("sparkjobs")

# A runner in the background of a script inherits ignored signals, which our commands rightly honour; the
# tests tell what happens where nobody ignored any.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data made by others (``SPARKJOBS_TEST_DATA``, default ``../shared``)."""
    folder = Path(os.environ.get("SPARKJOBS_TEST_DATA") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the shared test data is not here; set SPARKJOBS_TEST_DATA")
    return folder
