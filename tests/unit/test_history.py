"""What a history says about a run, without Spark."""

from __future__ import annotations

import pytest

from sparkjobs.errors import WriteError
from sparkjobs.identity import RunIdentity
from sparkjobs.tables.history import (
    Commit,
    TableLog,
    find_done,
    find_own,
    overwritten_after,
    read_metadata,
    refuse_other_config,
    transaction,
)

ME = RunIdentity("job", "2026-01-31", "hash", "run-2")


def commit(number, operation="WRITE", *, interval="2026-01-31", config="hash", run="run-1", **parameters):
    metadata = {"run_id": run, "job": "job", "interval": interval, "config_hash": config}
    return Commit(number, operation, metadata, {"numOutputRows": "3"}, parameters)


def log(*commits, **transactions):
    return TableLog(tuple(sorted(commits, key=lambda c: -c.version)), transactions.get, exists=True)


def test_an_equal_run_is_found_and_its_own_attempt_told_apart():
    history = log(commit(0), commit(1, interval="2026-02-01"))
    assert find_done(history, ME).version == 0
    assert find_own(history, ME) is None
    assert find_own(log(commit(0, run="run-2")), ME).version == 0


def test_restore_undoes_what_came_between():
    restored = log(commit(0, interval="x"), commit(1), commit(2, "RESTORE", interval=None, version="0"))
    assert find_done(restored, ME) is None
    kept = log(commit(0), commit(1, interval="x"), commit(2, "RESTORE", interval=None, version="0"))
    assert find_done(kept, ME).version == 0
    twice = log(
        commit(0),
        commit(1, "RESTORE", interval=None, version="0"),
        commit(2, interval="y"),
        commit(3, "RESTORE", interval=None, version="1"),
    )
    assert find_done(twice, ME).version == 0


def test_a_restore_to_a_moment_leaves_open_what_it_undid():
    moment = commit(2, "RESTORE", interval=None, timestamp="2026-01-31 05:00:00")
    with pytest.raises(WriteError, match="version 1, and version 2 restored the table to a moment"):
        find_done(log(commit(0, interval="x"), commit(1), moment), ME)
    assert find_done(log(commit(0, interval="x"), moment), ME) is None
    assert find_done(log(commit(1), moment, commit(3)), ME).version == 3
    by_number = commit(3, "RESTORE", interval=None, version="1")
    assert find_done(log(commit(1), moment, by_number), ME).version == 1


def test_a_whole_overwrite_by_others_is_told():
    done = commit(0)
    later = commit(1, interval="x", mode="Overwrite", predicate="[]")
    part = commit(1, interval="x", mode="Overwrite", predicate='["a > 1"]')
    assert overwritten_after(log(done, later), done) is later
    assert overwritten_after(log(done, part), done) is None


def test_the_same_interval_with_other_parameters_is_refused_naming_both():
    with pytest.raises(WriteError, match=r"(?s)config other.*config hash"):
        refuse_other_config(log(commit(0, config="other")), ME)
    refuse_other_config(log(commit(0), commit(1, interval="x", config="other")), ME)


def test_versions_are_counted_from_the_table_and_the_token():
    assert transaction(log(), ME, "append") == ("job/2026-01-31/hash", 1)
    assert transaction(log(job=41), ME, "overwrite") == ("job", 42)
    fenced = RunIdentity("job", "2026-01-31", "hash", "run-2", token=100)
    assert transaction(log(job=41), fenced, "merge") == ("job", 101)
    lost_counter = RunIdentity("job", "2026-01-31", "hash", "run-2", token=1)
    assert transaction(log(job=41), lost_counter, "merge") == ("job", 42)


def test_foreign_metadata_is_not_ours():
    assert read_metadata(None) == read_metadata("free text") == read_metadata("[1]") == {}
    assert commit(0).rows_written == 3
    merged = Commit(1, "MERGE", {}, {"numTargetRowsInserted": "2", "numTargetRowsUpdated": "5"})
    assert merged.rows_written == 7
