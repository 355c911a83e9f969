"""``launcher.plan`` and ``launcher.run`` called with what they do not take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import launcher
from sparkjobs.errors import UsageError

SCRIPT = 'print("any PySpark script")\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "etl.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"input_bytes": 1.5e9}, "input_bytes=1500000000.0: it takes a whole number of bytes"),
    ({"input_bytes": -1}, "input_bytes=-1: it takes"),
    ({"input_bytes": True}, "input_bytes=True"),
    ({"input_bytes": "5g"}, "input_bytes='5g'"),
    ({"gpu": "always"}, "gpu='always': it takes one of auto, on, off"),
    ({"gpu": True}, "gpu=True"),
    ({"gpu": ["on"]}, r"gpu=\['on'\]"),
    ({"target": 8}, "target=8: it takes text"),
    ({"interval": 20260131}, "interval=20260131: it takes text"),
    ({"interval": "yesterday"}, "yesterday"),
    ({"conf": [("spark.x", "1")]}, "conf=.*: it takes settings by their keys"),
    ({"conf": {"spark.x": 1}}, "conf\\['spark.x'\\]=1: it takes text; write \"1\""),
    ({"conf": {"spark.x": True}}, 'write "true"'),
    ({"conf": {1: "x"}}, "conf=1: it takes keys that are text"),
    ({"conf": {"x": "1"}}, "'x' is no Spark key"),
    ({"executor_cores": 3}, 'executor_cores=3: it takes text; write "3"'),
    ({"executor_memory": True}, 'executor_memory=True: it takes text; write "true"'),
    ({"executor_memory": 4.5}, "executor_memory=4.5"),
    ({"supervise": "yes"}, "supervise='yes': it takes True or False"),
]


@pytest.mark.parametrize("call", [launcher.plan, launcher.run])
@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_types_and_values_are_usage_errors(call: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call("etl.py", **arguments)


@pytest.mark.parametrize("what", [None, 5, b"etl.py", ["etl.py"], "etl\0.py"])
def test_what_is_to_run_is_text(what: Any) -> None:
    with pytest.raises(UsageError, match="what="):
        launcher.plan(what)


def test_so_are_its_arguments() -> None:
    with pytest.raises(UsageError, match="argument 2=5: it takes text"):
        launcher.plan("etl.py", "--days", 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "10s", True, None])
def test_a_wait_is_a_length_of_time(seconds: Any) -> None:
    with pytest.raises(UsageError, match="lock_wait_s="):
        launcher.run("etl.py", lock_wait_s=seconds)


def test_what_is_right_is_planned_and_none_is_no_pin(here: Path) -> None:
    made = launcher.plan(
        here / "etl.py", "5", target="yarn-8", input_bytes=0, executor_cores="3", executor_memory=None
    )  # type: ignore[arg-type]
    assert made.executors.cores == 3
    assert made.value("spark.dynamicAllocation.maxExecutors") == "1"


def test_a_name_that_is_no_flag_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="executor_memry: spark-submit has no such flag"):
        launcher.plan("etl.py", executor_memry="4g")
