"""Streams: the same rows as the batch jobs, each file once, whatever is lost, cut off or repeated."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkjobs.errors import StaleWriteError
from sparkjobs.streaming import batch as batch_module
from tests.spark.conftest import rows_of

FEW = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def words_in(table):
    return {row["word"]: row["count"] for row in rows_of(table)}


@pytest.fixture
def stream(run_job, tmp_path):
    """Run a stream of ``tmp_path/in`` to ``tmp_path/out`` until its files are used up."""
    (tmp_path / "in").mkdir(exist_ok=True)

    def run(name="wordcount_stream", *flags):
        return run_job(name, "--input", tmp_path / "in", "--output", tmp_path / "out", *flags)

    return run


def put(folder: Path, name: str, text: str | bytes) -> None:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)


def test_every_file_is_read_once_whatever_its_name(stream, run_job, tmp_path):
    for index, name in enumerate(["_x.txt", ".y.txt", "a b%20[1]*{}.txt", "\xe9\u200b.txt"]):
        put(tmp_path / "in", name, f"all only{index}\n")
    (tmp_path / "in" / "sub").mkdir()
    put(tmp_path / "in" / "sub", "d.txt", "all deep\r\nall")
    ran = stream()
    assert ran.code == 0, ran.result.error
    assert (ran.result.outcome, ran.result.rows_read, ran.result.rows_quarantined) == ("COMMITTED", 6, 0)
    first = {"all": 6, "deep": 1} | {f"only{i}": 1 for i in range(4)}
    assert words_in(tmp_path / "out") == first
    again = stream()
    assert (again.code, again.result.outcome, again.result.rows_read) == (0, "EMPTY", 0)
    put(tmp_path / "in", "late.txt", "all\n")
    assert stream().result.rows_read == 1
    assert words_in(tmp_path / "out") == first | {"all": 7}
    run_job("wordcount", "--input", tmp_path / "in", "--output", tmp_path / "batch")
    assert words_in(tmp_path / "out") == words_in(tmp_path / "batch")


def test_places_may_have_names_that_spark_takes_for_patterns(run_job, spark, tmp_path):
    home = tmp_path / "a[1] *%20{x}"
    (home / "in").mkdir(parents=True)
    for name in ("one", "two"):
        put(home / "in", name, "w\n")
        assert run_job("wordcount_stream", "--input", home / "in", "--output", home / "out").code == 0
    # delta-rs cannot open a table below a folder whose name holds %20.
    found = spark.read.format("delta").load(f"file://{home}/out").collect()
    assert [(row.word, row["count"]) for row in found] == [("w", 2)]


@FEW
@given(data=st.data())
def test_random_slices_give_what_the_batch_gives(run_job, tmp_path_factory, data):
    word = st.sampled_from(["a", "b", "\u00c9t\u00e9", "o'clock", "\u4e2d\u6587", ""])
    lines = data.draw(st.lists(st.lists(word, max_size=4).map(" ".join), min_size=1, max_size=12))
    home = tmp_path_factory.mktemp("slices")
    (home / "in").mkdir()
    flags = ("--input", home / "in", "--output", home / "out", "--ngrams", "1")
    cuts = sorted({0, len(lines), *data.draw(st.lists(st.integers(0, len(lines)), max_size=4))})
    for number, (start, end) in enumerate(pairwise(cuts)):
        put(home / "in", f"{number}.txt", "".join(line + "\n" for line in lines[start:end]))
        if data.draw(st.booleans()) or end == len(lines):  # a run takes what has come since the last one
            ran = run_job("wordcount_stream", *flags, "--max-files-per-batch", data.draw(st.integers(1, 2)))
            assert ran.code == 0, ran.result.error
    expected = Counter(word for line in lines for word in line.casefold().split())
    found = words_in(home / "out") if (home / "out").exists() else {}
    assert found == dict(expected)


@FEW
@given(data=st.data())
def test_analytics_in_slices_gives_what_the_batch_gives(run_job, tmp_path_factory, data):
    rows = data.draw(
        st.lists(
            st.tuples(st.integers(0, 5 * 3600), st.integers(-50, 50), st.sampled_from("xy")),
            min_size=2,
            max_size=20,
        )
    )
    home = tmp_path_factory.mktemp("slices")
    (home / "in").mkdir()
    lines = [f"2026-01-31 {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02},{v / 4},{k}\n" for s, v, k in rows]
    series = ("--key-columns", "key", "--window", "1 hour", "--slide", "30 minutes")
    cuts = sorted({0, len(lines), *data.draw(st.lists(st.integers(0, len(lines)), max_size=2))})
    for number, (start, end) in enumerate(pairwise(cuts)):
        put(home / "in", f"{number}.csv", "timestamp,value,key\n" + "".join(lines[start:end]))
        ran = run_job("analytics_stream", "--input", home / "in", "--output", home / "stream", *series)
        assert ran.code == 0, ran.result.error
    assert run_job("analytics", "--input", home / "in", "--output", home / "batch", *series).code == 0
    for name in ("rows", "groups"):
        streamed, batch = rows_of(home / "stream" / name), rows_of(home / "batch" / name)
        columns = streamed[0].keys()
        assert set(batch[0].keys()) - set(columns) == ({"z", "outlier"} if name == "rows" else set())
        assert set(columns) - set(batch[0].keys()) == ({"utc_day"} if name == "rows" else set())
        columns = [column for column in columns if column != "utc_day"]
        assert comparable(streamed, columns) == comparable(batch, columns)


def comparable(rows, columns):
    """Rows in an order of their own, floats to 12 digits."""
    shown = [
        tuple(f"{v:.12g}" if isinstance(v, float) else str(v) for v in (row[c] for c in columns))
        for row in rows
    ]
    return sorted(shown)


def lose_newest_commit(checkpoint: Path, *, checksum: bool = True) -> None:
    newest = max(
        (p for p in (checkpoint / "commits").iterdir() if p.name.isdigit()), key=lambda p: int(p.name)
    )
    newest.unlink()
    if checksum:
        newest.with_name(f".{newest.name}.crc").unlink()


def test_a_lost_newest_commit_leaves_no_duplicate(stream, tmp_path):
    for number in range(2):
        put(tmp_path / "in", f"{number}.txt", "a b a\n")
        assert stream().code == 0
    lose_newest_commit(tmp_path / "out_checkpoint")
    repeated = stream()
    assert (repeated.code, repeated.result.outcome, repeated.result.rows_read) == (0, "EMPTY", 0)
    lose_newest_commit(tmp_path / "out_checkpoint")
    put(tmp_path / "in", "new.txt", "b\n")
    assert stream().result.rows_read == 1
    assert words_in(tmp_path / "out") == {"a": 4, "b": 3}


def test_delta_itself_passes_over_a_repeated_batch(stream, tmp_path, monkeypatch):
    """With our own look at the tables blinded, the transaction in the MERGE must still guard."""
    for number in range(2):
        put(tmp_path / "in", f"{number}.txt", "a b a\n")
        assert stream().code == 0
    lose_newest_commit(tmp_path / "out_checkpoint")
    monkeypatch.setattr(batch_module, "holds", lambda *_: False)
    monkeypatch.setattr("sparkjobs.streaming.writing._holds", lambda *_: False)
    ran = stream()
    assert ran.result.error.cls == StaleWriteError.__name__
    assert words_in(tmp_path / "out") == {"a": 4, "b": 2}


def test_with_only_the_commit_gone_the_error_tells_the_mend(stream, tmp_path):
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    lose_newest_commit(tmp_path / "out_checkpoint", checksum=False)
    ran = stream()
    assert ran.code == 1
    mend = f"rm '{tmp_path}/out_checkpoint/commits/.0.crc'"
    assert mend in ran.result.error.hint
    (tmp_path / "out_checkpoint" / "commits" / ".0.crc").unlink()
    assert stream().result.outcome == "EMPTY"
    assert words_in(tmp_path / "out") == {"a": 1}


@pytest.mark.parametrize("batch", [0, 1])
def test_a_batch_cut_off_between_two_tables_is_completed(stream, tmp_path, monkeypatch, batch):
    for number in range(batch + 1):
        put(tmp_path / "in", f"{number}.csv", f"timestamp,value\n2026-01-3{number},{number + 1}\n")
        if number == batch:
            cut_off(monkeypatch, "groups")
        ran = stream("analytics_stream")
    assert ran.result.error.message == "cut off at groups"
    assert len(rows_of(tmp_path / "out" / "rows")) == batch + 1
    monkeypatch.undo()
    completed = stream("analytics_stream")
    assert (completed.code, completed.result.outcome) == (0, "COMMITTED")
    assert [table.name for table in completed.result.tables] == ["groups"]
    assert len(rows_of(tmp_path / "out" / "rows")) == batch + 1
    assert rows_of(tmp_path / "out" / "groups")[0]["count"] == batch + 1


def cut_off(monkeypatch, name):
    real = batch_module.write

    def write(batch, table, path):
        if table.name == name:
            raise RuntimeError(f"cut off at {name}")
        return real(batch, table, path)

    monkeypatch.setattr(batch_module, "write", write)


def test_bad_rows_go_to_quarantine_and_add_up(stream, tmp_path):
    put(tmp_path / "in", "0.txt", b"good\n\xff\xfe\nfine\n")
    put(tmp_path / "in", "1.txt", b"\xff\n")
    ran = stream("wordcount_stream", "--max-bad-rows", "1", "--max-files-per-batch", "1")
    result = ran.result
    assert (result.outcome, result.rows_read, result.rows_accepted, result.rows_quarantined) == (
        "COMMITTED",
        4,
        2,
        2,
    )
    bad = rows_of(result.quarantine.path)
    assert [(row["file"], row["offset"]) for row in sorted(bad, key=lambda row: row["file"])] == [
        (f"{tmp_path}/in/0.txt", 5),
        (f"{tmp_path}/in/1.txt", 0),
    ]
    lose_newest_commit(tmp_path / "out_checkpoint")
    assert stream("wordcount_stream", "--max-bad-rows", "1").code == 0
    assert len(rows_of(result.quarantine.path)) == 2
    assert words_in(tmp_path / "out") == {"good": 1, "fine": 1}


def test_too_many_bad_rows_fail_the_batch_before_it_commits(stream, tmp_path):
    put(tmp_path / "in", "0.csv", "timestamp,value\n2026-01-31,1\n")
    put(tmp_path / "in", "1.csv", "timestamp,value\n2026-01-31,2\n2026-01-31, 5 \n2026-01-31,1e3\n")
    flags = ("analytics_stream", "--max-files-per-batch", "1")
    ran = stream(*flags)
    assert (ran.code, ran.result.outcome) == (1, "FAILED")
    assert "2 of 3 rows are bad" in ran.result.error.message
    assert (ran.result.rows_read, [t.version for t in ran.result.tables]) == (1, [0, 0])
    assert len(rows_of(tmp_path / "out" / "rows")) == 1
    assert not (tmp_path / "out_quarantine").exists()
    put(tmp_path / "in", "1.csv", "timestamp,value\n2026-01-31,2\n2026-01-31,5\n")  # repaired
    assert stream(*flags).result.rows_read == 2
    assert sorted(row["value"] for row in rows_of(tmp_path / "out" / "rows")) == [1.0, 2.0, 5.0]
    assert stream(*flags).result.outcome == "EMPTY"


def test_a_file_that_changes_after_it_was_read_is_told_by_name(stream, tmp_path):
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    put(tmp_path / "in", "0.txt", "a\nb\n")
    ran = stream()
    assert ran.code == 1
    assert f"{tmp_path}/in/0.txt had 2 bytes" in ran.result.error.message
    (tmp_path / "in" / "0.txt").unlink()
    assert stream().result.outcome == "EMPTY"


def test_a_deleted_checkpoint_does_not_count_again(stream, tmp_path):
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    shutil.rmtree(tmp_path / "out_checkpoint")
    ran = stream()
    assert ran.code == 1
    assert f"the table {tmp_path}/out exists" in ran.result.error.message
    assert words_in(tmp_path / "out") == {"a": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--min-length", "2"), "--min-length was 1, is 2"),
        (("--timezone", "Europe/Paris"), '--timezone was "UTC", is "Europe/Paris"'),
    ],
)
def test_another_stream_on_the_checkpoint_is_refused_by_what_differs(stream, tmp_path, change, said):
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    ran = stream("wordcount_stream", *change)
    assert ran.code == 2
    assert said in ran.result.error.message
    assert stream().result.outcome == "EMPTY"


def test_another_job_place_or_table_is_refused(run_job, stream, spark, tmp_path):
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    checkpoint = tmp_path / "out_checkpoint"
    where = ("--input", tmp_path / "in", "--checkpoint", checkpoint)
    other = run_job("analytics_stream", *where, "--output", tmp_path / "series")
    assert 'job was "wordcount_stream", is "analytics_stream"' in other.result.error.message
    other = run_job("wordcount_stream", *where, "--output", tmp_path / "elsewhere")
    assert f'output was "{tmp_path}/out"' in other.result.error.message
    spark.conf.set("spark.sql.shuffle.partitions", "4")
    assert stream().result.outcome == "EMPTY"  # our streams keep no state in Spark, which is tied to it
    spark.conf.set("spark.sql.shuffle.partitions", "3")
    moved = checkpoint.rename(tmp_path / "moved")
    ran = stream("wordcount_stream", "--checkpoint", moved)
    assert f'checkpoint was "{checkpoint}"' in ran.result.error.message
    (moved / "sparkjobs.json").unlink()
    ran = stream("wordcount_stream", "--checkpoint", moved)
    assert "has no sparkjobs.json" in ran.result.error.message


def test_a_batch_number_with_other_files_is_refused(stream, tmp_path):
    """With offset and commit of the newest batch lost, Spark would give its number to more files."""
    put(tmp_path / "in", "0.txt", "a\n")
    assert stream().code == 0
    for log in ("offsets", "commits"):
        shutil.rmtree(tmp_path / "out_checkpoint" / log)
    put(tmp_path / "in", "1.txt", "b\n")
    ran = stream()
    assert ran.code == 1
    assert "newer pieces of the checkpoint are lost" in ran.result.error.message
    assert words_in(tmp_path / "out") == {"a": 1}


@pytest.mark.parametrize(
    ("job", "flags", "flag"),
    [
        ("wordcount_stream", ("--mode", "overwrite"), "--mode"),
        ("wordcount_stream", ("--keys", "word"), "--keys"),
        ("wordcount_stream", ("--interval", "2026-01-31"), "--interval"),
        ("wordcount_stream", ("--interval-column", "t"), "--interval-column"),
        ("wordcount_stream", ("--force",), "--force"),
        ("wordcount_stream", ("--allow-empty",), "--allow-empty"),
        ("wordcount_stream", ("--top", "3"), "--top"),
        ("wordcount_stream", ("--trigger", "sometimes"), "--trigger"),
        ("wordcount_stream", ("--format", "delta", "--text-column", "t"), "--format delta"),
        ("analytics_stream", ("--describe",), "describe"),
        ("analytics_stream", ("--z",), "--z"),
        ("analytics_stream", ("--outliers", "mad"), "--outliers"),
        ("analytics_stream", ("--ddof", "1"), "--ddof"),
    ],
)
def test_what_a_stream_cannot_do_is_refused_by_name(stream, tmp_path, job, flags, flag):
    ran = stream(job, *flags)
    assert ran.code == 2
    assert flag in ran.result.error.message
    assert not (tmp_path / "out_checkpoint").exists()


def test_an_empty_or_missing_input(stream, run_job, tmp_path):
    ran = stream()
    assert (ran.code, ran.result.outcome, ran.result.tables) == (0, "EMPTY", ())
    put(tmp_path / "in", "no-lines.txt", "")
    assert stream().result.outcome == "COMMITTED"  # a batch without rows: nothing to write
    assert not (tmp_path / "out").exists()
    missing = run_job("wordcount_stream", "--input", tmp_path / "none", "--output", tmp_path / "out2")
    assert (missing.code, "does not exist" in missing.result.error.message) == (1, True)
    nothing = stream("wordcount_stream", "--checkpoint", tmp_path / "other")
    assert nothing.code == 0
