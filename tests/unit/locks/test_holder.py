"""Holders as they are written down, and what somebody who is kept out reads."""

from __future__ import annotations

import os

import msgspec
import psutil
import pytest

from launcher.tables.locks.holder import Holder, decode, encode, this_process
from launcher.tables.locks.lock import Locked, LockLost, LockProblem
from tests.unit.locks.people import ANNA


def test_a_holder_survives_being_written_down():
    full = msgspec.structs.replace(ANNA, user="anna", master="yarn", application_id="application_1_2")
    assert decode(encode(full)) == full
    assert encode(full).endswith(b"}\n")


def test_a_later_version_may_say_more():
    more = msgspec.json.encode({**msgspec.to_builtins(ANNA), "colour": "red"})
    assert decode(more) == ANNA


@pytest.mark.parametrize("text", [b"", b"\n", b"{", encode(ANNA)[:40], b"[]", b"\xff"])
def test_what_is_no_holder_is_none(text):
    assert decode(text) is None


def test_this_process_can_be_found_again():
    me = this_process("r1", "wordcount", master="local[2]")
    assert (me.run_id, me.job, me.pid, me.master) == ("r1", "wordcount", os.getpid(), "local[2]")
    assert psutil.Process(me.pid).create_time() == me.pid_started_s
    assert me.since.endswith("Z")


def test_a_locked_table_names_run_host_time_and_a_way_out():
    error = Locked("/lake/t", ANNA, dead_after_s=300)
    assert error.exit_code == 5
    assert error.message == (
        "the table /lake/t is locked by run 20260131T050000Z-wordcount-1a2b3c4d on alpha "
        "since 2026-01-31T05:00:00Z"
    )
    for words in (f"sparkjob status {ANNA.run_id}", "--lock-wait SECONDS", "300 s"):
        assert words in error.hint


def test_an_orphan_names_its_application_and_how_to_end_it():
    gone = msgspec.structs.replace(ANNA, application_id="application_1_2")
    error = Locked("/lake/t", gone, orphaned=True)
    assert "its launcher is gone and application_1_2 may still run" in error.message
    assert f"sparkjob cancel {ANNA.run_id}" in error.hint


def test_a_holder_without_a_name_yet_is_told_so():
    assert "has not said its name yet" in Locked("/lake/t", None).message


def test_each_way_of_saying_no_has_its_exit_code():
    assert (LockLost("x").exit_code, LockProblem("x").exit_code) == (1, 3)
    assert isinstance(ANNA, Holder)
