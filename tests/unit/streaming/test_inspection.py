"""How a stream stands, told without a JVM from its checkpoint and tables; and what a start would do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from launcher.cli import stream_report
from sparkjobs.errors import UsageError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import SourceStand, TableStand, verdict
from sparkjobs.streaming.inspection.look import look
from sparkjobs.streaming.inspection.positions import stands
from sparkjobs.streaming.progress.batch_progress import Seconds, to_line
from sparkjobs.streaming.progress.progress_file import LocalLines
from sparkjobs.streaming.sources.lists import Lists
from tests.made_before import unpack
from tests.unit.streaming.test_progress import LINE

MINE = TableStand("/t", 3, 2)


def judged(**changes):
    facts = {
        "query_id": "q", "planned": 2, "committed": 2, "waiting": 0, "tables": [MINE],
        "recorded": [0, 1, 2], "gone": [], "fault": None,
    }  # fmt: skip
    return verdict(**{**facts, **changes})


@pytest.mark.parametrize(
    ("changes", "next_", "why"),
    [
        ({}, "continues", "batch 2 is done, the next is 3"),
        ({"waiting": 4}, "continues", "batch 2 is done, the next is 3; 4 lists wait"),
        ({"committed": 1}, "continues", "batch 2 was begun and is not done: it is repeated first"),
        ({"committed": None, "planned": 0}, "continues", "batch 0 was begun"),
        ({"planned": None, "committed": None, "tables": []}, "fresh", "no batch was begun"),
        ({"fault": "offsets/2 is missing"}, "refused", "offsets/2 is missing"),
        ({"tables": [MINE, TableStand("/u", 0, None)]}, "refused", "/u exists and this checkpoint did not"),
        ({"gone": ["/u"]}, "refused", "/u was written by this stream and is gone"),
        ({"tables": [MINE], "query_id": None}, "refused", "/t exists and this checkpoint did not"),
        ({"tables": [TableStand("/t", None, None)]}, "continues", "batch 2 is done"),
        # Newer pieces of Spark's logs are lost, and the record of the batch is there to repeat it by.
        ({"planned": 1, "committed": 1}, "continues", "batch 1 is done"),
        ({"planned": 1, "committed": 1, "recorded": [0, 1]}, "refused", "/t holds batch 2"),
    ],
)  # fmt: skip
def test_what_a_start_would_do(changes, next_, why):
    found = judged(**changes)
    assert found[0] == next_
    assert why in found[1]


@pytest.fixture
def place(tmp_path):
    unpack(tmp_path)
    return tmp_path / "lake"


def inspected(path):
    return look(Folder(str(path), S3Settings()))


def test_a_stream_that_is_done(place):
    found = inspected(place / "series_stream_checkpoint")
    query_id = json.loads((place / "series_stream_checkpoint/metadata").read_text())["id"]
    stream = str(place / "series_stream")
    assert found.document() == {
        "v": 1,
        "job": "analytics_stream",
        "query_id": query_id,
        "batches": {"planned": 1, "committed": 1},
        "sources": [
            {"kind": "files", "where": str(place.parent / "in/series"), "offsets": {"lists": 2}, "lag": 0}
        ],
        "state": {"rows": 0, "bytes": 0},
        "tables": [
            {"path": f"{stream}/rows", "version": 1, "batch": 1},
            {"path": f"{stream}/groups", "version": 1, "batch": 1},
        ],
        "next": "continues",
        "why": "batch 1 is done, the next is 2",
    }


def test_a_stream_that_was_killed_between_two_tables(place):
    found = inspected(place / "killed_stream_checkpoint")
    assert (found.planned, found.committed, found.next) == (2, 1, "continues")
    assert [table.batch for table in found.tables] == [2, 1]
    assert (found.sources[0].offsets, found.sources[0].lag) == ({"lists": 2}, 1)
    assert "batch 2 was begun and is not done" in found.why


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ("offsets/1", "offsets/1 is missing"),
        ("metadata", "metadata is missing"),
        ("sources/0/1", "sources/0/1 is missing"),
        ("sparkjobs.json", "has no sparkjobs.json"),
        ("arrivals/00000001.jsonl", "00000001.jsonl is missing"),
    ],
)
def test_a_piece_that_is_missing_is_named(place, lost, why):
    checkpoint = place / "series_stream_checkpoint"
    (checkpoint / lost).unlink()
    found = inspected(checkpoint)
    assert found.next == "refused"
    assert why in found.why
    assert found.committed == 1  # what can be told is told


@pytest.mark.parametrize("damaged", ["sparkjobs.json", "batches/1.json", "metadata"])
def test_a_piece_that_is_damaged_is_named(place, damaged):
    checkpoint = place / "series_stream_checkpoint"
    (checkpoint / damaged).write_text('{"half')
    found = inspected(checkpoint)
    assert found.next == "refused"
    assert damaged in found.why


def test_nothing_yet_and_no_checkpoint(place):
    assert inspected(place / "new_checkpoint").next == "fresh"
    assert "nothing lies at" in inspected(place / "new_checkpoint").why
    with pytest.raises(UsageError, match="no checkpoint"):
        inspected(place / "series_stream/rows/_delta_log")


def test_a_checkpoint_whose_tables_were_kept_is_refused(place):
    checkpoint = place / "series_stream_checkpoint"
    kept = (checkpoint / "sparkjobs.json").read_text()
    shutil.rmtree(checkpoint)
    checkpoint.mkdir()
    (checkpoint / "sparkjobs.json").write_text(kept)
    found = inspected(checkpoint)
    assert (found.next, found.planned) == ("refused", None)
    assert "series_stream/rows exists and this checkpoint did not write it" in found.why


def test_a_table_that_was_taken_away_is_missed_and_a_quarantine_is_not(place):
    checkpoint = place / "series_stream_checkpoint"
    record = json.loads((checkpoint / "batches/1.json").read_text())
    record["tables"].insert(0, str(place / "series_stream_quarantine"))
    (checkpoint / "batches/1.json").write_text(json.dumps(record))
    assert inspected(checkpoint).next == "continues"
    # The newest batch had bad rows alone; the table is missed all the same.
    (checkpoint / "batches/1.json").write_text(json.dumps({**record, "tables": record["tables"][:1]}))
    shutil.rmtree(place / "series_stream/groups")
    assert "series_stream/groups was written by this stream and is gone" in inspected(checkpoint).why


def test_a_stream_that_runs_is_told_by_name(place):
    with driving(str(place / "series_stream_checkpoint"), "r7"):
        found = inspected(place / "series_stream_checkpoint")
    assert found.next == "refused"
    assert "in use by run r7" in found.why


LISTS = {
    "kafka:///orders": (
        [[(0, 0, 5), (1, 0, 7)], [(0, 5, 9), (1, 7, 7)], [(0, 9, 12), (1, 7, 9)]],
        lambda number, part: {"topic": "orders", "partition": part[0], "from": part[1], "until": part[2]},
        {"0": 9, "1": 7},
        42,
    ),
    "rate://100": ([[(0, 50)], [(50, 80)], [(80, 95)]],
                   lambda number, part: {"from": part[0], "until": part[1]}, {"rows": 80}, 15),
    "delta:///lake/t": (
        [[3, 4], [5], [6, 7]],
        lambda number, version: {"version": version,
                                 "add": {"path": f"p{version}", "stats": json.dumps({"numRecords": 10})}},
        {"version": 5}, 20,
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", LISTS)
def test_offsets_and_lag_of_every_kind_of_source(where, tmp_path):
    lists, line, offsets, lag = LISTS[where]
    checkpoint = Folder(str(tmp_path), S3Settings())
    for number, parts in enumerate(lists):
        text = "".join(json.dumps({"list": number, **line(number, part)}) + "\n" for part in parts)
        checkpoint.write(f"arrivals/{number:08d}.jsonl", text)
    late = {"list": 3, "replay": "/lake/late", "first": 0, "last": 1}
    checkpoint.write("arrivals/00000003.jsonl", json.dumps(late) + "\n")
    told = replace(LINE, lag=42, lag_by_partition={"0": 40, "1": 2})
    (found,) = stands(checkpoint, [where], Lists(checkpoint), 2, told)
    assert found.document().get("lag_by_partition") == ({"0": 40, "1": 2} if "kafka" in where else None)
    assert (found.kind, found.where, found.offsets, found.lag) == (
        where.partition(":")[0],
        where,
        offsets,
        lag,
    )
    (all_done,) = stands(checkpoint, [where], Lists(checkpoint), 4, None)  # the newest list holds late rows
    assert all_done.offsets != offsets
    assert all_done.lag == (None if where.startswith("kafka") else 0)


def test_the_partition_that_lags_most_is_named(place):
    source = SourceStand("kafka", "kafka:///orders", {"0": 9, "1": 7}, 42, {"0": 2, "1": 40})
    found = replace(inspected(place / "series_stream_checkpoint"), sources=(source,))
    rows = list(stream_report.inspected(found))
    assert "source     kafka kafka:///orders: 0 9, 1 7; lag 42, 40 of it in partition 1" in rows


def test_a_stream_that_falls_behind_names_what_eats_its_time(place):
    checkpoint = place / "series_stream_checkpoint"
    path, spent = checkpoint / "progress.jsonl", Seconds(10.0, 1.0, 2.0, 6.0, 0.5, 0.5)
    for number in range(7):
        LocalLines(path).append(to_line(replace(LINE, batch=number, lag=number, seconds=spent)))
    with path.open("a") as half:
        half.write(to_line(LINE)[:50])
    found = inspected(checkpoint)
    assert found.document()["behind"] == {"batches": 6, "phase": "work", "seconds": 6.0, "share": 0.6}
    rows = list(stream_report.inspected(found))
    assert "behind     for 6 batches: work takes 6.0 s a batch, 60% of the time" in rows
    LocalLines(path).append(to_line(replace(LINE, batch=7, lag=0)))
    assert "behind" not in inspected(checkpoint).document()
