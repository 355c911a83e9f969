"""The small pure parts of streams: triggers, fingerprints, records, requests to stop."""

from __future__ import annotations

import json
import signal

import pytest

from sparkjobs.errors import UsageError, WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.interrupts import Interrupted
from sparkjobs.streaming import fingerprint, folder
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.records import Record, Records, is_taken_in, refuse_other_lists
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.stop import StopRequest
from sparkjobs.streaming.trigger import check_trigger, interval_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("available-now", None),
        ("10 seconds", 10.0),
        ("1 minute", 60.0),
        ("250 milliseconds", 0.25),
        ("2 hours", 7200.0),
    ],
)
def test_triggers(text, seconds):
    check_trigger(text)
    assert interval_s(text) == seconds


@pytest.mark.parametrize("text", ["", "now", "0 seconds", "-1 seconds", "10", "10 s", "1.5 minutes", "once"])
def test_other_triggers_are_refused(text):
    with pytest.raises(ValueError, match="available-now"):
        check_trigger(text)


def made(**changes):
    values = {
        "job": "j",
        "checkpoint": "/c",
        "output": "/o",
        "params": {"from_": None, "window": "1 hour"},
        "state": ("s",),
    }
    return fingerprint.make(**{**values, **changes})


def test_a_fingerprint_fits_itself_and_names_every_difference():
    before = fingerprint.to_text(made())
    fingerprint.refuse_other("/c", before, made())
    other = made(job="k", params={"window": "2 hours", "from_": "2026"}, state=())
    with pytest.raises(UsageError) as refused:
        fingerprint.refuse_other("/c", before, other)
    for said in (
        'job was "j", is "k"',
        '--window was "1 hour", is "2 hours"',
        '--from was not set, is "2026"',
        'state was ["s"], is []',
    ):
        assert said in refused.value.message


def test_the_partitions_of_shuffles_which_earlier_versions_kept_may_change():
    before = json.dumps({**made(), "spark.sql.shuffle.partitions": "200"})
    fingerprint.refuse_other("/c", before, made())
    assert "shuffle" not in fingerprint.to_text(made())


def test_how_files_are_read_that_could_not_be_read_before_may_change():
    before = fingerprint.to_text(made(params={"extra_columns": "refuse"}))
    fingerprint.refuse_other("/c", before, made(params={"extra_columns": "ignore"}))
    assert "extra_columns" in before  # kept, so that an earlier version still takes the checkpoint


def test_a_checkpoint_without_a_unit_goes_on_with_what_0_1_0_did():
    before = fingerprint.to_text(made(params={}))
    fingerprint.refuse_other("/c", before, made(params={"timestamp_unit": "s"}))
    with pytest.raises(UsageError, match='--timestamp-unit was not set, is "ms"'):
        fingerprint.refuse_other("/c", before, made(params={"timestamp_unit": "ms"}))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"v":1}'])
def test_a_fingerprint_that_cannot_be_read_is_told(text):
    with pytest.raises(WriteError, match="cannot be read"):
        fingerprint.refuse_other("/c", text, made())


def test_records_come_back_and_old_ones_go(tmp_path):
    records = Records(Folder(str(tmp_path), S3Settings()))
    assert records.read(0) is None
    for number in range(102):
        records.write(number, Record((number,), ("/t",)))
    assert records.read(101) == Record((101,), ("/t",))
    assert (records.read(0), records.read(1)) == (None, Record((1,), ("/t",)))  # which Spark keeps too
    passed = Record((7,), ("/t",), (Skip("/in/\udcff", "cut off"), Skip("/in/b")))
    records.write(101, passed)
    assert records.read(101) == passed
    (tmp_path / "batches" / "101.json").write_text('{"lists": [7], "tables": ["/t"]}')  # as 0.1.0 wrote it
    assert records.read(101) == Record((7,), ("/t",))
    (tmp_path / "batches" / "101.json").write_text("{")
    with pytest.raises(WriteError, match=r"101\.json"):
        records.read(101)
    refuse_other_lists(5, Record((4, 5), ()), [4, 5])
    with pytest.raises(WriteError, match="batch 5"):
        refuse_other_lists(5, Record((4,), ()), [4, 5])
    assert json.loads((tmp_path / "batches" / "100.json").read_text())["lists"] == [100]


def test_a_record_tells_where_late_rows_go_and_how_fields_were_read(tmp_path):
    records = Records(Folder(str(tmp_path), S3Settings()))
    records.write(0, Record((0,), ("/late", "/t"), late="/late", ignore_extra=True))
    assert records.read(0) == Record((0,), ("/late", "/t"), late="/late", ignore_extra=True)
    records.write(1, Record((1,), ("/u",)))
    assert (records.tables(None), records.tables(0)) == (frozenset(), {"/late", "/t"})
    assert records.tables(1) == {"/late", "/t", "/u"}
    (tmp_path / "batches" / "1.json").write_text('{"lists": [1], "tables": ["/u"]}')  # of version 0.1.0
    assert records.read(1) == Record((1,), ("/u",))


def test_the_record_of_a_batch_is_written_again_though_the_old_one_is_gone(tmp_path, monkeypatch):
    """In an object store, which minds: a batch that was cut off is begun a second time."""
    from pyarrow import fs

    monkeypatch.setattr(folder, "filesystem", lambda path, s3: (fs.LocalFileSystem(), str(tmp_path)))
    monkeypatch.setattr(folder, "write_text", lambda *_: None)
    records = Records(Folder("s3a://bucket/checkpoint", S3Settings()))
    (tmp_path / "5.json").touch()
    for _ in range(2):
        records.write(106, Record((106,), ()))
    assert not (tmp_path / "5.json").exists()


def test_a_batch_is_read_anew_until_a_table_holds_it_or_there_was_nothing_to_hold():
    assert not is_taken_in(Record((4,), ("/t", "/u")), [4], ())
    assert is_taken_in(Record((4,), ("/t", "/u")), [4], ["/t"])
    assert is_taken_in(Record((4,), ()), [4], ())
    assert not is_taken_in(Record((4,), ()), [5], ())  # another batch took the number


def test_a_stop_has_its_time_and_a_second_signal_has_none():
    now = [0.0]
    stop = StopRequest(10, clock=lambda: now[0])
    stop.enforce()
    assert not stop.requested
    stop.ask(signal.SIGTERM)
    now[0] = 9.9
    stop.enforce()
    now[0] = 10
    with pytest.raises(Interrupted) as ended:
        stop.enforce()
    assert ended.value.exit_code == 143
    now[0] = 0
    hurried = StopRequest(10, clock=lambda: now[0])
    hurried.ask(signal.SIGINT)
    hurried.ask(signal.SIGINT)  # the JVM was told as well
    hurried.enforce()
    now[0] = 2
    hurried.ask(signal.SIGINT)
    with pytest.raises(Interrupted) as ended:
        hurried.enforce()
    assert ended.value.exit_code == 130
