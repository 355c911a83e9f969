"""Looking for a run whose supervisor does not answer, and ending it."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest

from launcher.records.record import Process, Record, State
from launcher.records.store import RunFolder
from launcher.runs import scratch
from launcher.runs.cancelling import cancel, end_abandoned
from launcher.runs.from_plan import final_document
from launcher.runs.processes import this_process
from launcher.runs.run_status import look

GONE = Process(2**22 + 1, 1.0)  # above every pid


@pytest.fixture
def made(tmp_path):
    def make(state: State = State.PLANNED, target: str = "laptop", **facts) -> RunFolder:
        folder = RunFolder(tmp_path / "20260101T000000Z-daily-1")
        folder.create(
            Record(
                run_id=folder.run_id, job="daily", target=target, manager="local", state=state,
                host=socket.gethostname(), log=str(folder.log), **facts,
            )
        )  # fmt: skip
        return folder

    return make


def test_a_run_that_is_just_being_started_is_not_lost(made):
    folder = made(launcher=this_process())
    record, _ = look(folder, {})
    assert record.state is State.PLANNED
    assert not folder.events()


def test_a_run_whose_launcher_was_killed_before_it_had_a_supervisor_never_began(made):
    record, _ = look(made(launcher=GONE), {})
    assert (record.state, record.outcome, record.exit_code) == (State.FAILED, "FAILED", 3)
    assert record.explanation.cause == "supervisor-killed"


@pytest.mark.parametrize("state", [State.PLANNED, State.LOCKED])
def test_a_supervisor_that_its_launcher_saw_die_before_the_start_ends_the_run(made, state):
    folder = made(state, launcher=this_process())
    record = end_abandoned(folder, {})
    assert (record.state, record.outcome, record.exit_code) == (State.FAILED, "FAILED", 3)
    assert folder.read().state is State.FAILED
    result = final_document(record, folder)
    assert (result["outcome"], result["error"]["class"]) == ("FAILED", "supervisor-killed")


def test_what_a_killed_run_left_in_its_temporary_folder_goes_when_it_is_closed(made):
    folder = made(State.RUNNING, supervisor=GONE)
    place = scratch.make(folder.path)
    (place / "blockmgr-1").mkdir()
    (place / "secret.properties").write_text("spark.x.password y")
    assert look(folder, {})[0].state is State.LOST
    assert not place.exists()
    assert not (folder.path / "tmp").is_symlink()


PLAN = {"settings": [{"key": "spark.submit.deployMode", "value": "cluster"}]}


def test_a_run_on_a_cluster_whose_profile_is_not_found_here_is_not_closed(made):
    folder = made(State.RUNNING, "no-such-cluster", supervisor=GONE, plan=PLAN)
    record, found = look(folder, {})
    assert record.state is State.RUNNING
    assert "no-such-cluster" in found.because


def test_an_end_that_no_cluster_confirms_is_not_confirmed_the_second_time_either(made):
    folder = made(State.RUNNING, "no-such-cluster", supervisor=GONE, plan=PLAN)
    first, second = cancel(folder, {}), cancel(folder, {})
    assert (first.confirmed, second.confirmed) == (False, False)
    assert "no-such-cluster" in second.how


def test_ending_a_run_that_is_lost_and_gone_is_confirmed(made):
    done = cancel(made(State.LOST, supervisor=GONE), {})
    assert (done.record.state, done.confirmed) == (State.LOST, True)


def test_a_process_that_left_the_tree_of_its_run_is_found_and_ended(made):
    folder = made(State.RUNNING, supervisor=GONE, child=GONE)
    stray = subprocess.Popen(
        ["/bin/sleep", "60"], env={"SPARKJOBS_RUN_ID": folder.run_id}, start_new_session=True
    )
    try:
        assert look(folder, {})[0].state is State.RUNNING
        assert cancel(folder, {}).confirmed
        stray.wait(10)
    finally:
        stray.kill()
        stray.wait()


def test_a_run_that_is_closed_by_who_looks_takes_its_result_from_the_log(made):
    folder = made(State.RUNNING, supervisor=GONE, child=GONE)
    result = {"v": 1, "run_id": folder.run_id, "outcome": "COMMITTED", "tables": [{"version": 3}]}
    folder.log.write_text(f"noise\n{json.dumps(result)}\n")
    record, _ = look(folder, {})
    assert (record.state, record.outcome, record.exit_code) == (State.SUCCEEDED, "COMMITTED", 0)
    assert folder.read().result == result
