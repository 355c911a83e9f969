"""How much of a difference input explains: what was read, by how many stages, rows and bytes."""

from __future__ import annotations

import pytest

from launcher.report.compare.comparison import compare
from launcher.report.compare.growth import Amount, growth_of, ratio
from launcher.report.report import Report
from launcher.report.view.run_view import RunView
from tests.unit.report.made import executor, stage, task, trace
from tests.unit.report.pages import record

LOG2 = 0.6931471805599453


def parts(*runs: list[tuple[str, float, dict[str, int]]]) -> dict[str, float]:
    """Of the difference of two runs of other code, whose stages come one after the other."""
    sides = []
    for content, stages in zip(("one", "two"), runs, strict=True):
        made, at = [], 0.0
        for number, (name, seconds, columns) in enumerate(stages):
            rows = [task(n, n, at, at + seconds, **columns) for n in range(4)]
            made.append(stage(number, *rows, name=f"{name} at job.py:{number + 1}"))
            at += seconds
        view = RunView(trace(made, [executor(n) for n in range(4)], at))
        sides.append(Report(view, "log", record(content=content)))
    made_of = compare(*sides).seconds
    return {cause: round(seconds, 2) for cause, seconds in made_of.items() if abs(seconds) > 0.01}


def test_input_that_grew_by_more_stages_is_input() -> None:
    """A loop over files reads two of them instead of one: the shuffle behind has twice the rows."""
    load = ("load", 10.0, {"read_rows": 10**6})
    saves = [("save", 10.0 * times, {"shuffle_read_rows": times * 10**6}) for times in (1, 2)]
    assert parts([load, saves[0]], [load, load, saves[1]]) == {"code": 10.0, "input": 10.0}


def test_a_small_lookup_that_grew_is_not_the_input() -> None:
    def run(lookup: int, shuffled: int, seconds: float) -> list[tuple[str, float, dict[str, int]]]:
        return [("read", 10.0, {"read_rows": 10**6}), ("csv", 1.0, {"read_rows": lookup}),
                ("save", seconds, {"shuffle_read_rows": shuffled})]  # fmt: skip

    assert parts(run(1, 10**4, 10.0), run(8, 4 * 10**4, 40.0)) == {"code": 30.0}


def test_rows_are_compared_with_rows_alone() -> None:
    """Run B counts no rows of its files: its bytes are those of run A."""
    a = [
        ("read", 10.0, {"read_rows": 1000, "read_bytes": 10**9}),
        ("save", 10.0, {"shuffle_read_rows": 10**4}),
    ]
    b = [("read", 10.0, {"read_bytes": 10**9}), ("save", 40.0, {"shuffle_read_rows": 4 * 10**4})]
    assert parts(a, b) == {"code": 30.0}


def test_how_many_times_as_much() -> None:
    assert ratio(Amount(10, 500), Amount(20, 500)) == pytest.approx(LOG2)
    assert ratio(Amount(0, 500), Amount(20, 1000)) == pytest.approx(LOG2)
    assert ratio(Amount(10), Amount(0, 10)) == ratio(Amount(), Amount(5)) == 0.0


def test_a_stage_that_read_less_bounds_what_became_less() -> None:
    whole = [Amount(100), Amount(100)]
    grown = growth_of(zip(whole, [Amount(50), Amount(150)], strict=True), whole, [Amount(50), Amount(150)])
    assert grown is not None
    assert grown.least == pytest.approx(-LOG2)
    assert grown.bound(1.0) == pytest.approx(0.405, abs=0.001)
    assert growth_of([], [Amount()], []) is None
