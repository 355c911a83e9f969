"""Output of a run: every byte in the log, whoever listens."""

from __future__ import annotations

import os
import threading

from launcher.runs.attempt import TAIL_BYTES
from launcher.runs.output import Log, Pump


def test_a_follower_that_is_gone_costs_no_byte_of_the_log(tmp_path):
    read, write = os.pipe()
    gone_read, gone_write = os.pipe()
    os.close(gone_read)
    pump = Pump(read, Log(tmp_path / "log"), gone_write)
    pump.start()
    os.write(write, b"one\n")
    os.write(write, b"two\x00\xff")
    os.close(write)
    pump.join(timeout=10)
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\x00\xff"


def test_a_log_that_cannot_be_written_is_remembered_and_stops_nothing(tmp_path):
    log = Log(tmp_path / "log")
    os.close(log._handle)
    log.write(b"lost")
    assert log.failed is not None


def test_the_kept_tail_is_bounded(tmp_path):
    from collections import deque

    from launcher.runs.attempt import _TailPump

    tail: deque[bytes] = deque()
    pump = _TailPump(-1, Log(tmp_path / "log"), None, tail)
    for _ in range(100):
        pump.put(b"x" * 10_000)
    pump.put(b"last\n")
    kept = b"".join(tail)
    assert kept.endswith(b"last\n")
    assert TAIL_BYTES <= len(kept) <= TAIL_BYTES + 20_000


def test_a_follower_that_does_not_read_is_left_and_the_log_is_whole(tmp_path):
    from collections import deque

    from launcher.runs.attempt import _TailPump

    source, write = os.pipe()
    _unread, follower = os.pipe()
    tail: deque[bytes] = deque()
    pump = _TailPump(source, Log(tmp_path / "log"), follower, tail)
    pump.start()
    text = b"x" * (1 << 17)  # twice what a pipe holds
    writer = threading.Thread(target=lambda: (_write_all(write, text + b"result\n"), os.close(write)))
    writer.start()
    pump.join(0.5)
    assert pump.is_alive()
    pump.leave_follower()
    pump.join(10)
    assert (tmp_path / "log").read_bytes() == text + b"result\n"
    assert b"".join(tail).endswith(b"result\n")


def _write_all(handle, data):
    while data:
        data = data[os.write(handle, data) :]
