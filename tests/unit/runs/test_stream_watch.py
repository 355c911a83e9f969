"""A stream beside its run: its progress is copied line by line, summed up, and its lag is told."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import pytest

from launcher.cli.run_report import report
from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs.journal import Journal
from launcher.runs.on_failure import notify_lag
from launcher.runs.progress.stream_copy import LocalTail, StoredTail
from launcher.runs.progress.stream_figures import figures_of, summed
from launcher.runs.run_request import RunRequest
from launcher.runs.stream_request import restarts_of
from launcher.runs.stream_watch import LagAlarm, StreamWatch
from launcher.spec.cluster import Cluster
from launcher.spec.job_file import OnFailure
from sparkjobs.errors import UsageError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.batch_progress import Seconds, from_line, to_line
from sparkjobs.streaming.progress.behind import Warner, behind
from sparkjobs.streaming.progress.progress_file import LocalLines
from tests.unit.streaming.test_progress import LINE

APPENDS = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def line(number, **changes):
    ts = f"2026-01-31T12:00:{number:02}.000Z"
    return replace(LINE, **{"batch": number, "ts": ts, **changes})


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "runs/20260131T000000Z-wordcount_stream-1")
    run.create(Record(run.run_id, "wordcount_stream", "laptop", "local", State.RUNNING, "h", str(run.log)))
    return run


def numbers(lines):
    return [from_line(text).batch for text in lines]


def test_the_lines_since_the_start_are_copied_over_a_rotation(tmp_path):
    path = tmp_path / "progress.jsonl"
    written = LocalLines(path, largest_bytes=3 * len(to_line(LINE)))
    written.append(to_line(line(0)))  # of a run before
    tail = LocalTail(tmp_path)
    assert tail.new() == []
    written.append(to_line(line(1)))
    assert numbers(tail.new()) == [1]
    for number in (2, 3):  # the file gives way between the two
        written.append(to_line(line(number)))
    assert numbers(tail.new()) == [2, 3]
    with path.open("a") as half:
        half.write(to_line(line(4))[:50])
    assert tail.new() == []
    written = LocalLines(path)
    written.append(to_line(line(4)))
    assert numbers(tail.new()) == [4]


def test_a_checkpoint_that_is_made_later_is_followed_from_its_first_line(tmp_path):
    tail = LocalTail(tmp_path / "new_checkpoint")
    assert tail.new() == []
    LocalLines(tmp_path / "new_checkpoint/progress.jsonl").append(to_line(line(0)))
    assert numbers(tail.new()) == [0]


def test_an_object_is_followed_by_its_last_line(tmp_path):
    checkpoint = Folder(str(tmp_path), S3Settings())

    def put(*found):
        checkpoint.write("progress.jsonl", "".join(to_line(line(number)) + "\n" for number in found))

    put(0, 1)
    tail = StoredTail(checkpoint)
    put(0, 1, 2)
    assert numbers(tail.new()) == [2]
    assert tail.new() == []
    put(2, 3, 4)
    assert numbers(tail.new()) == [3, 4]
    put(7, 8)  # more came than it holds
    assert numbers(tail.new()) == [7, 8]


def test_rate_latency_and_lag_are_those_of_the_newest_batches():
    spent = [Seconds(total, 0, 0, total, 0, 0) for total in (1.0, 2.0, 9.0)]
    found = summed([line(n, rows=30, seconds=spent[n], lag=n) for n in range(3)], 500)
    assert (found.batches, found.newest.batch, found.newest.lag) == (500, 2, 2)
    assert (found.rows_per_s, found.latency_s, found.slowest_s) == (30.0, 2.0, 9.0)
    assert summed([line(0)], 1).rows_per_s is None


def test_a_stream_that_falls_behind_names_what_eats_its_time():
    late = [line(n, lag=n, seconds=Seconds(10.0, 1.0, 2.0, 6.0, 0.5, 0.5)) for n in range(7)]
    found = behind(late)
    assert (found.batches, found.phase, found.seconds, found.share) == (6, "work", 6.0, 0.6)
    assert found.text == "behind for 6 batches: work takes 6.0 s a batch, 60% of the time"
    assert behind(late[:5]) is None  # four in a row
    assert behind([*late, line(7, lag=5)]) is None  # it catches up
    assert behind([*late, line(7, lag=0)]) is None
    assert behind([line(n, lag=None) for n in range(9)]) is None
    assert behind([]) is None


def test_the_log_says_so_seldom(caplog):
    warner = Warner()
    for number in range(45):
        warner.batch_done(line(number % 60, lag=number))
    told = [record.message.split()[2] for record in caplog.records]
    assert told == ["5", "10", "20", "40"]


def test_what_was_told_before_the_file_gave_way_to_a_new_one_counts(folder):
    lines = LocalLines(folder.progress, largest_bytes=7 * len(to_line(line(10, lag=10))) + 7)
    for number in range(10, 20):
        lines.append(to_line(line(number, lag=number)))
    assert len(folder.progress.read_text().splitlines()) == 3
    found = figures_of(folder)
    assert found.behind.batches == 9
    assert found.batches == 10


def test_status_tells_how_a_stream_runs(folder):
    for number in range(8):
        LocalLines(folder.progress).append(to_line(line(number, rows=50, lag=number, watermark="W")))
    told = "\n".join(report(folder.read(), "its supervisor lives", figures_of(folder)))
    assert "batches      8, the newest is 7, done at 2026-01-31T12:00:07.000Z" in told
    assert "rate         50 rows/s, lag 7" in told
    assert "latency      median 1.00 s, at most 1.00 s" in told
    assert "executors    2 of 4" in told
    assert "watermark    W" in told
    assert "behind       for 7 batches: work takes 0.4 s a batch, 40% of the time" in told
    assert figures_of(RunFolder(folder.path.with_name("other"))) is None


def test_an_alarm_rings_once_until_the_lag_was_well_again():
    alarm = LagAlarm(10)
    assert [alarm.rings(lag) for lag in (10, 11, 12, None, 13, 10, 11)] == [
        False, True, False, False, False, False, True,
    ]  # fmt: skip
    assert not LagAlarm(None).rings(10**9)


def request(folder, tmp_path, **changes):
    known = {
        "run_id": folder.run_id, "job": "wordcount_stream", "is_job": True,
        "cluster": Cluster(name="laptop", manager="local"), "deploy_mode": "client", "binary": "/bin/false",
        "settings": {}, "main": "m.py", "arguments": (), "cwd": str(tmp_path),
        "on_failure": OnFailure(command=(sys.executable, "-c", APPENDS, str(tmp_path / "told")), lag=5),
    }  # fmt: skip
    return RunRequest(**{**known, **changes})


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_s_folder_gets_the_progress_and_who_wants_to_know_of_lag_is_told(folder, tmp_path):
    checkpoint = tmp_path / "c"
    LocalLines(checkpoint / "progress.jsonl").append(to_line(line(0, lag=99)))  # of a run before
    watch = StreamWatch(request(folder, tmp_path, checkpoint=str(checkpoint)), Journal(folder, folder.read()))
    watch.start()
    until(lambda: watch.following)
    for number in (1, 2, 3):
        LocalLines(checkpoint / "progress.jsonl").append(to_line(line(number, lag=number * 3)))
    watch.finish()
    assert numbers(folder.progress.read_text().splitlines()) == [1, 2, 3]
    told = tmp_path / "told"
    until(lambda: told.exists() and told.read_text().endswith("\n"))
    (document,) = map(json.loads, told.read_text().splitlines())
    assert (document["state"], document["run_id"]) == ("RUNNING", folder.run_id)
    assert document["error"]["message"] == "6 lie unread after batch 2, more than 5"
    assert document["progress"]["batch"] == 2


def test_what_goes_wrong_with_the_telling_is_a_warning_of_the_run(folder, tmp_path):
    journal = Journal(folder, folder.read())
    hook = OnFailure(command=(str(tmp_path / "none"),), lag=5)
    notify_lag(journal, request(folder, tmp_path, on_failure=hook), line(1))
    assert "cannot be started" in journal.record.warnings[0]


def test_a_run_that_is_no_stream_is_not_followed(folder, tmp_path):
    watch = StreamWatch(request(folder, tmp_path), Journal(folder, folder.read()))
    watch.start()
    watch.finish()
    assert not folder.progress.exists()


@pytest.mark.parametrize(
    "text", ["always", "on-failure", "on-failure:0", "on-failure:-1", "on-failure:x", ""]
)
def test_other_restarts_are_refused(text):
    with pytest.raises(UsageError, match="--restart"):
        restarts_of(text)


def test_restarts():
    assert (restarts_of(None), restarts_of("on-failure:5")) == (0, 5)
