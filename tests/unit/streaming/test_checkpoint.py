"""A checkpoint is refused when a piece without which Spark would count twice, or never, is gone."""

from __future__ import annotations

import json

import pytest

from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.checkpoint import Progress, inspect
from sparkjobs.streaming.folder import Folder


@pytest.fixture
def checkpoint(tmp_path):
    """Batches 0 to 2 are done, 3 was begun; each read one list; as Spark 4.0 writes it on a local disk."""
    for name in ("offsets", "commits", "sources/0", "batches"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "metadata").write_text('{"id":"q-1"}')
    for number in range(4):
        log(tmp_path / "offsets", number, 'v1\n{"batchWatermarkMs":0}\n' + json.dumps({"logOffset": number}))
        log(tmp_path / "sources" / "0", number, "v1\n{}")
    for number in range(3):
        log(tmp_path / "commits", number, 'v1\n{"nextBatchWatermarkMs":0}')
        (tmp_path / "batches" / f"{number}.json").write_text("{}")
    return tmp_path


def log(folder, number, text):
    (folder / str(number)).write_text(text)
    (folder / f".{number}.crc").write_bytes(b"crc")


def lose(folder, number):
    (folder / str(number)).unlink()
    (folder / f".{number}.crc").unlink()


def look(path):
    return inspect(Folder(str(path), S3Settings()))


def test_a_new_place_and_a_whole_checkpoint(tmp_path, checkpoint):
    assert look(tmp_path / "new") == Progress()
    assert look(checkpoint) == Progress("q-1", planned=3, committed=2, lists=4, lists_done=3)


def test_the_newest_commit_may_be_lost(checkpoint):
    lose(checkpoint / "commits", 2)
    assert look(checkpoint).committed == 1


def test_the_logs_of_old_batches_may_be_gone_and_the_source_compacted(checkpoint):
    for number in range(2):
        lose(checkpoint / "offsets", number)
        lose(checkpoint / "commits", number)
    lose(checkpoint / "sources" / "0", 3)
    (checkpoint / "sources" / "0" / "3.compact").write_text("v1\n{}")
    assert look(checkpoint).lists == 4


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda c: (c / "commits" / "2").unlink(), "commits/2 is missing and its checksum"),
        (lambda c: (c / "offsets" / "3").unlink(), "offsets/3 is missing and its checksum"),
        (lambda c: (c / "offsets" / "3").write_text(""), "offsets/3 is empty"),
        (lambda c: (c / "offsets" / "3").write_text("v1\n"), "offsets/3 is cut off"),
        (lambda c: (c / "offsets" / "3").write_text("v1\n{}\n{"), "offsets/3 is cut off"),
        (lambda c: (c / "commits" / "2").write_text(""), "commits/2 is empty"),
        (lambda c: (c / "commits" / "2").write_text("v2\n{}"), "commits/2 begins with 'v2'"),
        (lambda c: (c / "sources" / "0" / "3").write_text(""), "sources/0/3 is empty"),
        (lambda c: lose(c / "sources" / "0", 3), "sources/0/3 is missing"),
        (lambda c: [lose(c / "sources" / "0", n) for n in range(4)], "sources/0/3 is missing"),
        (lambda c: [lose(c / "offsets", n) for n in (2, 3)], "offsets/2 is missing"),
        (lambda c: lose(c / "offsets", 2), "offsets/2 is missing"),
        (lambda c: [lose(c / "offsets", n) for n in range(4)], "offsets/2 is missing"),
        (lambda c: (c / "batches" / "2.json").unlink(), "batches/2.json is missing"),
        (lambda c: (c / "metadata").unlink(), "metadata is missing"),
        (lambda c: (c / "metadata").write_text(""), "metadata holds no query id"),
    ],
)
def test_damage_is_refused_by_the_file(checkpoint, damage, said):
    damage(checkpoint)
    with pytest.raises(WriteError) as refused:
        look(checkpoint)
    assert f"{checkpoint}/" + said.split(" ")[0] in refused.value.message
    assert said in refused.value.message
    assert refused.value.hint
