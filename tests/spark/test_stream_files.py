"""When a file stops a stream: what the error names leads on, nothing is lost without a word or read twice."""

from __future__ import annotations

import gzip
import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkjobs.streaming import batch as batch_module
from sparkjobs.streaming import compaction
from tests.spark.conftest import rows_of


@pytest.fixture
def stream(run_job, tmp_path):
    """Run a stream of ``tmp_path/in`` to ``tmp_path/out`` until its files are used up."""
    (tmp_path / "in").mkdir()

    def run(job, *flags):
        return run_job(job, "--input", tmp_path / "in", "--output", tmp_path / "out", *flags)

    return run


SERIES = "timestamp,value\n2026-01-31T00:00:00,{}\n"


def csv(path, value):
    path.write_text(SERIES.format(value))


def truncated_gz(path):
    path.write_bytes(gzip.compress(SERIES.format(9).encode() * 400)[:-20])


def other_header(path):
    path.write_text("timestamp,value,extra\n2026-01-31T00:00:00,9,x\n")


def missing_column(path):
    path.write_text("timestamp\n2026-01-31T00:00:00\n")


def named_pipe(path):
    os.mkfifo(path)


def dangling(path):
    path.symlink_to("nowhere")


def colon(path):
    csv(path, 9)


def values(tmp_path):
    return sorted(row["value"] for row in rows_of(tmp_path / "out" / "rows"))


def quarantine(tmp_path):
    rows = rows_of(tmp_path / "out_quarantine")
    return [tuple(row[name] for name in ("file", "line", "offset", "raw", "reason")) for row in rows]


BROKEN = [
    ("1.csv.gz", truncated_gz),
    ("1.csv", other_header),
    ("1.csv", missing_column),
    ("1.csv", named_pipe),
    ("1.csv", dangling),
    ("a:1.csv", colon),
]


@pytest.mark.parametrize(("name", "make"), BROKEN, ids=lambda item: getattr(item, "__name__", ""))
def test_a_broken_file_stops_the_stream_and_the_flag_that_is_named_leads_on(stream, tmp_path, name, make):
    csv(tmp_path / "in" / "0.csv", 1)
    csv(tmp_path / "in" / "2.csv", 2)
    bad = tmp_path / "in" / name
    make(bad)
    stopped = stream("analytics_stream")
    assert (stopped.code, stopped.result.outcome) == (1, "FAILED")
    assert str(bad) in stopped.result.error.message
    assert "\n" not in stopped.result.error.message
    assert f"--skip-file {bad}" in stopped.result.error.hint
    assert "--bad-files quarantine" in stopped.result.error.hint
    on = stream("analytics_stream", "--skip-file", bad)
    assert (on.code, on.result.outcome) == (0, "COMMITTED"), on.result.error
    assert (on.result.files_skipped, on.result.rows_read, on.result.rows_quarantined) == (1, 2, 0)
    assert any(str(bad) in warning for warning in on.result.warnings)
    assert values(tmp_path) == [1.0, 2.0]
    assert not (tmp_path / "out_quarantine").exists()
    again = stream("analytics_stream")  # kept beside the checkpoint
    assert (again.code, again.result.outcome, again.result.files_skipped) == (0, "EMPTY", 0)


@pytest.mark.parametrize(("name", "make"), BROKEN, ids=lambda item: getattr(item, "__name__", ""))
def test_a_broken_file_goes_to_quarantine_as_one_row(stream, tmp_path, name, make):
    csv(tmp_path / "in" / "0.csv", 1)
    csv(tmp_path / "in" / "2.csv", 2)
    bad = tmp_path / "in" / name
    make(bad)
    ran = stream("analytics_stream", "--bad-files", "quarantine")
    result = ran.result
    assert (ran.code, result.outcome) == (0, "COMMITTED"), result.error
    assert (result.files_skipped, result.rows_read, result.rows_accepted, result.rows_quarantined) == (
        1,
        2,
        2,
        0,
    )
    assert result.quarantine.path == str(tmp_path / "out_quarantine")
    ((file, line, offset, raw, reason),) = quarantine(tmp_path)
    assert (file, line, offset, raw) == (str(bad), None, None, None)
    assert str(bad) in reason
    assert values(tmp_path) == [1.0, 2.0]
    assert stream("analytics_stream").result.outcome == "EMPTY"


