"""Failures of the Spark that is installed are explained: the quickest ones, made anew each time."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from launcher.runs.explain.explanation import explain
from tests.failures.in_session import GROUPS
from tests.failures.worker_session import worker_exception
from tests.unit.explain.logs import CAUSE_OF

pytestmark = pytest.mark.process

QUICK = ["ansi-overflow", "unresolved-column", "path-not-found", "delta-other-columns", "worker-exception"]
assert GROUPS["delta"]["worker-exception"] is worker_exception  # it joins the group when it is imported


@pytest.mark.parametrize("name", QUICK)
def test_a_failure_of_today_is_told_like_the_recorded_one(spark: Any, tmp_path: Path, name: str) -> None:
    try:
        GROUPS["delta"][name](spark, tmp_path)
    except Exception:
        log = traceback.format_exc()
    else:
        pytest.fail(f"{name} does not fail")
    message = explain(log, exit_code=1)
    assert message.cause == CAUSE_OF[name], message
    assert "tests/failures/" in message.traceback[-3]
