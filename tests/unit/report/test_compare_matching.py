"""Which stages of two runs are the same, where a script was changed or lies in another folder."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from launcher.records.history.trace import Trace
from launcher.report.compare import matching
from launcher.report.compare.comparison import compare
from launcher.report.compare.matching import pairs
from launcher.report.report import Report
from launcher.report.sql.queries import Queries
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import stage_views
from tests.unit.report.made import executor, stage, task, trace
from tests.unit.report.pages import record


def two(each: float = 10.0, rows: int = 1000, line: int = 7, folder: str = "") -> Trace:
    """A stage that reads and one behind its shuffle."""
    reads = [task(n, n, 0, each, read_rows=rows) for n in range(4)]
    shuffled = [task(n, n, each, 2 * each, shuffle_read_rows=rows) for n in range(4)]
    stages = [stage(0, *reads, name=f"save at {folder}job.py:{line}"),
              stage(1, *shuffled, name=f"save at {folder}job.py:{line + 1}")]  # fmt: skip
    return trace(stages, [executor(n) for n in range(4)], 2 * each)


def matched(
    names_a: Sequence[str], names_b: Sequence[str], operators: Queries | None = None
) -> list[tuple[int | None, int | None]]:
    views = [
        RunView(
            trace(
                [stage(n, task(0, 0, n, n + 1), name=name) for n, name in enumerate(names)], [executor(0)], 99
            ),
            operators or Queries(),
        )
        for names in (names_a, names_b)
    ]
    a, b = views
    return [(one.a, one.b) for one in pairs(a, list(stage_views(a)), b, list(stage_views(b)))]


@pytest.mark.parametrize(("line", "folder"), [(8, ""), (7, "/home/me/other/"), (9, "/container_1_0002_01/")])
def test_another_line_or_folder_makes_no_other_stage(line: int, folder: str) -> None:
    hashes = (record(content="one"), record(content="two"))
    sides = (two(), two(each=20.0, rows=2000, line=line, folder=folder))
    made = compare(*(Report(RunView(one), "log", own) for one, own in zip(sides, hashes, strict=True)))
    assert {cause: round(seconds, 2) for cause, seconds in made.seconds.items() if seconds} == {"input": 20.0}
    assert [(one.a, one.b) for one in made.stages] == [(0, 0), (1, 1)]


def test_the_same_call_sites_are_matched_by_their_lines() -> None:
    names = ["save at job.py:1", "save at job.py:2"]
    assert matched(names, names[::-1]) == [(0, 1), (1, 0)]


def test_a_new_stage_in_the_middle_moves_no_other() -> None:
    before = ["save at job.py:1", "count at job.py:2", "save at job.py:3"]
    after = ["save at job.py:1", "count at job.py:2", "show at job.py:3", "save at job.py:4"]
    assert matched(before, after) == [(0, 0), (1, 1), (2, 3), (None, 2)]
    # Two of the same call site, and one more before them: the order tells which is new.
    assert matched(["a at j.py:1", "b at j.py:2"], ["b at j.py:1", "a at j.py:2", "b at j.py:3"]) == [
        (0, 1),
        (1, 2),
        (None, 0),
    ]


def test_what_no_order_tells_is_matched_by_its_number() -> None:
    assert matched(["a at j.py:1", "b at j.py:2"], ["b at j.py:7", "a at j.py:8"]) == [(0, 1), (1, 0)]


def test_thousands_of_stages_are_matched_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    same = [matching._Site("a", "a", 0, ())] * 5000
    began = time.perf_counter()
    assert list(matching._aligned(same, same)) == []
    assert time.perf_counter() - began < 1.0
    monkeypatch.setattr(matching, "MOST_EQUAL", 0)
    assert matched(["a at j.py:1", "a at j.py:2"], ["a at j.py:3"]) == [(0, 0), (1, None)]