def parquet(path, value):
    import datetime

    moment = datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)
    table = pa.table(
        {"timestamp": pa.array([moment] * 2000, pa.timestamp("us", "UTC")), "value": [value] * 2000}
    )
    pq.write_table(table, path, use_dictionary=False, compression="none")


def cut_off(path):
    parquet(path, 9.0)
    path.write_bytes(path.read_bytes()[:-100])


def broken_page(path):
    """The footer is whole; the pages of a column are not."""
    parquet(path, 9.0)
    data = bytearray(path.read_bytes())
    data[4 : len(data) // 3] = b"\xff" * (len(data) // 3 - 4)
    path.write_bytes(bytes(data))


def other_columns(path):
    pq.write_table(pa.table({"nothing": [1]}), path)


def no_parquet(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("make", [cut_off, broken_page, other_columns, no_parquet])
def test_broken_parquet(stream, tmp_path, make):
    parquet(tmp_path / "in" / "0.parquet", 1.0)
    bad = tmp_path / "in" / "1.parquet"
    make(bad)
    parquet(tmp_path / "in" / "2.parquet", 2.0)
    flags = ("analytics_stream", "--format", "parquet")
    stopped = stream(*flags)
    assert stopped.code == 1
    assert f"--skip-file {bad}" in stopped.result.error.hint
    assert "\n" not in stopped.result.error.message
    assert len(stopped.result.error.message) < 1000
    on = stream(*flags, "--bad-files", "quarantine")
    assert (on.code, on.result.files_skipped, on.result.rows_read) == (0, 1, 4000), on.result.error
    assert [row[0] for row in quarantine(tmp_path)] == [str(bad)]
    assert set(values(tmp_path)) == {1.0, 2.0}


@pytest.mark.parametrize("job", ["wordcount_stream", "analytics_stream"])
def test_a_batch_of_broken_files_only(stream, tmp_path, job):
    for number in range(3):
        truncated_gz(tmp_path / "in" / f"{number}.csv.gz")
    ran = stream(job, "--bad-files", "quarantine", "--max-files-per-batch", "2")
    assert (ran.code, ran.result.outcome, ran.result.files_skipped) == (0, "COMMITTED", 3)
    assert (ran.result.rows_read, ran.result.rows_written, ran.result.tables) == (0, 0, ())
    assert sorted(row[0] for row in quarantine(tmp_path)) == [f"{tmp_path}/in/{n}.csv.gz" for n in range(3)]
    (tmp_path / "in" / "x.csv").write_text(SERIES.format(1))
    assert stream(job).result.rows_read in (1, 2)


def test_words_of_a_good_file_are_counted_beside_a_broken_one(stream, tmp_path):
    (tmp_path / "in" / "good.txt").write_text("a b\n")
    truncated_gz(tmp_path / "in" / "bad.gz")
    assert f"--skip-file {tmp_path}/in/bad.gz" in stream("wordcount_stream").result.error.hint
    assert stream("wordcount_stream", "--skip-file", tmp_path / "in" / "bad.gz").result.files_skipped == 1
    assert {row["word"]: row["count"] for row in rows_of(tmp_path / "out")} == {"a": 1, "b": 1}


@pytest.mark.parametrize("way", ["skip", "quarantine"])
def test_a_file_removed_before_its_batch_was_read(stream, tmp_path, monkeypatch, way):
    for number in range(3):
        csv(tmp_path / "in" / f"{number}.csv", number)
    stop_before_writing(monkeypatch)
    assert stream("analytics_stream").code == 1  # planned, nothing committed
    monkeypatch.undo()
    gone = tmp_path / "in" / "1.csv"
    gone.unlink()
    stopped = stream("analytics_stream")
    assert (stopped.code, str(gone) in stopped.result.error.message) == (1, True)
    assert f"--skip-file {gone}" in stopped.result.error.hint
    flags = ("--skip-file", gone) if way == "skip" else ("--bad-files", "quarantine")
    on = stream("analytics_stream", *flags)
    assert (on.code, on.result.files_skipped, on.result.rows_read) == (0, 1, 2), on.result.error
    assert values(tmp_path) == [0.0, 2.0]
    assert (tmp_path / "out_quarantine").exists() == (way == "quarantine")
    assert stream("analytics_stream").result.outcome == "EMPTY"


def stop_before_writing(monkeypatch, name="rows"):
    real = batch_module.write

    def write(batch, table, path):
        if table.name == name:
            raise RuntimeError("cut off")
        return real(batch, table, path)

    monkeypatch.setattr(batch_module, "write", write)


@pytest.mark.parametrize("cut_at", ["rows", "groups"])
def test_a_batch_is_repeated_with_the_same_skips_though_the_file_is_mended(
    stream, tmp_path, monkeypatch, cut_at
):
    """What a table has taken in decides: its quarantine says that the file was not read."""
    csv(tmp_path / "in" / "0.csv", 1)
    bad = tmp_path / "in" / "1.csv"
    other_header(bad)
    stop_before_writing(monkeypatch, cut_at)
    assert stream("analytics_stream", "--bad-files", "quarantine").code == 1
    monkeypatch.undo()
    csv(bad, 2)  # mended meanwhile
    on = stream("analytics_stream")
    assert (on.code, on.result.outcome) == (0, "COMMITTED"), on.result.error
    assert values(tmp_path) == [1.0]
    assert [row["count"] for row in rows_of(tmp_path / "out" / "groups")] == [1]
    assert [row[0] for row in quarantine(tmp_path)] == [str(bad)]
    after = stream("analytics_stream")
    assert after.result.outcome == "EMPTY"
    assert any(str(bad) in warning for warning in after.result.warnings)


def test_a_planned_batch_of_which_nothing_is_written_is_repeated_with_the_kept_skips(
    stream, tmp_path, monkeypatch
):
    csv(tmp_path / "in" / "0.csv", 1)
    csv(tmp_path / "in" / "1.csv", 2)
    stop_before_writing(monkeypatch)
    assert stream("analytics_stream", "--skip-file", tmp_path / "in" / "1.csv").code == 1
    monkeypatch.undo()
    assert stream("analytics_stream").result.files_skipped == 1
    assert values(tmp_path) == [1.0]


def test_a_file_removed_after_its_rows_were_written_costs_nothing(stream, tmp_path, monkeypatch):
    csv(tmp_path / "in" / "0.csv", 1)
    stop_before_writing(monkeypatch, "groups")
    assert stream("analytics_stream").code == 1
    monkeypatch.undo()
    (tmp_path / "in" / "0.csv").unlink()
    on = stream("analytics_stream")
    assert (on.code, on.result.outcome, on.result.files_skipped) == (0, "COMMITTED", 0), on.result.error
    assert any("its rows are in the tables already" in text for text in on.result.warnings)
    assert [row["count"] for row in rows_of(tmp_path / "out" / "groups")] == [1]


def test_a_file_without_rows_is_read_once_though_the_run_dies_before_spark_knows(
    stream, tmp_path, monkeypatch
):
    """Archived by the batch that read it: the batch is repeated, and has no file to read any more."""
    (tmp_path / "in" / "0.csv").write_text("timestamp,value\n")
    flags = ("--archive", tmp_path / "old")

    def dies(*_):
        raise RuntimeError("cut off")

    monkeypatch.setattr(compaction.Compaction, "after", dies)
    assert stream("analytics_stream", *flags).code == 1
    monkeypatch.undo()
    assert (tmp_path / "old" / "0.csv").exists()
    on = stream("analytics_stream", *flags)
    assert (on.code, on.result.outcome) == (0, "EMPTY"), on.result.error
    csv(tmp_path / "in" / "1.csv", 1)
    assert stream("analytics_stream", *flags).code == 0
    assert values(tmp_path) == [1.0]


def test_a_file_whose_bad_rows_are_written_and_whose_good_ones_are_not(stream, tmp_path, monkeypatch):
    csv(tmp_path / "in" / "0.csv", 1)
    bad = tmp_path / "in" / "1.csv"
    bad.write_text(SERIES.format(2) + "2026-01-31,no number\n")
    stop_before_writing(monkeypatch)
    allowed = ("analytics_stream", "--max-bad-rows", "1")
    assert stream(*allowed).code == 1
    monkeypatch.undo()
    bad.write_text(SERIES.format(2))  # mended: the quarantine says otherwise
    stopped = stream(*allowed)
    assert "rows would lack the file's rows" in stopped.result.error.message
    assert f"--skip-file {bad}" in stopped.result.error.hint
    assert "--bad-files" not in stopped.result.error.hint
    on = stream(*allowed, "--skip-file", bad)
    assert on.code == 0
    assert any("will lack its rows" in text for text in on.result.warnings)
    assert values(tmp_path) == [1.0]
    assert len(quarantine(tmp_path)) == 1


def test_new_columns_can_be_allowed_from_one_start_to_the_next(stream, tmp_path):
    csv(tmp_path / "in" / "0.csv", 1)
    assert stream("analytics_stream").code == 0
    other_header(tmp_path / "in" / "1.csv")
    stopped = stream("analytics_stream")
    assert "--extra-columns ignore" in stopped.result.error.hint
    on = stream("analytics_stream", "--extra-columns", "ignore")
    assert (on.code, on.result.rows_read, on.result.files_skipped) == (0, 1, 0), on.result.error
    assert values(tmp_path) == [1.0, 9.0]
    assert stream("analytics_stream").result.outcome == "EMPTY"


def test_new_fields_of_json_can_be_allowed_too(stream, tmp_path):
    flags = ("analytics_stream", "--format", "jsonl")
    row = '{"timestamp": "2026-01-31", "value": 1}'
    (tmp_path / "in" / "0.jsonl").write_text(row + "\n")
    assert stream(*flags).code == 0
    (tmp_path / "in" / "1.jsonl").write_text(row[:-1] + ', "new": 1}\n')
    hint = stream(*flags).result.error.hint
    assert "--extra-columns ignore" in hint
    assert f"--skip-file {tmp_path}/in/1.jsonl" in hint
    assert stream(*flags, "--extra-columns", "ignore").result.rows_read == 1


def test_a_batch_that_is_half_written_is_finished_with_the_fields_it_was_begun_with(
    stream, tmp_path, monkeypatch
):
    """Else the row that is in quarantine would be in the tables as well."""
    flags = ("analytics_stream", "--format", "jsonl", "--max-bad-rows", "1")
    row = '{"timestamp": "2026-01-31", "value": 1}'
    (tmp_path / "in" / "0.jsonl").write_text(row + "\n" + row[:-1] + ', "new": 1}\n')
    stop_before_writing(monkeypatch)
    assert stream(*flags).code == 1
    monkeypatch.undo()
    on = stream(*flags, "--extra-columns", "ignore")
    assert (on.code, on.result.rows_quarantined, on.result.rows_accepted) == (0, 1, 1), on.result.error
    assert (values(tmp_path), len(quarantine(tmp_path))) == ([1.0], 1)
    (tmp_path / "in" / "1.jsonl").write_text(row[:-1] + ', "new": 1}\n')
    assert stream(*flags, "--extra-columns", "ignore").result.rows_accepted == 1


def test_a_file_of_equal_size_with_another_time_is_a_warning(stream, tmp_path):
    file = tmp_path / "in" / "0.csv"
    csv(file, 1)
    windowed = ("analytics_stream", "--window", "1 hour")
    assert stream(*windowed).result.warnings == ()
    assert stream(*windowed).result.warnings == ()
    csv(file, 2)
    os.utime(file, (1, 1))
    ran = stream(*windowed)
    assert (ran.code, ran.result.outcome) == (0, "EMPTY")
    assert str(file) in ran.result.warnings[0]
    assert values(tmp_path) == [1.0]


def test_lists_without_times_are_not_compared(stream, tmp_path):
    csv(tmp_path / "in" / "0.csv", 1)
    assert stream("analytics_stream").code == 0
    (lines,) = (tmp_path / "out_checkpoint" / "arrivals").glob("*.jsonl")
    item = json.loads(lines.read_text())
    lines.write_text(json.dumps({name: item[name] for name in ("list", "path", "size")}) + "\n")
    os.utime(tmp_path / "in" / "0.csv", (1, 1))
    assert stream("analytics_stream").result.warnings == ()


def test_a_file_that_grew_can_be_let_go(stream, tmp_path):
    file = tmp_path / "in" / "0.csv"
    csv(file, 1)
    assert stream("analytics_stream").code == 0
    file.write_text(file.read_text() + "2026-01-31T00:00:01,5\n")
    assert f"--skip-file {file}" in stream("analytics_stream").result.error.hint
    on = stream("analytics_stream", "--skip-file", file)
    assert (on.code, on.result.outcome, values(tmp_path)) == (0, "EMPTY", [1.0])


def test_a_skip_of_no_file_is_refused(stream, tmp_path):
    csv(tmp_path / "in" / "0.csv", 1)
    ran = stream("analytics_stream", "--skip-file", tmp_path / "in" / "typo.csv")
    assert (ran.code, "typo.csv" in ran.result.error.message) == (2, True)
    assert stream("analytics_stream").result.rows_read == 1


def test_an_input_that_is_out_of_reach_is_no_fault_of_its_files(stream, tmp_path, monkeypatch):
    csv(tmp_path / "in" / "0.csv", 1)
    stop_before_writing(monkeypatch)
    assert stream("analytics_stream").code == 1
    monkeypatch.undo()
    away = shutil.move(tmp_path / "in", tmp_path / "away")
    ran = stream("analytics_stream", "--bad-files", "quarantine")
    assert (ran.code, "does not exist" in ran.result.error.message) == (1, True)
    assert not (tmp_path / "out_quarantine").exists()
    shutil.move(away, tmp_path / "in")
    assert stream("analytics_stream").result.rows_read == 1


def test_an_input_file_that_was_read_may_be_removed(run_job, tmp_path):
    for name in ("a", "b"):
        csv(tmp_path / name, 1)
    flags = ("--input", tmp_path / "a", "--input", tmp_path / "b", "--output", tmp_path / "out")
    assert run_job("analytics_stream", *flags).code == 0
    (tmp_path / "a").unlink()
    assert run_job("analytics_stream", *flags).result.outcome == "EMPTY"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission(stream, tmp_path):
    csv(tmp_path / "in" / "0.csv", 1)
    csv(tmp_path / "in" / "1.csv", 2)
    (tmp_path / "in" / "1.csv").chmod(0)
    ran = stream("analytics_stream", "--bad-files", "quarantine")
    assert (ran.code, ran.result.files_skipped) == (0, 1)
    assert values(tmp_path) == [1.0]


def test_an_error_of_spark_in_a_batch_is_one_line(stream, tmp_path, monkeypatch):
    csv(tmp_path / "in" / "0.csv", 1)

    def write(batch, table, path):
        batch.spark.sql("SELECT raise_error('it broke') FROM range(3)").collect()

    monkeypatch.setattr(batch_module, "write", write)
    error = stream("analytics_stream").result.error
    assert "it broke" in error.message
    assert "\n" not in error.message
    assert len(error.message) < 500


def test_an_error_of_spark_outside_a_batch_is_told_without_the_plan(stream, tmp_path):
    csv(tmp_path / "in" / "0.csv", 1)
    assert stream("analytics_stream").code == 0
    csv(tmp_path / "in" / "1.csv", 2)
    newest = tmp_path / "out_checkpoint" / "sources" / "0" / "0"
    newest.with_name(".0.crc").unlink()
    newest.write_text("v1\nthis is no JSON")
    error = stream("analytics_stream").result.error
    assert error.message.startswith("JsonParseException: ")
    assert "Streaming Query" not in error.message
    assert len(error.message) < 500
