"""The lines of progress: whole ones only, rotated, one for each batch; and the page of metrics."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from sparkjobs.errors import EnvironmentProblem
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress import metrics_server
from sparkjobs.streaming.progress.batch_progress import from_line, to_line
from sparkjobs.streaming.progress.metrics import Totals, render
from sparkjobs.streaming.progress.metrics_server import Metrics, address, serving
from sparkjobs.streaming.progress.progress_file import LocalLines, ProgressFile, StoredLines
from tests.unit.streaming.test_progress import LINE, Clock


@pytest.fixture
def checkpoint(tmp_path):
    return Folder(str(tmp_path / "c"), S3Settings())


def batches(path):
    return [from_line(line).batch for line in path.read_text().splitlines()]


def test_one_line_a_batch(checkpoint, tmp_path):
    for number in (3, 4):  # two runs
        ProgressFile(checkpoint).batch_done(replace(LINE, batch=number))
    assert batches(tmp_path / "c/progress.jsonl") == [3, 4]


def test_a_batch_that_a_run_before_told_of_is_not_told_again(checkpoint, tmp_path):
    ProgressFile(checkpoint).batch_done(LINE)
    again = ProgressFile(checkpoint)
    again.batch_done(replace(LINE, rows=None))
    assert batches(tmp_path / "c/progress.jsonl") == [7]
    again.batch_done(replace(LINE, batch=8, rows=None))  # killed before it could tell
    assert batches(tmp_path / "c/progress.jsonl") == [7, 8]


@pytest.mark.parametrize("left", ['{"ts": "2026', "x" * 200_000])
def test_what_a_crash_left_of_a_line_goes_before_the_next(tmp_path, left):
    path = tmp_path / "progress.jsonl"
    path.write_text(to_line(LINE) + "\n" + left)
    lines = LocalLines(path)
    assert len(left) > 1000 or lines.newest() == [to_line(LINE)]
    lines.append(to_line(LINE))
    assert batches(path) == [7, 7]


def test_a_large_file_gives_way_to_a_new_one_between_two_lines(tmp_path):
    path = tmp_path / "progress.jsonl"
    lines = LocalLines(path, largest_bytes=3 * len(to_line(LINE)))
    for _ in range(5):
        lines.append(to_line(LINE))
    assert (batches(tmp_path / "progress.1.jsonl"), batches(path)) == ([7, 7], [7])
    assert lines.newest() == [to_line(LINE)] * 3


def test_a_disk_that_takes_nothing_costs_lines_and_is_told_once(checkpoint, tmp_path, caplog):
    (tmp_path / "c").write_text("a file where the folder should be")
    told = ProgressFile(checkpoint)
    for _ in range(3):
        told.batch_done(LINE)
    assert [record.message.count("cannot be written") for record in caplog.records].count(1) == 1


def test_an_object_is_written_as_a_whole_now_and_then(checkpoint, tmp_path):
    clock = Clock()
    path = tmp_path / "c/progress.jsonl"
    lines = StoredLines(checkpoint, clock)
    lines.append(to_line(LINE))
    lines.append(to_line(LINE))
    assert batches(path) == [7]
    clock.s += 5
    lines.append(to_line(LINE))
    assert batches(path) == [7, 7, 7]
    lines.append(to_line(LINE))
    lines.close()
    assert batches(path) == [7, 7, 7, 7]
    assert StoredLines(checkpoint, clock).newest()[-1] == to_line(LINE)


def test_metrics_are_those_of_the_run_and_of_its_newest_batch():
    totals = (
        Totals()
        .with_batch(LINE)
        .with_batch(replace(LINE, batch=8, rows=None, target=None, lag_by_partition={"0": 2, "1": 1}))
    )
    page = render(totals, "wordcount_stream").splitlines()
    for line in (
        "# TYPE sparkjobs_stream_batches_total counter",
        'sparkjobs_stream_batches_total{stream="wordcount_stream"} 2',
        'sparkjobs_stream_rows_total{stream="wordcount_stream"} 10',
        'sparkjobs_stream_batch_seconds{stream="wordcount_stream",phase="plan"} 0.10000000000000001',
        'sparkjobs_stream_batch_done_seconds{stream="wordcount_stream"} 1769860800',
        'sparkjobs_stream_lag{stream="wordcount_stream"} 3',
        'sparkjobs_stream_partition_lag{stream="wordcount_stream",partition="0"} 2',
        'sparkjobs_stream_partition_lag{stream="wordcount_stream",partition="1"} 1',
    ):
        assert line in page
    assert not [line for line in page if "watermark" in line or "target" in line or "batch_rows{" in line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9090", ("127.0.0.1", 9090)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:80", ("::1", 80)),
        ("host-1.example:65535", ("host-1.example", 65535)),
    ],
)
def test_addresses(text, found):
    assert address(text) == found


@pytest.mark.parametrize("text", ["", "x", "65536", ":9090", "a:b", "::1:90", "http://a:90", "a b:90", "-1"])
def test_no_addresses(text):
    with pytest.raises(ValueError, match="HOST:PORT"):
        address(text)


def test_the_page_is_served_while_the_stream_runs_and_a_taken_port_is_told_by_name():
    metrics = Metrics("wordcount_stream")
    with serving(metrics, "0") as page:
        assert page.startswith("http://127.0.0.1:")
        metrics.batch_done(LINE)
        with urllib.request.urlopen(page) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert b"batches_total" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(page.replace("metrics", "other"))
        port = page.split(":")[2].split("/")[0]
        with (
            pytest.raises(EnvironmentProblem, match=f"--metrics-port 127.0.0.1:{port}"),
            serving(metrics, port),
        ):
            pass
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(port)))


def test_a_client_that_goes_away_is_no_trace_on_the_output_and_a_bad_host_is_told(capfd):
    server = metrics_server._listening(Metrics("words"), "127.0.0.1", 0)
    try:
        raise ConnectionResetError
    except ConnectionResetError:
        server.handle_error(None, ("127.0.0.1", 1))
    server.server_close()
    assert capfd.readouterr().err == ""
    for host in (".", "a" * 70):
        with (
            pytest.raises(EnvironmentProblem, match="--metrics-port"),
            serving(Metrics("words"), f"{host}:0"),
        ):
            pass
