"""A job's result is not shown twice; all else passes as it is."""

from __future__ import annotations

import os
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.runs.attempt import _TailPump
from launcher.runs.output import Log
from launcher.runs.result_line import WithoutResult
from sparkjobs.result import RunResult

RESULT = b'{"v": 1, "job": "etl", "run_id": "r1", "outcome": "COMMITTED"}\n'
OTHER = RESULT.replace(b"r1", b"r2")


def seen(pieces) -> bytes:
    filtered = WithoutResult("r1")
    return b"".join([*map(filtered.passed, pieces), filtered.rest()])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"", b""),
        (RESULT, b""),
        (b"words\n" + RESULT, b"words\n"),
        (RESULT + b"words\n", RESULT + b"words\n"),
        (RESULT + RESULT, RESULT),
        (OTHER, OTHER),
        (b"words " + RESULT, b"words " + RESULT),
        (RESULT[:30], RESULT[:30]),
        (b"{", b"{"),
        (b"\x00\xff no end", b"\x00\xff no end"),
        (b"\n\n", b"\n\n"),
    ],
)
def test_only_the_result_at_the_end_is_left_out_however_it_is_cut(written, shown):
    assert seen([written]) == shown
    assert seen([written[at : at + 1] for at in range(len(written))]) == shown


@given(st.lists(st.sampled_from([b"\n", b"{", b'"v"', RESULT, RESULT[:5], b"x", OTHER]), max_size=8))
def test_nothing_else_is_lost_or_moved(pieces):
    whole = b"".join(pieces)
    shown = seen(pieces)
    assert shown == seen([whole])
    assert shown in (whole, whole.removesuffix(RESULT))


def test_what_our_jobs_print_is_known():
    printed = RunResult("etl", "r1", None, None, "COMMITTED").to_json().encode() + b"\n"
    filtered = WithoutResult("r1")
    assert filtered.passed(printed[:-9]) == filtered.passed(printed[-9:]) == filtered.rest() == b""


def test_what_cannot_be_the_result_does_not_wait_for_the_end():
    filtered = WithoutResult("r1")
    assert filtered.passed(b"half a li") == b"half a li"
    assert filtered.passed(b"ne\n{") == b"ne\n"
    assert filtered.passed(b"}\n") == b"{}\n"


@pytest.mark.parametrize(("hide", "shown"), [(WithoutResult("r1"), b"a\n"), (None, b"a\n" + RESULT)])
def test_the_log_and_the_witness_keep_what_is_not_shown(tmp_path, hide, shown):
    source, feed = os.pipe()
    read, follower = os.pipe()
    os.write(feed, b"a\n" + RESULT)
    os.close(feed)
    tail: deque[bytes] = deque()
    _TailPump(source, Log(tmp_path / "log"), follower, tail, hide).run()
    os.close(follower)
    assert os.read(read, 1000) == shown
    assert (tmp_path / "log").read_bytes() == b"".join(tail) == b"a\n" + RESULT
    os.close(read)
    os.close(source)
