"""Each cause of a difference on a pair of runs that differ by it; the parts always sum to the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.history.trace import Ended, Lost, Stage, Trace
from launcher.records.record import Record
from launcher.report.compare.comparison import Comparison, compare
from launcher.report.compare.told import document, lines, warnings
from launcher.report.compare.wall import views, wall_of
from launcher.report.report import Report
from launcher.report.sql.queries import Queries
from launcher.report.view.run_view import RunView
from tests.unit.report.made import executor, job, stage, task, trace
from tests.unit.report.pages import record


def run(
    each: float = 10.0, executors: int = 4, rows: int = 1000, waves: int = 1, more: tuple[Stage, ...] = (),
    end: float | None = None, **parts: Any,
) -> Trace:  # fmt: skip
    """One stage of tasks of a length, on some executors, in waves."""
    tasks = [
        task(n, n % executors, n // executors * each, (n // executors + 1) * each, read_rows=rows)
        for n in range(executors * waves)
    ]
    last = max([waves * each, *(max(one.tasks.finish_ms) / 1000 % 1_000_000 for one in more)])
    stages = [stage(0, *tasks, name="save at job.py:1"), *more]
    return trace(stages, [executor(n) for n in range(executors)], end or min(last, waves * each), **parts)


def compared(a: Trace, b: Trace, records: tuple[Record | None, Record | None] = (None, None)) -> Comparison:
    sides = (Report(RunView(one), "log", own) for one, own in zip((a, b), records, strict=True))
    return compare(*sides)


def parts_of(made: Comparison) -> dict[str, float]:
    return {cause: round(seconds, 2) for cause, seconds in made.seconds.items() if abs(seconds) > 0.01}


def test_input_that_grew() -> None:
    assert parts_of(compared(run(rows=1000), run(each=20.0, rows=2000))) == {"input": 10.0}


def test_input_explains_no_more_than_it_grew() -> None:
    """Twice the rows, three times the time: by the logarithms of these the input made ln 2 / ln 3 of it."""
    made = parts_of(compared(run(rows=1000), run(each=30.0, rows=2000)))
    assert made == {"input": 12.62, "noise": 7.38}


def shuffling(read: int, shuffled: int, each: float, conf: dict[str, str] | None = None) -> Trace:
    """Ten seconds that read, and a stage behind a shuffle."""
    reads = [task(n, n, 0, 10, read_rows=read) for n in range(4)]
    behind = [task(n, n, 10, 10 + each, shuffle_read_rows=shuffled) for n in range(4)]
    stages = [stage(0, *reads, name="save at job.py:1"), stage(1, *behind, name="save at job.py:2")]
    return trace(stages, [executor(n) for n in range(4)], 10 + each, conf=conf or {})


def test_rows_of_a_shuffle_that_nobody_read_are_no_input() -> None:
    """A join or a filter of the code made four times the rows of the same input."""
    a, b = shuffling(10**6, 1000, 10), shuffling(10**6, 4000, 40)
    hashes = (record(content="one"), record(content="two"))
    assert parts_of(compared(a, b, hashes)) == {"code": 30.0}
    other = shuffling(10**6, 4000, 40, {"spark.sql.files.maxPartitionBytes": "4m"})
    assert parts_of(compared(a, other)) == {"settings": 30.0}
    # Of four times the rows of a shuffle twice the input explains one doubling.
    assert parts_of(compared(a, shuffling(2 * 10**6, 4000, 40), hashes)) == {"input": 15.0, "code": 15.0}
    assert parts_of(compared(b, shuffling(10**6, 1000, 10), hashes)) == {"code": -30.0}
    # Where no stage tells what it read, the rows of shuffles are all that is known of the input.
    assert parts_of(compared(shuffling(0, 1000, 10), shuffling(0, 4000, 40), hashes)) == {"input": 30.0}


def test_fewer_executors() -> None:
    assert parts_of(compared(run(), run(executors=2, waves=2))) == {"executors": 10.0}


def test_settings_that_differ_are_to_blame_for_what_is_left() -> None:
    a = run(conf={"spark.sql.shuffle.partitions": "200"})
    b = run(each=15.0, conf={"spark.sql.shuffle.partitions": "2"})
    made = compared(a, b)
    assert parts_of(made) == {"settings": 5.0}
    assert "spark.sql.shuffle.partitions: 200 -> 2" in dict(_whys(made))["settings"]


def test_a_small_rest_is_noise_whatever_differs() -> None:
    a = run(each=100.0, conf={"spark.sql.shuffle.partitions": "200"})
    assert parts_of(compared(a, run(each=103.0, conf={}))) == {"noise": 3.0}


def test_a_stage_that_came_with_other_code() -> None:
    new = stage(1, *[task(n, n, 10, 16) for n in range(4)], name="count at job.py:9")
    hashes = (record(content="one"), record(content="two"))
    made = compared(run(), run(more=(new,), end=16), hashes)
    assert parts_of(made) == {"code": 6.0}
    assert [(one.a, one.b) for one in made.stages] == [(0, 0), (None, 1)]
    same = compared(run(), run(more=(new,), end=16), (record(content="one"), record(content="one")))
    assert parts_of(same) == {"noise": 6.0}


def test_attempts_that_failed() -> None:
    rows = [task(n, n, 0, 10, ended=int(Ended.FAILED), read_rows=1000) for n in range(4)]
    again = [task(n, n, 10, 20, attempt=1, read_rows=1000) for n in range(4)]
    failing = trace([stage(0, *rows, *again, name="save at job.py:1")], [executor(n) for n in range(4)], 20)
    assert parts_of(compared(run(), failing)) == {"failures": 10.0}


def test_a_stage_that_ran_again() -> None:
    again = stage(0, *[task(n, n, 10, 14) for n in range(4)], name="save at job.py:1", attempt=1)
    assert parts_of(compared(run(), run(more=(again,), end=14))) == {"failures": 4.0}


def test_executors_that_came_later() -> None:
    tasks = [task(n, n, 30, 40, read_rows=1000) for n in range(4)]
    late = trace([stage(0, *tasks, name="save at job.py:1")], [executor(n, came=30) for n in range(4)], 40)
    assert parts_of(compared(run(), late)) == {"executors": 30.0}


def test_a_driver_that_worked_before_its_first_job() -> None:
    """Dynamic allocation asks for no executor before a job has tasks."""
    conf = {"spark.master": "yarn", "spark.dynamicAllocation.enabled": "true"}

    def after(driver: float) -> Trace:
        ready = driver + 3
        rows = [task(n, n, ready, ready + 10, read_rows=5) for n in range(4)]
        late = [executor(n, came=ready) for n in range(4)]
        jobs = [job(0, driver, ready + 10)]
        return trace([stage(0, *rows, name="save at job.py:1")], late, ready + 10, jobs, conf=conf)

    hashes = (record(content="one"), record(content="two"))
    made = compared(after(2), after(62), hashes)
    assert parts_of(made) == {"code": 60.0}
    assert made.start_s == 0.0


def test_a_run_that_asks_at_once_against_one_that_asks_with_its_first_job() -> None:
    """The start is measured alike in both: it is not their code that differs."""

    def asking(conf: dict[str, str], came: float, asked: float, first: float) -> Trace:
        rows = [task(n, n, first, first + 10, read_rows=5) for n in range(4)]
        there = [executor(n, came=came) for n in range(4)]
        jobs = [job(0, asked, first + 10)]
        stages = [stage(0, *rows, name="save at job.py:1")]
        return trace(stages, there, first + 10, jobs, conf={"spark.master": "yarn", **conf})

    static, elastic = {"spark.executor.instances": "4"}, {"spark.dynamicAllocation.enabled": "true"}
    hashes = (record(content="one"), record(content="two"))
    ready = asking(static, came=20, asked=30, first=30)
    assert parts_of(compared(ready, asking(elastic, came=35, asked=30, first=35), hashes)) == {
        "executors": 5.0
    }
    # The context of the former waits for them before its first job.
    waited = asking(static, came=20, asked=21, first=21)
    later = asking(elastic, came=25, asked=5, first=25)
    assert parts_of(compared(waited, later, hashes)) == {"executors": 4.0}
    assert compared(later, later).start_s == 0.0


def test_a_stage_of_no_length_takes_no_time() -> None:
    ended = int(Ended.FAILED)
    made = compared(run(end=20), run(end=20, more=(stage(1, task(0, 0, 6, 6, ended=ended), name="c"),)))
    assert parts_of(made) == {}


def test_a_driver_that_worked_longer() -> None:
    longer = run(end=25, jobs=[job(0, 0, 10)])
    assert parts_of(compared(run(), longer)) == {"noise": 15.0}
    hashes = (record(content="one"), record(content="two"))
    assert parts_of(compared(run(), longer, hashes)) == {"code": 15.0}


def test_stages_are_matched_by_plan_before_call_site() -> None:
    first = stage(0, *[task(n, n, 0, 10) for n in range(4)])
    second = stage(1, *[task(n, n, 10, 30) for n in range(4)])
    executors = [executor(n) for n in range(4)]
    plan = {0: ("Scan",), 1: ("Sort",)}
    a = Report(RunView(trace([first, second], executors, 30), Queries(operators=plan)), "a")
    only = replace(second, id=0)
    b = Report(RunView(trace([only], executors, 30), Queries(operators={0: ("Sort",)})), "b")
    assert [(one.a, one.b) for one in compare(a, b).stages] == [(0, None), (1, 0)]
    plain = (Report(RunView(one.view.trace), "x") for one in (a, b))
    assert [(one.a, one.b) for one in compare(*plain).stages] == [(0, 0), (1, None)]


def _whys(made: Comparison) -> list[tuple[str, str]]:
    return [(part["cause"], part["why"]) for part in document(made)["parts"]]


stages_of_a_run = st.lists(
    st.tuples(
        st.floats(0, 50),
        st.one_of(st.just(0.0), st.floats(0.01, 30)),
        st.integers(1, 6),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=6,
)


@st.composite
def runs(draw: st.DrawFn) -> Trace:
    """Any stages, overlapping or not, some of them retried, on executors that come whenever."""
    made = []
    for number, (begin, length, count, name, failed) in enumerate(draw(stages_of_a_run)):
        ended = int(Ended.FAILED if failed else Ended.SUCCESS)
        rows = [
            task(n, n % 3, begin, begin + length * (1 + n / 7), read_rows=count, ended=ended)
            for n in range(count)
        ]
        made.append(stage(number, *rows, name=f"s{name}", attempt=int(failed)))
    end = draw(st.floats(0.5, 120))
    executors = [executor(n, came=draw(st.floats(0, 20)), cores=2) for n in range(3)]
    return trace(made, executors, end, conf=draw(st.sampled_from([{}, {"spark.x": "1"}, None])))


@given(runs(), runs(), st.sampled_from(["one", "two", None]))
def test_the_parts_sum_to_the_difference(a: Trace, b: Trace, content: str | None) -> None:
    made = compared(a, b, (record(content="one"), record(content=content)))
    told = document(made)
    assert sum(made.seconds.values()) == pytest.approx(made.difference_s, abs=1e-6)
    assert sum(part["seconds"] for part in told["parts"]) == pytest.approx(told["difference_s"], abs=1e-9)
    stages = sum(one.seconds for one in made.stages)
    assert stages + made.start_s + made.driver_s == pytest.approx(made.difference_s, abs=1e-6)
    assert [part["cause"] for part in told["parts"]] == [
        "input", "settings", "code", "executors", "failures", "noise",
    ]  # fmt: skip
    json.dumps(told, allow_nan=False)
    assert list(lines(made))


@given(runs())
def test_every_second_of_a_run_counts_once(made: Trace) -> None:
    view = RunView(made)
    wall = wall_of(view, views(view))
    assert wall.start_s + wall.driver_s + sum(wall.stages.values()) == pytest.approx(view.seconds, abs=1e-6)
    assert min(wall.start_s, wall.driver_s, *wall.stages.values(), 0.0) >= -1e-9


@given(runs())
def test_a_run_is_like_itself(made: Trace) -> None:
    assert parts_of(compared(made, made)) == {}


def test_applications_with_nothing_in_common_differ_by_their_code() -> None:
    rows = [task(n, n, 0, 16) for n in range(4)]
    conf = {"spark.sql.shuffle.partitions": "2"}
    stages, there = [stage(0, *rows, name="count at other.py:9")], [executor(n) for n in range(4)]
    other = trace(stages, there, 16, name="other", conf=conf)
    made = compared(run(), other)
    assert parts_of(made) == {"code": 6.0}
    assert (
        dict(_whys(made))["code"] == "daily and other have few stages in common: they are other applications"
    )
    # Names alone may hold a date.
    assert compared(run(), run(name="daily 2026-01-31")).code is None


def test_a_run_that_was_cut_or_ended_badly_is_warned_of() -> None:
    whole, cut = run(), replace(run(), lost=Lost(cut=True, why=("it has no end",)))
    assert list(warnings(compared(whole, whole))) == []
    assert list(warnings(compared(whole, cut))) == ["B: it has no end"]
    failed = replace(run(), exit_code=1)
    assert list(warnings(compared(failed, whole))) == [
        "A ended badly: its time is not what it takes to succeed"
    ]


def test_runs_that_took_as_long_are_told_so() -> None:
    assert "B took as long as A" in list(lines(compared(run(), run())))
    assert "B is 10 s (100.0%) slower" in list(lines(compared(run(), run(each=20.0))))
