"""What the policy never does, whatever it is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.streaming.scaling.events import Arrived, Batch, Decision, Event
from sparkjobs.streaming.scaling.memory import Memory
from sparkjobs.streaming.scaling.policy import begin, decide
from sparkjobs.streaming.scaling.rules import Rules

RULES = Rules(trigger_s=10, latency_s=20, least=1, most=6, start_s=5)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    trigger = draw(st.floats(0.5, 600))
    least = draw(st.integers(1, 8))
    return Rules(
        trigger, trigger * draw(st.floats(1.05, 20)), least, least + draw(st.integers(0, 30)),
        draw(st.floats(0, 120)),
    )  # fmt: skip


@st.composite
def events(draw: st.DrawFn, trigger_s: float) -> list[Event]:
    found, at = [], 0.0
    for _ in range(draw(st.integers(1, 40))):
        length = draw(st.floats(0.01, 3)) * trigger_s
        at += length
        rows = draw(st.sampled_from([0, 1, 10, 1000, 1000, 1100, 10**6]))
        batch = Batch(rows, draw(st.floats(0.001, 3)) * trigger_s, draw(st.integers(0, 40)))
        waiting = tuple(draw(st.lists(st.floats(0, 1e6), max_size=3)))
        running = draw(st.booleans())
        arrived = (Arrived(at, length, rows),) if draw(st.booleans()) else ()
        found.append(Event(at, None if running else batch, arrived, waiting, running))
    return found


def play(rules_: Rules, told: list[Event], start: int = 1) -> list[tuple[Memory, Event, Decision]]:
    memory, found = begin(rules_, start), []
    for event in told:
        before = memory
        memory, decision = decide(rules_, memory, event)
        found.append((before, event, decision))
    return found


@given(st.data())
def test_whatever_happens(data: st.DataObject) -> None:
    bounds = data.draw(rules())
    told = data.draw(events(bounds.trigger_s))
    played = play(bounds, told, data.draw(st.integers(0, 50)))
    assert played == play(bounds, told, played[0][0].target)
    changed_at = None
    for before, event, decision in played:
        assert bounds.least <= decision.target <= bounds.most
        assert decision.changed == (decision.target != before.target)
        assert decision.reason
        if decision.target < before.target:
            assert not event.running, "a batch that runs would lose its tasks"
            assert not event.waiting, "no shrinking while rows wait"
            assert decision.target >= -(-before.target // 2)
            assert changed_at is None or event.at - changed_at >= bounds.window_s
        changed_at = event.at if decision.changed else changed_at


def steady(rows: int, seconds: float, executors: int, length_s: float = 600, since: float = 0) -> list[Event]:
    """A batch every ten seconds."""
    ends = [since + 10 * n for n in range(1, int(length_s / 10) + 1)]
    return [Event(at, Batch(rows, seconds, executors), (Arrived(at, 10, rows),)) for at in ends]


def test_a_load_that_one_executor_does_not_manage_gets_what_the_cost_of_a_row_says() -> None:
    # 12 s of work in ten: two are enough to 60 %, without having been tried.
    _, _, decision = play(RULES, steady(1200, 12.0, 1, 30))[1]
    assert decision == Decision(2, decision.reason, changed=True)
    assert decision.reason == (
        "120 rows/s: a batch on 1 takes 12 s of 10 s, above 90% of what it may; on 2 it takes 6 s"
    )


def test_what_waits_counts_before_its_batch_begins() -> None:
    told = [*steady(500, 5.0, 1, 60), Event(70, waiting=(2500.0,))]
    assert [decision.target for _, _, decision in play(RULES, told)] == [1] * 6 + [3]


def test_executors_are_given_back_after_a_while_only_and_the_reason_says_it() -> None:
    told = steady(1000, 2.0, 6, 300)
    played = play(RULES, told, 6)
    (first, *rest) = [(event.at, decision) for _, event, decision in played if decision.changed]
    assert first[0] >= RULES.window_s
    assert first[1].target == 3, "half of them at most at once"
    assert "no more than 3 were needed for 50 s" in first[1].reason
    assert len(rest) == 1
    assert rest[0][0] - first[0] >= RULES.window_s


def test_a_backlog_that_grows_holds_what_is_there() -> None:
    told = [replace(event, waiting=(1.0,)) for event in steady(1000, 2.0, 6)]
    played = play(RULES, told, 6)
    assert {decision.target for *_, decision in played} == {6}
    assert played[-1][2].reason == "3 would do, but batches wait (1)"


def test_more_executors_that_do_not_help_are_not_asked_for() -> None:
    # All of it is fixed cost, as batches of very different sizes show.
    told = [
        Event(10.0 * n, Batch(rows, 15.0, 1), (Arrived(10.0 * n, 10, rows),))
        for n, rows in enumerate([10, 1000, 20, 2000, 30, 900, 1500, 40] * 3, start=1)
    ]
    assert play(RULES, told)[-1][2].target == 1


def test_nothing_is_asked_for_before_anything_is_measured_unless_a_batch_runs_on() -> None:
    waits = play(RULES, [Event(10, arrived=(Arrived(10, 10, 0),), waiting=(5.0,))])
    assert waits[-1][2] == Decision(1, "nothing is measured yet", changed=False)
    first = Event(10, running=True)
    told = [Event(1, waiting=(5.0,)), *(replace(first, at=at) for at in (11, 20, 30, 40, 50))]
    assert [decision.target for *_, decision in play(RULES, told)] == [1, 1, 1, 2, 4, 6]


def test_the_first_batch_is_forgotten_when_there_is_another() -> None:
    told = [Event(10, Batch(100, 9.5, 1), (Arrived(10, 10, 100),)), *steady(100, 1.0, 1, 60, 10)]
    played = play(RULES, told)
    assert len(played[0][0].batches) == 0
    assert played[2][0].batches == (Batch(100, 1.0, 1),)


def test_the_first_batch_on_new_executors_is_no_measure() -> None:
    usual = [Batch(100 * n, 1.0 + n, 1, float(n)) for n in range(1, 7)]
    told = [Event(10.0 * n, batch, (Arrived(10.0 * n, 10, 500),)) for n, batch in enumerate(usual, start=1)]
    cold = Event(70, Batch(400, 30.0, 2, 15.0), (Arrived(70, 10, 500),))
    warm = Event(80, Batch(400, 3.0, 2, 4.0), (Arrived(80, 10, 500),))
    last = Event(90)
    (after_cold, _, _), (after_warm, _, _) = play(RULES, [*told, cold, warm, last])[-2:]
    assert cold.batch not in after_cold.batches
    assert after_warm.batches[-1] == warm.batch


def test_starts_that_were_dear_leave_room_for_the_next_one() -> None:
    def target(cold_s: float) -> int:
        """After batches that take 8.5 s of ten, and one on a new executor that was longer by so much."""
        usual = [Batch(1000 + n, 1.0 + 7.5, 2, 15.0) for n in range(8)]
        told = [Event(10.0 * n, batch, (Arrived(10.0 * n, 10, 1000),)) for n, batch in enumerate(usual, 1)]
        new = Event(90, Batch(1000, 1.0 + 5.0 + cold_s, 3, 15.0), (Arrived(90, 10, 1000),))
        fewer = [Event(90 + event.at, event.batch, (Arrived(90 + event.at, 10, 1000),)) for event in told]
        return play(RULES, [*told, new, *fewer], 2)[-1][2].target

    assert target(cold_s=0.5) == 2
    assert target(cold_s=4.0) > 2


def test_until_a_start_was_seen_a_quarter_is_left_free_for_it() -> None:
    def target(*starts: Batch) -> int:
        """After batches that take 8 s of ten on one executor."""
        told = [
            Event(10.0 * n, batch, (Arrived(10.0 * n, 10, 1000),))
            for n, batch in enumerate(
                [Batch(1000, 8.0, 1, 7.0)] * 7 + [*starts] + [Batch(1000, 8.0, 1, 7.0)] * 7, 1
            )
        ]
        return play(RULES, told, 1)[-1][2].target

    assert target() == 2
    # It cost nothing.
    assert target(Batch(1000, 4.5, 2, 7.0)) == 1


def test_in_the_first_batches_a_step_is_seen_before_the_next() -> None:
    told = [Event(10, Batch(10, 12.0, 1, 1.0)), Event(20, Batch(10, 9.0, 1, 9.0), (Arrived(20, 10, 5000),))]
    told += [Event(at, running=True, waiting=(5000.0,)) for at in (25.0, 30.0)]
    told += [Event(35, Batch(5000, 14.0, 2, 20.0), (Arrived(35, 10, 5000),))]
    assert [decision.target for *_, decision in play(RULES, told)] == [1, 2, 2, 2, 2]
    measured = Event(45, Batch(5000, 12.0, 2, 20.0), (Arrived(45, 10, 5000),), (5000.0,))
    assert play(RULES, [*told, measured])[-1][2].target > 2


def test_rows_that_became_ten_times_dearer_are_believed_after_two_batches() -> None:
    def batch(row_s: float, executors: int) -> Batch:
        return Batch(1000, 1.0 + row_s * 1000 / executors, executors, row_s * 1000)

    told = [batch(0.01, 2)] * 8 + [batch(0.1, 2), batch(0.1, 3)]
    events_ = [Event(60.0 * n, one, (Arrived(60.0 * n, 10, 1000),)) for n, one in enumerate(told, 1)]
    assert play(RULES, events_, 2)[-1][2].target == RULES.most


def test_batches_without_rows_are_no_measure_and_hold_nothing() -> None:
    full = [Event(10.0 * n, Batch(1000, 9.0, 6, 40.0), (Arrived(10.0 * n, 10, 1000),)) for n in range(1, 8)]
    empty = [Event(10.0 * n, Batch(0, 0.1, 6, 0.0), (Arrived(10.0 * n, 10, 0),)) for n in range(8, 90)]
    assert play(RULES, [*full, *empty], 6)[-1][2].target == 1
    assert play(RULES, empty, 6)[-1][2].target == 1


def test_silence_needs_no_executor_whatever_a_batch_costs() -> None:
    full = [Event(10.0 * n, Batch(1000, 9.0, 4, 32.0), (Arrived(10.0 * n, 10, 1000),)) for n in range(1, 8)]
    silent = [Event(10.0 * n, arrived=(Arrived(10.0 * n, 10, 0),)) for n in range(8, 90)]
    assert play(RULES, [*full, *silent], 4)[-1][2].target == 1


def test_the_time_of_a_first_batch_counts_from_its_begin() -> None:
    silent = [Event(10.0 * n, arrived=(Arrived(10.0 * n, 10, 0),)) for n in range(1, 60)]
    told = [*silent, Event(600, waiting=(50.0,)), *(Event(600.0 + s, running=True) for s in (5, 10, 15))]
    assert play(RULES, told)[-1][2].target == 1


def test_one_stall_does_not_hold_what_it_asked_for() -> None:
    """Two are enough for hours; then a batch hangs for two minutes, and fifteen take in what came."""
    rules_ = Rules(10, 20, 1, 20, 5)
    usual = [Event(10.0 * n, Batch(1000, 8.0, 3, 20.0), (Arrived(10.0 * n, 10, 1000),)) for n in range(1, 60)]
    stalled = Event(720, Batch(1000, 125.0, 3, 20.0), (Arrived(720, 125, 1000),), (12000.0,))
    ends = [720.0 + 10 * n for n in range(1, 90)]
    after = [Event(at, Batch(1000, 3.0, 8, 20.0), (Arrived(at, 10, 1000),)) for at in ends]
    targets = [decision.target for *_, decision in play(rules_, [*usual, stalled, *after], 3)]
    assert max(targets) > 6
    assert targets[-1] <= 5


def test_in_the_first_batches_nothing_grows_more_than_twofold() -> None:
    told = [Event(10, Batch(10, 12.0, 1, 1.0)), Event(20, Batch(10, 9.0, 1, 9.0), (Arrived(20, 10, 5000),))]
    assert [decision.target for *_, decision in play(RULES, told)] == [1, 2]


def test_a_first_batch_that_did_not_wait_for_its_tasks_lets_the_second_take_its_time() -> None:
    def grown_at(work: float) -> float:
        told = [Event(1.0), Event(15, Batch(10, 14.0, 2, work))]
        told += [Event(float(at), running=True) for at in range(20, 100, 5)]
        return next(event.at for _, event, decision in play(RULES, told, 2) if decision.changed)

    assert grown_at(work=1.0) == 55
    assert grown_at(work=20.0) == 35


def test_nothing_is_given_back_that_a_growing_load_asks_for_soon() -> None:
    def moves(grows: float) -> list[int]:
        """Of five executors at a load that two manage now."""
        told = []
        for n in range(1, 40):
            rows = round(100 * (10 + grows * n))
            batch = Batch(rows, 1.0 + 0.01 * rows / 5, 5, 0.01 * rows)
            told.append(Event(10.0 * n, batch, (Arrived(10.0 * n, 10, rows),)))
        return [decision.target for _, _, decision in play(RULES, told, 5)[:15]]

    assert min(moves(grows=0.0)) == 2
    assert min(moves(grows=2.0)) >= 4


def test_silence_before_the_first_batch_gives_back_what_it_began_with() -> None:
    silent = [Event(at, arrived=(Arrived(at, 10, 0),)) for at in range(0, 2000, 10)]
    decisions = [decision for *_, decision in play(RULES, silent, 6)]
    assert decisions[0] == Decision(6, "nothing has come", changed=False)
    changed = [decision for decision in decisions if decision.changed]
    assert [decision.target for decision in changed] == [3, 2, 1]
    assert changed[0].reason == f"nothing has come for {RULES.window_s:.0f} s"
    # What waits is no silence.
    waiting = [replace(event, waiting=(5.0,)) for event in silent]
    assert {decision.target for *_, decision in play(RULES, waiting, 6)} == {6}


def test_silence_after_the_first_batch_gives_back_what_it_grew_to() -> None:
    running = [Event(float(at), running=True) for at in (10, 20, 30, 40)]
    first = Event(50, Batch(5000, 45.0, 6), (Arrived(50, 50, 5000),))
    silent = [Event(at, arrived=(Arrived(at, 10, 0),)) for at in range(60, 400, 10)]
    targets = [decision.target for *_, decision in play(RULES, [Event(1), *running, first, *silent], 2)]
    assert max(targets) == 6
    assert targets[-1] == 1


def test_by_the_first_batch_alone_nothing_grows() -> None:
    told = [Event(10, Batch(1000, 19.0, 2), (Arrived(10, 10, 1000),))]
    told += [Event(at, arrived=(Arrived(at, 10, 1000),)) for at in range(20, 200, 10)]
    assert {decision.target for *_, decision in play(RULES, told, 2)} == {2}


def test_what_had_to_be_undone_is_not_tried_again_at_that_load_for_an_hour() -> None:
    low, high = steady(1000, 6.5, 2, 100), steady(1000, 9.6, 2, 100)
    told, at = [], 0.0
    for _ in range(12):
        for event in [*low, *high]:
            at += 10
            look = Arrived(at, 10, 1000)
            told.append(replace(event, at=at, arrived=(look,)))
    moves = [
        decision.target - before.target for before, _, decision in play(RULES, told, 3) if decision.changed
    ]
    turns = sum(one * other < 0 for one, other in pairwise(moves))
    assert turns <= 1
    assert any("would do, but 2 were too few" in decision.reason for *_, decision in play(RULES, told, 3))


@pytest.mark.parametrize(("trigger", "latency", "batch"), [(10, 20, 10), (10, 60, 30), (10, 12, 2)])
def test_a_batch_may_take_what_waiting_leaves_of_the_objective(
    trigger: float, latency: float, batch: float
) -> None:
    assert Rules(trigger, latency, 1, 2).batch_s == batch
