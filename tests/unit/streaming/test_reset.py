"""A stream is taken back to a batch as a whole or not at all, whatever cuts the reset off."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from launcher.cli.root import main
from launcher.spec.config.read_profile import read_cluster
from launcher.tables.locks.lock import Locked
from launcher.tables.stream_reset import restored_tables
from launcher.tables.stream_reset.pieces import missing_entry
from launcher.tables.stream_reset.reset import reset
from launcher.tables.table_lock import Locking
from sparkjobs.errors import LockedError, SparkjobsError, UsageError, WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.look import look
from tests.unit.streaming.kept_stream import QUERY, KeptStream, read

LOCAL = Locking(read_cluster("laptop", {}, Path.cwd()), dict(os.environ))


@pytest.fixture
def stream(tmp_path):
    """Batches 0 to 6; the third had bad rows first, the fifth a file that cannot be read."""
    made = KeptStream(tmp_path, compact_every=3)
    for number in range(7):
        made.batch(number, bad=number == 3, broken=str(tmp_path / "in/torn") if number == 5 else None)
    return made


def folder(stream):
    return Folder(str(stream.checkpoint), S3Settings())


def back(stream, to, *, execute=True, step=lambda _: None):
    return reset(folder(stream), to, LOCAL, execute=execute, environ=os.environ, step=step)


def test_tables_and_checkpoint_are_those_after_the_batch(stream):
    found = back(stream, 4)
    assert found.done
    assert dict(found.tables) == {str(stream.rows): 4, str(stream.groups): 4, str(stream.bad): 0}
    assert sorted(row["x"] for row in read(stream.rows)) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]
    assert (read(stream.groups), read(stream.bad)) == ([{"count": 10}], [{"reason": "bad 3"}])
    for table in (stream.rows, stream.groups):
        assert DeltaTable(table).transaction_version(QUERY) == 4
        assert DeltaTable(table).version() == 7  # one commit
    assert DeltaTable(stream.bad).transaction_version(QUERY) == 4
    assert stream.names("commits") == sorted([f"{n}" for n in range(5)] + [f".{n}.crc" for n in range(5)])
    assert stream.names("offsets") == stream.names("commits")
    assert stream.names("batches") == [f"{n}.json" for n in range(5)]
    assert {"3", "4", "2.compact"} <= set(stream.names("sources/0"))
    assert not {"5", "5.compact", ".5.compact.crc", "6", ".6.crc"} & set(stream.names("sources/0"))
    assert len(stream.names("arrivals")) == 7  # what the batches read stays written down
    lines = (stream.checkpoint / "progress.jsonl").read_text().splitlines()
    assert [json.loads(line)["batch"] for line in lines] == [0, 1, 2, 3, 4]
    assert (stream.checkpoint / "skipped.jsonl").read_text() == ""  # its batch looks at the file again
    assert not (stream.checkpoint / "reset.json").exists()
    seen = look(folder(stream))
    assert (seen.next, seen.planned, seen.committed) == ("continues", 4, 4)
    assert (seen.sources[0].lag, seen.why) == (2, "batch 4 is done, the next is 5; 2 lists wait")


def test_a_file_that_the_user_named_or_an_earlier_batch_passed_over_stays_so(stream):
    skipped = stream.checkpoint / "skipped.jsonl"
    skipped.write_text(skipped.read_text() + '{"path": "/in/named", "reason": null}\n')
    kept = skipped.read_text()
    back(stream, 5)
    assert skipped.read_text() == kept
    back(stream, 4)
    assert [json.loads(line)["path"] for line in skipped.read_text().splitlines()] == ["/in/named"]


def test_a_table_that_a_later_batch_made_is_emptied(stream):
    back(stream, 2)
    assert read(stream.bad) == []
    assert DeltaTable(stream.bad).transaction_version(QUERY) == 2
    assert len(read(stream.rows)) == 6


@pytest.mark.parametrize("rows", [[], ["bad"]])
def test_a_table_that_is_empty_anyway_is_taken_back_too(stream, rows):
    """Its transaction alone: with that of before, Delta would drop what is repeated."""
    late = stream.place / "out_late"
    for number in (7, 8):
        stream.batch(number)
        stream.write(
            late, {"row": pa.array(rows if number == 7 else [], pa.string())}, number, mode="overwrite"
        )
        record = stream.checkpoint / f"batches/{number}.json"
        known = json.loads(record.read_text())
        record.write_text(json.dumps({**known, "tables": [str(late), *known["tables"]]}))
    back(stream, 7)
    assert (read(late), DeltaTable(late).transaction_version(QUERY)) == ([{"row": row} for row in rows], 7)
    back(stream, 6)
    assert (read(late), DeltaTable(late).transaction_version(QUERY)) == ([], 6)


def test_to_the_newest_batch_nothing_is_done_but_what_was_begun_is_undone(stream):
    before = stream.state()
    assert back(stream, 6).tables == ()
    assert stream.state() == before | {"driver.lock": ""}
    stream.batch(7, upto="rows")
    assert dict(back(stream, 6).tables) == {str(stream.rows): 6}
    after = stream.state()
    after.pop("arrivals/00000007.jsonl")
    assert after == before | {"driver.lock": ""}


def test_without_yes_nothing_is_changed(stream):
    before = stream.state()
    assert not back(stream, 4, execute=False).done
    assert stream.state() == before | {"driver.lock": ""}


class Killed(BaseException):
    """Where no handler of errors catches it."""


def steps_of(stream, to):
    named: list[str] = []
    back(stream, to, step=named.append)
    return named


def test_a_reset_that_is_cut_off_anywhere_is_finished_by_the_next_call(stream, tmp_path):
    shutil.copytree(stream.place, kept := tmp_path.parent / f"{tmp_path.name}-kept", symlinks=True)

    def restored():
        shutil.rmtree(stream.place)
        shutil.copytree(kept, stream.place)

    steps = steps_of(stream, 4)
    whole = stream.state()
    assert [name.split()[0] for name in steps] == [
        "intent",
        *["table"] * 3,
        "progress",
        "skips",
        "pieces",
        "done",
    ]
    for cut in range(len(steps)):
        restored()
        left = [cut]

        def step(_, left=left):
            if left[0] == 0:
                raise Killed
            left[0] -= 1

        with pytest.raises(Killed):
            back(stream, 4, step=step)
        begun = cut > 0
        seen = look(folder(stream))
        assert (seen.next == "refused") is begun, steps[cut]
        if begun:
            assert "a reset of the checkpoint" in seen.why
            with pytest.raises(UsageError, match="to batch 4 was begun and is not finished"):
                back(stream, 3)
            assert not back(stream, 4, execute=False).done
        assert back(stream, 4).resumed is begun
        assert stream.state() == whole, steps[cut]


def test_a_kill_within_a_table_s_commits_takes_no_table_back_twice(stream, monkeypatch):
    commit = restored_tables.committed

    def killed_after(*given, **more):
        commit(*given, **more)
        raise Killed

    monkeypatch.setattr(restored_tables, "committed", killed_after)
    with pytest.raises(Killed):
        back(stream, 4)
    monkeypatch.undo()
    back(stream, 4)
    assert {DeltaTable(table).version() for table in (stream.rows, stream.groups)} == {7}


def test_tags_stay(stream, capfd):
    with pytest.raises(SystemExit):
        main(["table", "tag", str(stream.rows), "kept", "--version", "1"])
    back(stream, 4)
    capfd.readouterr()
    with pytest.raises(SystemExit):
        main(["table", "show", str(stream.rows), "-o", "json"])
    assert json.loads(capfd.readouterr().out)["tags"] == {"kept": 1}
    assert DeltaTable(stream.rows).transaction_version(QUERY) == 4


def test_a_second_reset_to_an_earlier_batch_and_one_after_new_batches(stream):
    back(stream, 4)
    stream.batch(5)
    assert DeltaTable(stream.rows).transaction_version(QUERY) == 5
    back(stream, 4)
    assert len(read(stream.rows)) == 10
    back(stream, 1)
    assert sorted(row["x"] for row in read(stream.rows)) == [0, 1, 100, 101]
    for number in range(2, 7):
        stream.batch(number)
    assert read(stream.groups) == [{"count": 14}]


def refused(stream, to, match, kind=SparkjobsError):
    before = stream.state()
    with pytest.raises(kind, match=match) as error:
        back(stream, to)
    assert stream.state() | {"driver.lock": ""} == before | {"driver.lock": ""}
    return error.value


def test_a_batch_that_is_not_done_or_not_kept_is_refused(stream):
    assert "newest that is done is 6" in refused(stream, 7, "--to 7: that batch", UsageError).hint
    for name in ("commits", "offsets"):
        for number in (0, 1):
            (stream.checkpoint / name / str(number)).unlink()
            (stream.checkpoint / name / f".{number}.crc").unlink()
    assert (
        "oldest that is kept is 2" in refused(stream, 1, "batch 1 of .* is no longer kept", UsageError).hint
    )
    (stream.checkpoint / "batches/2.json").unlink()
    assert "oldest that is kept is 3" in refused(stream, 2, "no longer kept", UsageError).hint
    (stream.checkpoint / "sources/0/3").unlink()
    refused(stream, 3, "sources/0/3 is no longer kept", WriteError)


def test_vacuumed_files_are_refused(stream):
    back_to = DeltaTable(stream.groups)
    back_to.load_as_version(4)
    (file,) = back_to.file_uris()
    Path(file.removeprefix("file://")).unlink()
    refused(stream, 4, "version 4 of .*groups is not whole", WriteError)


def test_commits_of_others_in_between_are_refused_and_upkeep_is_not(stream):
    table = DeltaTable(stream.rows)
    table.optimize.compact()
    assert back(stream, 5).done
    DeltaTable(stream.rows).delete("x = 0")
    refused(stream, 4, r"version 9 of .*rows \(DELETE by somebody else\) came after batch 4", WriteError)
    # What was done to the table as it was after the batch is not undone.
    stream.batch(6)
    assert len(read(stream.rows)) == 13
    assert back(stream, 5).done
    assert len(read(stream.rows)) == 11


def test_a_change_between_the_kill_and_the_next_call_is_refused(stream):
    def step(name):
        if name.startswith("table"):
            raise Killed

    with pytest.raises(Killed):
        back(stream, 4, step=step)
    write_deltalake(stream.groups, pa.table({"count": [99]}), mode="append")
    with pytest.raises(WriteError, match=r"version 7 of .*groups was written after the reset") as error:
        back(stream, 4)
    assert f"sparkjob table restore {stream.groups} --version 6" in error.value.hint
    DeltaTable(stream.groups).restore(6)
    assert back(stream, 4).done
    assert read(stream.groups) == [{"count": 10}]


def test_while_the_stream_runs_or_somebody_has_a_table_it_is_refused(stream):
    with driving(str(stream.checkpoint), "r7"), pytest.raises(LockedError, match="in use by run r7") as error:
        back(stream, 4)
    assert error.value.exit_code == 5
    with LOCAL.hold([str(stream.rows)], "r8", "run"), pytest.raises(Locked, match="locked by run r8"):
        back(stream, 4)
    assert back(stream, 4).done


def test_an_older_copy_of_the_checkpoint_goes_on_after_a_reset(stream, tmp_path):
    shutil.copytree(stream.checkpoint, copy := tmp_path / "copy")
    stream.batch(7)
    shutil.rmtree(stream.checkpoint)
    shutil.copytree(copy, stream.checkpoint)
    assert "holds batch 7 and the checkpoint ends at batch 6" in look(folder(stream)).why
    assert back(stream, 6).done
    assert look(folder(stream)).next == "continues"
    assert DeltaTable(stream.rows).transaction_version(QUERY) == 6


@pytest.mark.parametrize(
    ("names", "newest", "missing"),
    [
        ([], 0, 0),
        (["0", "1"], 1, None),
        (["1"], 1, 0),
        (["9.compact", "10"], 10, None),
        (["9.compact", "11"], 11, 10),
        (["9.compact", "19.compact"], 15, 10),
        (["0", ".1.crc"], 1, 1),
    ],
)
def test_what_spark_needs_of_its_source_s_log(names, newest, missing):
    assert missing_entry(names, newest) == missing


def test_the_verb(stream, capfd):
    def call(*more):
        with pytest.raises(SystemExit) as exit_:
            main(["stream", "reset", str(stream.checkpoint), "--to", "4", *more])
        out, err = capfd.readouterr()
        return exit_.value.code, out, err

    code, out, _ = call()
    assert (code, "--yes does it" in out) == (0, True)
    code, out, _ = call("--yes", "-o", "json")
    assert (code, json.loads(out)["done"], json.loads(out)["to"]) == (0, True, 4)
    with driving(str(stream.checkpoint), "r7"):
        code, _, err = call("--yes")
    assert (code, "in use by run r7" in err) == (5, True)
    code, _, err = call("--yes", "--target", "nowhere")
    assert code == 2
