"""What a batch costs, and how fast rows arrive, read off noisy batches."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.streaming.scaling.cost import Cost, measured
from sparkjobs.streaming.scaling.events import Arrived, Batch
from sparkjobs.streaming.scaling.looks import Looks
from sparkjobs.streaming.scaling.need import Load, needed
from sparkjobs.streaming.scaling.rate import rate_of
from sparkjobs.streaming.scaling.rules import Rules


def batch(rows: int, executors: int, fixed: float = 2.0, per_row: float = 0.01, factor: float = 1.0) -> Batch:
    return Batch(rows, (fixed + per_row * rows / executors) * factor, executors)


@given(
    st.floats(0.1, 20), st.floats(1e-5, 0.1),
    st.lists(st.tuples(st.integers(1, 10**5), st.integers(1, 50)), min_size=12, max_size=30),
)  # fmt: skip
def test_fixed_cost_and_cost_per_row_are_told_apart(
    fixed: float, per_row: float, sizes: list[tuple[int, int]]
) -> None:
    sizes = [(100, 1), (400, 1), *sizes, (900, 1)]
    cost = measured([batch(rows, n, fixed, per_row) for rows, n in sizes])
    assert cost is not None
    for rows, executors in sizes:
        assert cost.seconds(rows, executors) == pytest.approx(batch(rows, executors, fixed, per_row).seconds)


@given(
    st.floats(0, 20), st.floats(1e-5, 0.1), st.integers(1, 10**5), st.integers(1, 50), st.integers(1, 9)
)  # fmt: skip
def test_what_the_tasks_took_tells_the_parts_apart_from_the_first_batch_on(
    fixed: float, per_row: float, rows: int, executors: int, times: int
) -> None:
    one = Batch(rows, fixed + per_row * rows / executors, executors, per_row * rows)
    cost = measured([one] * times)
    assert cost is not None
    assert (cost.fixed, cost.per_row) == (pytest.approx(fixed, abs=1e-6), pytest.approx(per_row))


def test_tasks_cost_something_without_rows() -> None:
    sizes = [50, 200, 400, 800, 100, 600]
    batches = [Batch(rows, 2.0 + (3 + 0.02 * rows) / 4, 4, 3 + 0.02 * rows) for rows in sizes]
    cost = measured(batches)
    assert cost is not None
    assert (cost.per_row, cost.fixed, cost.base) == (
        pytest.approx(0.02), pytest.approx(2.0), pytest.approx(3.0),
    )  # fmt: skip


def test_work_that_becomes_less_while_rows_become_more_does_not_make_rows_cheap() -> None:
    """The first batches of a run, as one was measured."""
    told = [(50, 6.7), (70, 5.0), (80, 4.2), (100, 3.8), (120, 3.6), (140, 3.4), (160, 3.4), (160, 3.5)]
    cost = measured([Batch(rows, 2.5 + work / 2, 2, work) for rows, work in told])
    assert cost is not None
    # As much as it was on one executor, and more with more rows.
    assert cost.seconds(160, 1) == pytest.approx(2.5 + 3.5, abs=0.2)
    assert cost.seconds(320, 1) > 2.5 + 3.5 + 1.5


def test_one_batch_in_four_may_be_an_outlier() -> None:
    noise = random.Random(3)
    sizes = [(noise.randint(100, 2000), noise.randint(1, 6)) for _ in range(28)]
    batches = [batch(rows, n, factor=1 + 9 * (i % 4 == 0)) for i, (rows, n) in enumerate(sizes)]
    cost = measured([*batches, batch(500, 2), batch(600, 2)])
    assert cost is not None
    assert cost.fixed == pytest.approx(2.0, rel=0.35)
    assert cost.per_row == pytest.approx(0.01, rel=0.35)


def test_batches_that_are_all_alike_do_not_tell_the_parts_apart_and_all_is_for_the_rows() -> None:
    cost = measured([batch(1000, 4)] * 10)
    assert cost is not None
    assert cost.fixed == 0
    assert cost.seconds(1000, 4) == pytest.approx(4.5)
    assert cost.seconds(1000, 2) == pytest.approx(9.0)


def test_rows_that_became_dearer_are_believed_from_the_third_batch_on() -> None:
    before = [batch(100 * i, 1) for i in range(1, 11)]
    dearer = [batch(500, 1, factor=1.5)] * 3
    now, then = measured([*before, *dearer]), measured([*before, *dearer[:1]])
    assert now is not None
    assert then is not None
    assert now.seconds(500, 1) == pytest.approx(10.5, rel=0.1)
    assert then.seconds(500, 1) == pytest.approx(7, rel=0.1)


def test_batches_without_rows_or_executors_tell_nothing() -> None:
    assert measured([Batch(0, 3.0, 2), Batch(50, 3.0, 0)]) is None
    cost = measured([Batch(100, 5.0, 2), Batch(100, 3.0, 0)])
    assert cost is not None
    assert cost.seconds(100, 2) == pytest.approx(5.0)


def test_more_executors_than_help_are_never_needed() -> None:
    rules = Rules(10, 20, 1, 20)
    # 8.7 s are fixed: 7 take 9.2 s, 20 take 8.9.
    load = Load(44.4)
    assert [needed(Cost(fixed, 0.01), load, rules, 0.9) for fixed in (8.0, 8.6, 8.8)] == [5, 7, 7]


def test_the_rate_is_that_of_the_last_looks_and_rises_with_them() -> None:
    looks = [Arrived(float(at), 5.0, 5 * at) for at in range(5, 55, 5)]
    rate = rate_of(looks, 30.0)
    assert rate is not None
    assert rate.latest == pytest.approx(47.5)
    assert rate.usual == pytest.approx(37.5)
    assert rate.trend == pytest.approx(1.0)
    assert rate.ahead(10) == pytest.approx(57.5)
    falls = rate_of([Arrived(float(at), 5.0, 500 - 5 * at) for at in range(5, 55, 5)], 30.0)
    assert falls is not None
    assert falls.ahead(10) == falls.latest
    assert rate_of([], 30.0) is None


def test_what_many_looks_show_is_the_drift_and_a_fall_is_not_relied_on() -> None:
    rises = rate_of([Arrived(float(at), 5.0, 5 * at) for at in range(5, 105, 5)], 30.0)
    assert rises is not None
    assert rises.drift == pytest.approx(1.0)
    assert rises.usual_ahead(60) == pytest.approx(rises.usual + 60)
    falls = rate_of([Arrived(float(at), 5.0, 900 - 5 * at) for at in range(5, 105, 5)], 30.0)
    assert falls is not None
    assert falls.usual_ahead(60) == falls.usual


def test_a_look_tells_its_rows_when_all_its_batches_are_done_and_the_first_none() -> None:
    looks = Looks()
    looks.looked(0.0, 1)
    looks.looked(10.0, 2)
    looks.looked(20.0, 0)
    assert looks.waiting == 3
    looks.done(500)
    looks.done(10)
    assert not looks.complete()
    looks.done(20)
    assert looks.complete() == (Arrived(10.0, 10.0, 30), Arrived(20.0, 10.0, 0))
    assert not looks.complete()
    assert looks.waiting == 0


def test_lists_left_by_an_earlier_run_wait_and_tell_no_rate() -> None:
    looks = Looks(left=2)
    looks.looked(5.0, 1)
    assert looks.waiting == 3
    for rows in (60, 40, 10):
        looks.done(rows)
    assert not looks.complete()
    looks.looked(10.0, 0)
    assert looks.complete() == (Arrived(10.0, 5.0, 0),)


def test_a_batch_that_is_done_before_its_look_is_over_belongs_to_that_look():
    looks = Looks()
    looks.looked(100.0, 0)
    assert looks.complete() == ()
    looks.done(30)  # its list was seen while the look wrote the next
    looks.looked(110.0, 2)
    assert looks.waiting == 1
    looks.done(12)
    assert looks.complete() == (Arrived(110.0, 10.0, 42),)
    assert looks.waiting == 0
