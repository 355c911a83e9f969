"""A packed trace is the trace."""

from __future__ import annotations

from array import array
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.history import kept_trace
from launcher.records.history.kept_trace import pack_trace, unpack_trace
from launcher.records.history.read_trace import read_trace
from launcher.records.history.trace import Stage, Tasks
from sparkjobs.errors import DataError
from tests.unit.history.made import END, SQL, START, added, environment, line, stage, task, trace

LINES = (
    environment(executor_cores="2"), START, added("1", 600), line(f"{SQL}Start", executionId=4, time=550),
    task(3, 0, memory={"JVMHeapMemory": 5}), task(3, 1), END,
)  # fmt: skip
_NUMBER = st.integers(-(1 << 40), 1 << 40)


def there_and_back(found):
    packed = pack_trace(found)
    assert packed is not None
    return unpack_trace(packed, "made")


def test_a_packed_trace_is_the_same() -> None:
    found = trace(*LINES)
    assert there_and_back(found) == found


@given(st.lists(st.lists(st.tuples(*[_NUMBER] * len(fields(Tasks))), max_size=5), max_size=4))
def test_any_numbers_come_back(stages: list[list[tuple[int, ...]]]) -> None:
    made = []
    for number, rows in enumerate(stages):
        columns = {one.name: array("q", [row[at] for row in rows]) for at, one in enumerate(fields(Tasks))}
        made.append(Stage(number, 0, "s", (), 1, 0, None, None, None, Tasks(**columns)))
    found = replace(trace(*LINES), stages=tuple(made))
    assert there_and_back(found) == found


def test_secrets_are_masked_and_long_texts_are_cut() -> None:
    secret = environment(hadoop_fs_s3a_secret_key="geheim")
    failed = stage("Completed", 0, **{"Failure Reason": "x" * 5_000})
    long = line(f"{SQL}Start", executionId=4, time=550, description="y" * 5_000)
    found = there_and_back(trace(START, secret, failed, long))
    assert found.conf is not None
    assert "geheim" not in str(found)
    assert found.stages[0].failure == "x" * kept_trace.MOST_FAILURE
    assert found.executions[0].description == "y" * kept_trace.MOST_DESCRIPTION


def test_a_trace_of_too_many_tasks_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_trace, "MOST_TASKS", 1)
    assert pack_trace(trace(*LINES)) is None


def test_damage_is_an_error_with_its_place() -> None:
    packed = pack_trace(trace(*LINES)) or b""
    for data in (b"", b"x", packed[:-9], packed[:20] + b"x" + packed[21:]):
        with pytest.raises(DataError, match="made: the kept trace cannot be read"):
            unpack_trace(data, "made")


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack_trace(trace(*LINES)) or b""
    monkeypatch.setattr(kept_trace, "VERSION", 2)
    with pytest.raises(DataError, match="of version 1"):
        unpack_trace(packed, "made")


@pytest.mark.parametrize(("name", "most"), [("nds_q72_cpu_yarn.zstd", 130_000), ("truncated", 2_000)])
def test_real_logs_are_kept_small(name: str, most: int, shared: Path) -> None:
    found = read_trace(shared / "eventlogs" / name)
    packed = pack_trace(found)
    assert packed is not None
    assert len(packed) < most
    assert unpack_trace(packed, name) == found
