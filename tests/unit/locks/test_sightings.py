"""How long a lease was seen without change, over several processes, by a clock that cannot be set."""

from __future__ import annotations

import time

import pytest

from launcher.tables.locks import clock
from launcher.tables.locks.observations import Observations


class Machine:
    """A machine with its own uptime and state folder."""

    def __init__(self, folder, boot="boot-1"):
        self.folder, self.boot, self.now_s = folder, boot, 1000.0

    def process(self, name="s3a://lake/.t.sparkjobs.lock"):
        return Observations(self.folder, name, lambda: self.now_s, lambda: self.boot)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "locks")


def test_watching_begins_with_the_first_look(machine):
    watch = machine.process()
    assert watch.unchanged_s("e1") == 0
    machine.now_s += 299
    assert watch.unchanged_s("e1") == 299


def test_a_change_begins_anew(machine):
    watch = machine.process()
    watch.unchanged_s("e1")
    machine.now_s += 299
    assert watch.unchanged_s("e2") == 0
    machine.now_s += 1
    assert machine.process().unchanged_s("e2") == 1


def test_a_later_process_goes_on_from_the_first(machine):
    machine.process().unchanged_s("e1")
    machine.now_s += 3600
    assert machine.process().unchanged_s("e1") == 3600
    assert machine.process("s3a://lake/.other.sparkjobs.lock").unchanged_s("e1") == 0


def test_another_start_of_the_machine_knows_nothing(machine):
    machine.process().unchanged_s("e1")
    machine.boot, machine.now_s = "boot-2", 50_000.0
    assert machine.process().unchanged_s("e1") == 0


def test_a_clock_that_went_back_knows_nothing(machine):
    machine.process().unchanged_s("e1")
    machine.now_s -= 500
    assert machine.process().unchanged_s("e1") == 0


def test_without_a_name_of_the_boot_only_this_process_remembers(machine):
    machine.boot = None
    watch = machine.process()
    watch.unchanged_s("e1")
    machine.now_s += 10
    assert watch.unchanged_s("e1") == 10
    assert machine.process().unchanged_s("e1") == 0
    assert not machine.folder.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"mark": 1}', b"\xff"])
def test_a_damaged_note_is_none(machine, content):
    machine.process().unchanged_s("e1")
    (note,) = machine.folder.iterdir()
    note.write_bytes(content)
    assert machine.process().unchanged_s("e1") == 0


def test_a_folder_that_cannot_be_written_hinders_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    machine = Machine(tmp_path / "file/locks")
    watch = machine.process()
    watch.unchanged_s("e1")
    machine.now_s += 10
    assert watch.unchanged_s("e1") == 10


def test_the_clock_is_the_machine_s_and_not_the_wall_s(monkeypatch):
    before = clock.uptime_s()
    for name in ("time", "time_ns"):
        monkeypatch.setattr(time, name, lambda: 0)
    assert before <= clock.uptime_s() < before + 600


def test_without_proc_the_clock_is_the_monotonic_one(monkeypatch, tmp_path):
    monkeypatch.setattr(clock, "_UPTIME", tmp_path / "none")
    monkeypatch.setattr(clock, "_BOOT", tmp_path / "none")
    assert abs(clock.uptime_s() - time.monotonic()) < 60
    assert clock.boot_name() is None
