"""The profile of a run: every moment belongs to one phase, and the phases add up to the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.phases import REST, Phase, Profile, Spent, phase, profiling, table


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now_s=100.0):
        self.now_s = now_s

    def __call__(self):
        return self.now_s

    def go(self, seconds):
        self.now_s += seconds


def seconds_of(profile):
    return {found.name: found.seconds for found in profile.phases()}


def test_what_lies_in_no_phase_is_the_rest_and_stands_last():
    clock = Clock()
    profile = Profile(clock)
    clock.go(1)
    with profile.phase("session"):
        clock.go(3)
    clock.go(2)
    with profile.phase("write"):
        clock.go(4)
    assert list(seconds_of(profile).items()) == [("session", 3), ("write", 4), (REST, 3)]
    assert [found.share for found in profile.phases()] == [0.3, 0.4, 0.3]


def test_a_phase_inside_another_takes_its_time_away_from_it():
    clock = Clock()
    profile = Profile(clock)
    with profile.phase("listing"):
        clock.go(1)
        with profile.phase("checking"):
            clock.go(5)
        clock.go(2)
    assert seconds_of(profile) == {"listing": 3, "checking": 5, REST: 0}


def test_a_phase_that_comes_again_is_one_phase():
    clock = Clock()
    profile = Profile(clock)
    for _ in range(3):
        with profile.phase("verify"):
            clock.go(2)
    assert profile.phases() == (Phase("verify", 6, 1), Phase(REST, 0, 0))


def test_a_phase_that_fails_or_is_open_counts_until_then():
    clock = Clock()
    profile = Profile(clock)

    def fail():
        with profile.phase("write"):
            clock.go(2)
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        fail()
    clock.go(1)
    assert seconds_of(profile) == {"write": 2, REST: 1}
    with profile.phase("closing"):
        clock.go(4)
        assert seconds_of(profile) == {"write": 2, "closing": 4, REST: 1}


def test_a_run_may_have_begun_before_its_profile():
    profile = Profile(Clock(100.0), begun_s=98.5)
    with profile.phase("session"):
        pass
    assert seconds_of(profile) == {"session": 0, REST: 1.5}


def test_code_counts_for_the_profile_around_it_and_for_none_without():
    clock = Clock()
    with phase("before"):
        clock.go(1)
    with profiling(Profile(clock)) as profile, phase("session"):
        clock.go(2)
    with phase("after"):
        clock.go(4)
    assert {**seconds_of(profile), REST: 0} == {"session": 2, REST: 0}
    assert "after" not in seconds_of(profile)


MOVES = st.lists(st.tuples(st.sampled_from(["a", "b", "end"]), st.floats(0, 1e4)), max_size=20)


@given(MOVES, st.floats(0, 1e4))
def test_the_phases_add_up_however_they_are_nested(moves, last):
    now, spent = 0.0, Spent(0.0)
    for move, seconds in moves:
        now += seconds
        if move != "end":
            spent = spent.begin(move, now)
        elif spent.open:
            spent = spent.end(now)
    now += last
    phases = spent.phases(now)
    assert phases[-1].name == REST
    assert sum(found.seconds for found in phases) == pytest.approx(now, abs=0.0005 * len(phases) + 1e-6)
    if now > 1:
        assert sum(found.share for found in phases) == pytest.approx(1, abs=0.002 * len(phases))


def test_the_table_shows_each_phase_and_the_whole():
    lines = list(
        table([Phase("session", 2.5, 0.25), Phase("write totals", 7.25, 0.725), Phase(REST, 0.25, 0.025)])
    )
    assert lines == [
        "session           2.500 s   25.0%",
        "write totals      7.250 s   72.5%",
        "rest              0.250 s    2.5%",
        "                 10.000 s",
    ]


def test_the_launcher_shows_the_phases_of_a_result_that_has_them(capsys):
    from launcher.cli.run import _show_phases

    _show_phases({"phases": [{"name": "session", "seconds": 2.0, "share": 1.0}]})
    assert capsys.readouterr().err.splitlines() == [
        "session      2.000 s  100.0%",
        "             2.000 s",
    ]
    for nothing in ({"phases": None}, {}):  # a run of before, a script
        _show_phases(nothing)
    assert capsys.readouterr().err == ""
