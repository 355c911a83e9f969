"""Files that are passed over: kept, named in errors, found among many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import BadRowsError, DataError, EnvironmentProblem, UsageError, WriteError
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.files.arrivals import Arrival
from sparkjobs.streaming.sources.files.culprits import culprits, file_fault, named_in, stopping_rows
from sparkjobs.streaming.sources.files.skips import (
    NAME,
    Skips,
    from_line,
    lost_since,
    refuse_faults,
    refuse_unknown,
    stopping,
    to_line,
)
from sparkjobs.streaming.sources.skip import Skip


def folder(path):
    return Folder(str(path), S3Settings())


@given(st.text(), st.none() | st.text())
def test_a_line_keeps_any_name(path, reason):
    line = to_line(Skip(path, reason))
    assert line.isascii()
    assert "\n" not in line
    assert from_line(line) == Skip(path, reason)


def test_skips_are_kept_from_run_to_run(tmp_path):
    skips = Skips(folder(tmp_path))
    skips.keep([])
    assert not (tmp_path / NAME).exists()
    skips.keep([Skip("/in/a"), Skip("/in/b", "cut off")])
    skips.keep([Skip("/in/a", "another reason")])
    again = Skips(folder(tmp_path), "quarantine")
    assert again.paths == {"/in/a", "/in/b"}
    assert "/in/a" in again
    assert "/in/c" not in again
    assert (tmp_path / NAME).read_text().count("\n") == 2
    (tmp_path / NAME).write_text("{")
    with pytest.raises(WriteError, match=NAME):
        Skips(folder(tmp_path))


def test_an_error_names_the_ways_out_as_they_are_typed():
    told = stopping("/in/a b's.csv", DataError("broken", "Repair it."))
    assert told.hint.startswith("Repair it. ")
    assert """--skip-file '/in/a b'"'"'s.csv'""" in told.hint
    assert "--bad-files quarantine" in told.hint
    assert "--bad-files" not in stopping("/in/a", DataError("broken"), quarantine=False).hint


def test_a_skip_of_no_file_is_refused():
    refuse_unknown(["/in/a"], ["/in/a", "/in/b"])
    with pytest.raises(UsageError, match="/in/typo"):
        refuse_unknown(["/in/typo"], ["/in/a"])


@pytest.mark.parametrize(
    ("bad_files", "named", "refused"),
    [("fail", (), True), ("quarantine", (), False), ("quarantine", ("/in/a:b",), True)],
)
def test_faults_seen_from_outside(tmp_path, bad_files, named, refused):
    listed = [InputFile("/in/good", 1), InputFile("/in/a:b", 1, fault=DataError("the name holds ':'"))]
    skips = Skips(folder(tmp_path), bad_files)
    if refused:
        with pytest.raises(DataError, match="the name holds"):
            refuse_faults(listed, (), named, skips)
    else:
        refuse_faults(listed, (), named, skips)
    refuse_faults(listed, {"/in/a:b"}, named, skips)
    skips.keep([Skip("/in/a:b")])
    refuse_faults(listed, (), named, skips)


def test_what_a_batch_lost_since_it_was_begun():
    lost = [Skip("/in/a", "/in/a is gone")]
    (told,) = lost_since(7, lost, [], ())
    assert told == "batch 7: /in/a cannot be read any more; its rows are in the tables already"
    with pytest.raises(
        DataError, match="/in/a is gone; batch 7 is in some of its tables and words would lack"
    ):
        lost_since(7, lost, ["words"], ())
    (told,) = lost_since(7, lost, ["words"], {"/in/a"})
    assert "words will lack its rows" in told


def arrived(*names):
    return [Arrival(0, InputFile(name, 1)) for name in names]


@given(st.lists(st.booleans(), max_size=40))
def test_every_broken_file_is_found_and_no_other(broken):
    files = arrived(*(f"/in/{number}" for number in range(len(broken))))
    bad = [item.file.path for item, is_bad in zip(files, broken, strict=True) if is_bad]

    def trial(some):
        return next((DataError(item.file.path) for item in some if item.file.path in bad), None)

    found = culprits(files, trial)
    assert [item.file.path for item, _ in found] == bad
    assert [fault.message for _, fault in found] == bad


def test_files_that_only_fail_together_are_nobodys_fault():
    assert culprits(arrived("/a", "/b"), lambda some: DataError("x") if len(some) > 1 else None) == []


def test_too_many_bad_rows_name_the_ways_on():
    error = BadRowsError(3, 2, "2 of 3 rows are bad; the first: /in/a:1: unknown field 'b'", "Repair it.")
    told = stopping_rows(error, arrived("/in/a"))
    assert (told.rows_read, told.rows_bad, told.message) == (3, 2, error.message)
    for said in ("Repair it. ", "--extra-columns ignore", "--skip-file /in/a"):
        assert said in told.hint
    assert stopping_rows(BadRowsError(3, 2, "bad", "Repair it."), arrived("/in/a")).hint == "Repair it."


def test_the_file_that_a_message_names():
    files = arrived("/in/a.csv", "/in/a.csv.gz", "/in/b.csv")
    assert named_in("/in/a.csv.gz cannot be read", files).file.path == "/in/a.csv.gz"
    assert named_in("/in/a.csv: no column", files).file.path == "/in/a.csv"
    assert named_in("no such thing", files) is None


class Java:
    """A Java exception as py4j shows it."""

    def __init__(self, message, cause=None):
        self.getMessage = lambda: message
        self.getCause = lambda: cause
        self.getClass = lambda: self
        self.getSimpleName = lambda: "IOException"


def of_spark(*messages):
    """An error of Spark with its chain of causes."""
    java = None
    for message in reversed(messages):
        java = Java(message, java)
    error = RuntimeError("as Python sees it")
    error.java_exception = java
    return error


def test_a_file_that_spark_cannot_read_is_told_in_one_line_with_the_cause():
    fault = file_fault(
        of_spark("Job aborted\n+- Plan", "[FAILED_READ_FILE.NO_HINT] reading /in/a.\nmore", "no\nhead")
    )
    assert fault.message == "[FAILED_READ_FILE.NO_HINT] reading /in/a. IOException: no"


@pytest.mark.parametrize(
    ("error", "is_fault"),
    [
        (DataError("cut off"), True),
        (of_spark("[CANNOT_READ_FILE_FOOTER] /in/a"), True),
        (of_spark("[TASK_WRITE_FAILED] /out", "disk full"), False),
        (of_spark(None), False),
        (BadRowsError(2, 1, "1 of 2 rows are bad"), False),
        (EnvironmentProblem("zstandard is missing"), False),
        (MemoryError(), False),
    ],
)
def test_what_is_a_files_fault(error, is_fault):
    assert (file_fault(error) is not None) == is_fault
