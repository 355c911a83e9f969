"""Which stages of two runs are the same, where a script was changed or lies in another folder."""

from __future__ import annotations

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
    names_a: Sequence[str], names_b: Sequence[str], operators: Queries | None = None, *, same: bool = False
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
    made = pairs(a, list(stage_views(a)), b, list(stage_views(b)), same_code=same)
    return [(one.a, one.b) for one in made]


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


TEN, TWENTY, THIRTY = (f"count at job.py:{line}" for line in (10, 20, 30))


def test_a_branch_that_was_taken_moves_no_line() -> None:
    """No hash tells of it: one run has all call sites of the other."""
    assert matched([TEN, THIRTY], [TEN, TWENTY, THIRTY]) == [(0, 0), (1, 2), (None, 1)]
    assert matched([TEN, TWENTY, THIRTY], [TEN, THIRTY]) == [(0, 0), (1, None), (2, 1)]


def test_equal_code_has_its_stages_on_the_same_lines() -> None:
    """Each run took another branch, in another folder."""
    here, there = [TEN, TWENTY], [f"count at /home/me/job.py:{line}" for line in (10, 30)]
    assert matched(here, [TEN, THIRTY], same=True) == [(0, 0), (1, None), (None, 1)]
    assert matched(here, there, same=True) == [(0, 0), (1, None), (None, 1)]
    assert matched(here, there) == [(0, 0), (1, 1)]


def test_a_stage_that_was_skipped_is_all_of_the_difference() -> None:
    def counting(*stages: tuple[str, float]) -> Report:
        made, at = [], 0.0
        for number, (name, seconds) in enumerate(stages):
            rows = [task(n, n, at, at + seconds, read_rows=1000) for n in range(4)]
            made.append(stage(number, *rows, name=name))
            at += seconds
        return Report(RunView(trace(made, [executor(n) for n in range(4)], at)), "log")

    rest = [*[(TWENTY, 2.0)] * 3, (THIRTY, 30.0)]
    made = compare(counting((TEN, 5.0), *rest), counting(*rest))
    assert {(one.a, one.b): one.seconds for one in made.stages if one.seconds} == {(0, None): -5.0}


def test_as_many_as_can_be_aligned_soon_are_aligned(monkeypatch: pytest.MonkeyPatch) -> None:
    def aligned(names: Sequence[str], others: Sequence[str]) -> int:
        sites = ([matching._Site(name, name, name, 0, ()) for name in one] for one in (names, others))
        return len(list(matching._aligned(*sites)))

    # 223 * 223 are 49,729 equal pairs.
    assert aligned(["a"] * 223, ["a"] * 223) == 223
    assert aligned(["a"] * 224, ["a"] * 224) == 0
    names = [str(number) for number in range(2001)]
    assert aligned(names[:2000], names[:2000]) == 2000
    assert aligned(names[:2000], names) == 0
    monkeypatch.setattr(matching, "MOST_EQUAL", 0)
    assert matched(["a at j.py:1", "a at j.py:2"], ["a at j.py:3"]) == [(0, 0), (1, None)]


def test_applications_that_share_a_call_site_alone_are_two() -> None:
    """``count at main.py`` stands in both; it is not what either does."""

    def named(name: str, *stages: tuple[str, float]) -> Report:
        made, at = [], 0.0
        for number, (site, seconds) in enumerate(stages):
            made.append(stage(number, *[task(n, n, at, at + seconds) for n in range(4)], name=site))
            at += seconds
        return Report(RunView(trace(made, [executor(n) for n in range(4)], at, name=name)), "log")

    a = named("ingest", ("count at main.py:10", 5), ("save at main.py:11", 2))
    b = named("train", ("load at main.py:3", 4), ("count at x/main.py:77", 40), ("fit at main.py:80", 60))
    made = compare(a, b)
    assert (made.unlike, made.code) == (True, True)
    again = named("ingest of today", ("count at x/main.py:12", 9), ("save at x/main.py:13", 2))
    assert compare(a, again).unlike is False
