"""The journal of a run, while threads write into it."""

from __future__ import annotations

import threading

from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs.journal import Journal


def test_a_fact_that_comes_late_does_not_undo_the_end(tmp_path):
    record = Record(
        run_id="r", job="j", target="laptop", manager="local", state=State.RUNNING, host="h", log="l"
    )
    folder = RunFolder(tmp_path / "r")
    folder.create(record)
    journal = Journal(folder, record)
    journal._lock.acquire()
    fact = threading.Thread(target=lambda: journal.note(application_id="app-1"))
    fact.start()
    fact.join(0.2)  # it waits, as it does while another thread enters the end
    journal.record = Record(
        run_id="r", job="j", target="laptop", manager="local", state=State.FAILED, host="h", log="l"
    )
    journal._lock.release()
    fact.join(10)
    assert (journal.record.state, journal.record.application_id) == (State.FAILED, "app-1")
