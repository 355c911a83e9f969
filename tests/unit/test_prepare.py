"""What is refused before Spark starts."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sparkjobs import catalogue, paths
from sparkjobs.errors import UsageError
from sparkjobs.params import parse
from sparkjobs.prepare import prepare, refuse_bare_paths

NOW = datetime(2026, 1, 31, tzinfo=timezone.utc)


def prepared(*flags, job="sum_by_key"):
    found = catalogue.get(job)
    return prepare(found, parse(found.params, flags), NOW)


def test_paths_become_absolute_and_bare_ones_are_remembered(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run = prepared("--input", "a", "--input", "file:///b%20c", "--input", "s3a://x/y/", "--output", "o")
    assert run.params.input == (f"{tmp_path}/a", "/b c", "s3a://x/y")
    assert run.tables == {"o": f"{tmp_path}/o"}
    assert run.bare_paths == ("a", "o")
    refuse_bare_paths("local[2]", run.bare_paths)
    refuse_bare_paths("yarn", ())
    for master in ("yarn", "k8s://https://host"):
        with pytest.raises(UsageError, match="a is a local path"):
            refuse_bare_paths(master, run.bare_paths)


@pytest.mark.parametrize("output", ["/data", "/data/out"])
def test_output_inside_the_input_is_refused(output):
    with pytest.raises(UsageError, match="lies in --input /data"):
        prepared("--input", "/data", "--output", output)
    assert prepared("--input", "/data", "--output", "/data2", "--format", "csv").params.output == "/data2"


@pytest.mark.parametrize(
    ("pattern", "output", "refused"),
    [
        ("/data/*", "/data/out", True),
        ("/data/*/*.parquet", "/data/out", True),  # the files of the table
        ("/data/**", "/data/lake/out", True),
        ("/data/[o-p]*/rows", "/data/out", True),  # one of the tables in it
        ("/data/*.csv", "/data/out", False),
        ("/data/2026-*", "/data/out", False),
        ("/data/{in,old}/*", "/data/out", False),
    ],
)
def test_a_pattern_that_takes_the_output_is_refused(pattern, output, refused):
    flags = ("--input", pattern, "--glob", "--output", output, "--format", "csv")
    if not refused:
        assert prepared(*flags).params.output == output
        return
    with pytest.raises(UsageError, match=f"--output {output} lies in --input "):
        prepared(*flags)


def test_a_run_is_its_interval_or_the_time_it_starts():
    assert prepared("--input", "/a", "--output", "/o").identity.interval == "2026-01-31T00:00:00Z"
    assert (
        prepared("--input", "/a", "--output", "/o", "--interval", "2026-01-30").interval.text == "2026-01-30"
    )


def test_an_edited_stop_list_is_other_work(tmp_path):
    flags = ("--input", "/a", "--output", "/o", "--stop-words", str(tmp_path / "stop"))
    hashes = set()
    for text in ("one two", "two\none", "one"):
        (tmp_path / "stop").write_text(text)
        hashes.add(prepared(*flags, job="wordcount").identity.config_hash)
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("path", "scheme", "normal"),
    [
        ("/a/b", "file", "/a/b"),
        ("file:/a b", "file", "/a b"),
        ("s3a://b/k/", "s3a", "s3a://b/k"),
        ("hdfs://n:8020/x", "hdfs", "hdfs://n:8020/x"),
        ("/x/../y", "file", "/y"),
    ],
)
def test_paths(path, scheme, normal):
    assert paths.scheme_of(path) == scheme
    assert paths.normalise(path) == normal


@pytest.mark.parametrize("path", ["", "a\0b", "http://x/y", "s3://b/k"])
def test_paths_refused(path):
    with pytest.raises(UsageError):
        paths.normalise(path)


@pytest.mark.parametrize(
    "flags",
    [
        ["--output", "/x", "--quarantine", "/x"],
        ["--output", "/x", "--quarantine", "/x/q"],
        ["--output", "/x/o", "--quarantine", "/x"],
        ["--output", "/x", "--result", "/x/r.json"],
        ["--output", "/x", "--quarantine", "/data/q"],
        ["--output", "/"],
    ],
)
def test_places_that_overlap_are_refused(flags):
    with pytest.raises(UsageError, match="lies in"):
        prepared("--input", "/data", *flags)


@pytest.mark.parametrize(
    "flags",
    [
        # Two tables under one path would be one, whose second part of a batch Delta passes over.
        ["--late", "/x_quarantine"],
        ["--quarantine", "/x_late"],
        ["--late", "/l", "--quarantine", "/l"],
        ["--late", "/x_checkpoint/l"],
        # A vacuum of the table would take the files away.
        ["--archive", "/x/old"],
        ["--archive", "/x_checkpoint"],
        ["--late", "/l", "--archive", "/l/a"],
        # The stream would read its own notes.
        ["--checkpoint", "/data/checkpoint"],
    ],
)
def test_places_of_a_stream_that_overlap_are_refused(flags):
    with pytest.raises(UsageError, match="lies in"):
        prepared(
            "--input", "/data", "--output", "/x", "--watermark", "1 hour", *flags, job="analytics_stream"
        )


def test_places_of_a_stream_that_do_not_overlap():
    flags = ("--checkpoint", "/x/_checkpoint", "--archive", "/data", "--late", "/l")
    run = prepared(
        "--input", "/data/in", "--output", "/x", *flags, "--watermark", "1 hour", job="analytics_stream"
    )
    assert run.bare_paths == ("/data/in", "/x", "/l", "/x/_checkpoint", "/data")


def test_a_delta_table_may_be_read_and_written(tmp_path):
    same = prepared("--input", "/data", "--output", "/data", "--format", "delta")
    assert same.params.output == "/data"
    with pytest.raises(UsageError, match="--glob cannot go with"):
        prepared("--input", "/data/*", "--output", "/o", "--format", "delta", "--glob")


def test_a_token_is_a_number(monkeypatch):
    monkeypatch.setenv("SPARKJOBS_LOCK_TOKEN", "abc")
    with pytest.raises(UsageError, match="SPARKJOBS_LOCK_TOKEN is 'abc'"):
        prepared("--input", "/a", "--output", "/o")


def test_names_that_are_not_utf8_have_a_hash():
    assert prepared("--input", "/a\udcff", "--output", "/o").identity.config_hash
