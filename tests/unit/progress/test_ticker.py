"""What is said of a run while it goes on."""

from __future__ import annotations

from types import SimpleNamespace

from msgspec.structs import replace

from launcher.cli.board import _Ticker
from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs.handle import Handle


def test_the_link_to_the_pages_is_said_once_when_there_is_one(tmp_path):
    folder = RunFolder(tmp_path / "r1")
    record = Record("r1", "daily", "laptop", "local", State.RUNNING, "h", "l")
    folder.create(record)
    ticker = _Ticker(Handle(folder), SimpleNamespace(), every_s=3600.0)
    said: list[str] = []
    ticker.tick(said.append, said.append)
    assert said == []
    for ui in ("http://127.0.0.1:4040", "http://127.0.0.1:4041"):
        folder.write(replace(record, ui=ui))
        ticker.tick(said.append, said.append)
        ticker.tick(said.append, said.append)
    assert said == ["ui http://127.0.0.1:4040", "ui http://127.0.0.1:4041"]
    (folder.path / "record.json").write_text("{")
    ticker.tick(said.append, said.append)
