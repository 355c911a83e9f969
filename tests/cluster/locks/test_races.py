"""Many processes want one table: one has it, and the others know who."""

from __future__ import annotations

import pytest

from launcher.tables.locks.holder import this_process
from launcher.tables.locks.lock import Locked
from launcher.tables.locks.table_locks import LockRules, hold, locks_of, with_outputs
from tests.cluster.locks.backend import Backend, holding_apart, race

RUNNERS = 24


def test_of_24_processes_one_wins_and_the_tokens_grow(backend: Backend) -> None:
    for token in (1, 2):
        answers = race(backend, RUNNERS)
        assert [message for what, message in answers if what == "failed"] == []
        ((winner, taken),) = [message for what, message in answers if what == "won"]
        assert taken == token
        losers = [message for what, message in answers if what == "locked"]
        assert len(losers) == RUNNERS - 1
        # A file lock is taken a moment before its holder's name is written.
        assert set(losers) <= ({winner, None} if backend.kind == "file" else {winner})


def test_the_one_that_is_kept_out_is_told_by_whom(backend: Backend) -> None:
    with holding_apart(backend, "first") as (first, token):
        locked = backend.refused()
        assert locked is not None
        assert locked.holder is not None
        assert (locked.holder.run_id, locked.holder.pid) == ("first", first.process.pid)
        assert locked.exit_code == 5
        first.release()
        assert backend.hold("second").token == token + 1


def test_what_a_holder_notes_is_what_others_read(backend: Backend) -> None:
    import msgspec

    held = backend.hold("first")
    held.note(msgspec.structs.replace(this_process("first", "test"), application_id="app-1"))
    locked = backend.refused()
    held.release()
    assert locked is not None
    assert locked.holder is not None
    assert locked.holder.application_id == "app-1"


def test_a_waiting_run_gets_the_table_when_it_is_free(backend: Backend) -> None:
    with holding_apart(backend, "first") as (first, token):
        looks = []

        def pause(seconds: float) -> bool:
            looks.append(seconds)
            if len(looks) == 2:
                first.release()
            return False

        me = this_process("second", "test")
        held = hold(backend.locks(), me, lambda died: True, print, wait_s=600, pause=pause)
        assert (held.token, len(looks)) == (token + 1, 2)
        held.release()


def test_a_table_inside_a_job_s_output_needs_the_lock_of_the_output_too(backend: Backend) -> None:
    rules, inside = LockRules(backend.url), f"{backend.table}/rows"
    assert len(with_outputs(inside, rules, backend.environ)) == 1
    job = hold(backend.locks(), this_process("job", "test"), lambda died: False, print)
    with pytest.raises(Locked, match="run job on"):
        hold(
            with_outputs(inside, rules, backend.environ),
            this_process("verb", "test"),
            lambda died: False,
            print,
        )
    job.release()
    assert backend.refused() is None
    alone = locks_of([inside], rules, backend.environ)
    hold(alone, this_process("verb", "test"), lambda died: True, print).release()
