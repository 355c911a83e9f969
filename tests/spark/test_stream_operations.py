"""Operating a stream: ends, progress, locks, and taking it back to a batch and reading on."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from launcher.cli.root import main
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.sources.files.source import FileSource
from tests.spark.conftest import rows_of

SERIES = ("--max-files-per-batch", "1", "--max-bad-rows", "1", "--bad-files", "quarantine")


@pytest.fixture
def stream(run_job, tmp_path):
    """Run ``analytics_stream`` of ``tmp_path/in`` to ``tmp_path/out``."""
    (tmp_path / "in").mkdir()

    def run(*flags):
        where = ("--input", tmp_path / "in", "--output", tmp_path / "out")
        return run_job("analytics_stream", *where, *SERIES, *flags)

    return run


def put(tmp_path: Path, *numbers: int, bad: bool = False, torn: bool = False) -> None:
    for number in numbers:
        rows = "".join(f"2026-01-31T0{number}:00:0{i},{number * 10 + i}\n" for i in range(3))
        text = "timestamp,value\n" + rows + ("2026-01-31T00:00:00,x\n" if bad else "")
        name = tmp_path / "in" / f"{number}.csv"
        name.write_text("timestamp,other\n" if torn else text)


def values(*numbers: int) -> Counter[float]:
    return Counter(float(number * 10 + i) for number in numbers for i in range(3))


def written(tmp_path) -> Counter[float]:
    return Counter(row["value"] for row in rows_of(tmp_path / "out/rows"))


def progress(tmp_path) -> list[dict]:
    return [
        json.loads(line) for line in (tmp_path / "out_checkpoint/progress.jsonl").read_text().splitlines()
    ]


def table_log(table: Path) -> list[dict]:
    lines = [line for path in sorted((table / "_delta_log").glob("*.json")) for line in path.open()]
    return [json.loads(line) for line in lines]


def test_results_commits_and_progress_tell_the_batches(stream, tmp_path):
    put(tmp_path, 0, 1, 2)
    ran = stream()
    assert (ran.code, ran.result.batches, ran.result.rows_late) == (0, 3, 0), ran.result.error
    told = [
        entry["commitInfo"]["userMetadata"]
        for entry in table_log(tmp_path / "out/rows")
        if "commitInfo" in entry
    ]
    assert [json.loads(text)["batch"] for text in told] == [0, 1, 2]
    lines = progress(tmp_path)
    assert [(line["batch"], line["rows"], line["lag"], line["executors"]) for line in lines] == [
        (0, 3, 2, 1), (1, 3, 1, 1), (2, 3, 0, 1),
    ]  # fmt: skip
    for line in lines:
        seconds = line["seconds"]
        assert seconds["total"] == pytest.approx(sum(seconds.values()) - seconds["total"], abs=0.01)
        assert min(seconds["work"], seconds["commit"], seconds["plan"]) > 0
    assert stream().result.batches == 0
    assert len(progress(tmp_path)) == 3


def test_it_ends_after_batches_seconds_or_without_work_and_goes_on(stream, tmp_path):
    put(tmp_path, 0, 1, 2, 3)
    ran = stream("--max-batches", "2")
    assert (ran.code, ran.result.outcome, ran.result.batches) == (0, "COMMITTED", 2), ran.result.error
    assert stream("--max-seconds", "0").result.outcome == "EMPTY"
    ran = stream("--trigger", "200 milliseconds", "--until-idle", "1")
    assert (ran.code, ran.result.batches) == (0, 2)
    assert written(tmp_path) == values(0, 1, 2, 3)
    refused = stream("--until-idle", "1")
    assert (refused.code, "--until-idle" in refused.result.error.message) == (2, True)


def test_a_batch_that_is_done_before_the_look_that_found_it_is_over_holds_nothing_up(
    stream, tmp_path, monkeypatch
):
    """Spark sees a list as soon as it is written, and a look may write many, or move files away."""
    put(tmp_path, 0)
    done = tmp_path / "out_checkpoint" / "commits" / "1"
    look = FileSource.look

    def slow(source):
        answered = look(source)
        if source.lists.count == 2:
            deadline = time.monotonic() + 60
            while not done.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        put(tmp_path, min(source.lists.count, 3))
        return answered

    monkeypatch.setattr(FileSource, "look", slow)
    ran = stream("--trigger", "1 second", "--max-batches", "4", "--max-seconds", "90")
    assert (ran.code, ran.result.batches) == (0, 4), ran.result.error
    assert written(tmp_path) == values(0, 1, 2, 3)


def test_the_metrics_are_there_while_it_runs_and_a_taken_port_ends_it_by_name(stream, tmp_path):
    put(tmp_path, 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        ran = stream("--metrics-port", port)
        assert (ran.code, f"--metrics-port 127.0.0.1:{port}" in ran.result.error.message) == (2, True)
        assert not (tmp_path / "out").exists()
    pages = []

    def scrape():
        while not pages:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
                pages.extend([page] if "batch_rows" in page else [])
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)

    scraper = threading.Thread(target=scrape, daemon=True)
    scraper.start()
    stream("--metrics-port", port, "--trigger", "200 milliseconds", "--until-idle", "2")
    scraper.join(timeout=20)
    assert 'sparkjobs_stream_batch_rows{stream="analytics_stream"} 3' in pages[0]


def test_a_second_driver_is_refused_and_the_first_is_not_disturbed(stream, tmp_path):
    put(tmp_path, 0)
    with driving(str(tmp_path / "out_checkpoint"), "r7"):
        ran = stream()
    assert (ran.code, "in use by run r7" in ran.result.error.message) == (5, True)
    assert stream().result.outcome == "COMMITTED"


def reset(tmp_path, to, *flags):
    with pytest.raises(SystemExit) as exit_:
        main(["stream", "reset", str(tmp_path / "out_checkpoint"), "--to", str(to), "--yes", *flags])
    assert exit_.value.code == 0


@pytest.mark.parametrize(
    ("to", "flags"),
    [
        pytest.param(0, (), marks=pytest.mark.slow),
        (2, ("--window", "1 hour")),
        pytest.param(4, ("--window", "1 hour", "--compact-every", "2"), marks=pytest.mark.slow),
    ],
)
def test_taken_back_to_a_batch_it_reads_the_later_ones_again_each_once(stream, tmp_path, to, flags):
    for number in range(6):
        put(tmp_path, number, bad=number == 3, torn=number == 4)
    assert stream(*flags).code == 0
    before = (written(tmp_path), rows_of(tmp_path / "out/groups"), len(rows_of(tmp_path / "out_quarantine")))
    assert before[0] == values(0, 1, 2, 3, 5)
    assert before[2] == 2
    reset(tmp_path, to)
    kept = [number for number in range(to + 1) if number != 4]
    assert written(tmp_path) == values(*kept)
    put(tmp_path, 6)
    ran = stream(*flags)
    assert (ran.code, ran.result.batches) == (0, 6 - to), ran.result.error
    assert written(tmp_path) == values(0, 1, 2, 3, 5, 6)
    groups = rows_of(tmp_path / "out/groups")
    assert len(groups) == (6 if flags else 1)
    assert sum(row["count"] for row in groups) == 18
    assert sum(row["sum"] for row in groups) == sum(values(0, 1, 2, 3, 5, 6).elements())
    assert len(rows_of(tmp_path / "out_quarantine")) == 2
    assert [line["batch"] for line in progress(tmp_path)] == [0, 1, 2, 3, 4, 5, 6]
    assert stream(*flags).result.outcome == "EMPTY"


def test_a_batch_that_was_half_written_is_undone_and_its_file_read_as_it_is_then(
    stream, tmp_path, monkeypatch
):
    from sparkjobs.streaming import batch as batch_module

    put(tmp_path, 0, 1)
    write, failing = batch_module.write, [False]

    def fails(batch, table, path):
        if failing[0] and table.name == "groups":
            raise OSError("the disk is full")
        return write(batch, table, path)

    monkeypatch.setattr(batch_module, "write", fails)
    assert stream("--max-batches", "1").code == 0
    failing[0] = True
    assert stream().code == 1
    failing[0] = False
    assert written(tmp_path) == values(0, 1)
    reset(tmp_path, 0)
    assert written(tmp_path) == values(0)
    shutil.copy(tmp_path / "in/0.csv", tmp_path / "in/1.csv")
    assert stream().code == 0
    assert written(tmp_path) == values(0) + values(0)


@pytest.mark.slow
def test_after_more_batches_than_spark_writes_down_at_a_time_it_still_goes_on(stream, tmp_path):
    """Spark's source writes its log as a whole with each tenth entry; the reset goes back over one."""
    for number in range(12):
        (tmp_path / f"in/{number:02}.csv").write_text(f"timestamp,value\n2026-01-31T00:00:00,{number}\n")
    assert stream().result.batches == 12
    reset(tmp_path, 7)
    assert written(tmp_path) == Counter(map(float, range(8)))
    assert stream().result.batches == 4
    assert written(tmp_path) == Counter(map(float, range(12)))
    reset(tmp_path, 10)
    assert stream().result.batches == 1
    assert written(tmp_path) == Counter(map(float, range(12)))


def test_an_older_copy_of_the_checkpoint_and_a_table_that_is_gone_are_refused(stream, tmp_path):
    put(tmp_path, 0)
    assert stream().code == 0
    checkpoint, copy = tmp_path / "out_checkpoint", tmp_path / "copy"
    shutil.copytree(checkpoint, copy)
    put(tmp_path, 1)
    assert stream().code == 0
    shutil.rmtree(checkpoint)
    shutil.copytree(copy, checkpoint)
    ran = stream()
    assert (ran.code, "holds batch 1 and the checkpoint ends at batch 0" in ran.result.error.message) == (
        1,
        True,
    )
    assert f"sparkjob stream reset {checkpoint} --to 0" in ran.result.error.hint
    reset(tmp_path, 0)
    assert stream().code == 0
    assert written(tmp_path) == values(0, 1)
    shutil.rmtree(tmp_path / "out/groups")
    ran = stream()
    assert (ran.code, "out/groups was written by this stream and is gone" in ran.result.error.message) == (
        1,
        True,
    )
