"""Processes that hold locks, and what they say."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from launcher.tables.locks.holder import this_process
from launcher.tables.locks.lease import Terms
from launcher.tables.locks.lock import Locked, StillRuns, TableLock
from launcher.tables.locks.table_locks import HeldTables, LockRules, hold, locks_of

# Forked, so that two dozen of them start in a moment.
APART = multiprocessing.get_context("fork")
ANSWER_S = 60
LOOK_S = 0.1


@dataclass(frozen=True)
class Backend:
    """One kind of lock and a table of the test's own."""

    kind: str
    table: str
    url: str | None
    environ: Mapping[str, str]

    def locks(self, lease_s: float = 300.0) -> tuple[TableLock, ...]:
        return locks_of([self.table], LockRules(self.url, terms=Terms(lease_s)), self.environ)

    def hold(
        self,
        run_id: str,
        *,
        lease_s: float = 300.0,
        wait_s: float = 0.0,
        tell: Any = print,
        still_runs: StillRuns = lambda died: False,
    ) -> HeldTables:
        me = this_process(run_id, "test")
        return hold(self.locks(lease_s), me, still_runs, tell, wait_s=wait_s, pause=_look_often)

    def refused(self, run_id: str = "late", **how: Any) -> Locked | None:
        """Try once and give back; what was said when the table was locked."""
        try:
            held = self.hold(run_id, **how)
        except Locked as locked:
            return locked
        held.release()
        return None


def _look_often(seconds: float) -> bool:
    time.sleep(min(seconds, LOOK_S))
    return False


@dataclass(frozen=True)
class Apart:
    """A process that holds the table."""

    process: Any
    pipe: Connection

    def hears(self) -> Any:
        """What it says next."""
        assert self.pipe.poll(ANSWER_S), "the process says nothing"
        return self.pipe.recv()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def release(self) -> None:
        """Let it give the lock back, and wait until it has."""
        self.pipe.send("release")
        while self.hears() != "released":
            pass


@contextlib.contextmanager
def holding_apart(backend: Backend, run_id: str, lease_s: float = 300.0) -> Iterator[tuple[Apart, int]]:
    """A process of its own that holds the table, and its token."""
    ours, theirs = APART.Pipe()
    process = APART.Process(target=_hold_until_told, args=(backend, run_id, lease_s, theirs))
    process.start()
    try:
        apart = Apart(process, ours)
        yield apart, apart.hears()
    finally:
        process.kill()
        process.join()


def _hold_until_told(backend: Backend, run_id: str, lease_s: float, pipe: Connection) -> None:
    held = backend.hold(run_id, lease_s=lease_s, tell=lambda message: pipe.send(type(message).__name__))
    pipe.send(held.token)
    pipe.recv()
    held.release()
    pipe.send("released")


def race(backend: Backend, runners: int, wait_s: float = 0.0) -> list[tuple[str, Any]]:
    """Let so many processes ask for the table in one moment; the winner holds it until all have asked.

    Returns:
        For each ``("won", token)`` or ``("locked", run_id of the holder)``.
    """
    start, requested = APART.Barrier(runners), APART.Barrier(runners)
    answers = APART.SimpleQueue()
    arguments = [
        (backend, f"runner-{number}", wait_s, start, requested, answers) for number in range(runners)
    ]
    processes = [APART.Process(target=_run, args=given) for given in arguments]
    for process in processes:
        process.start()
    try:
        return [answers.get() for _ in range(runners)]
    finally:
        for process in processes:
            process.join(ANSWER_S)
            process.kill()


def _run(backend: Backend, run_id: str, wait_s: float, start: Any, requested: Any, answers: Any) -> None:
    start.wait(ANSWER_S)
    held = None
    try:
        held = backend.hold(run_id, wait_s=wait_s)
        setting_text = ("won", (run_id, held.token))
    except Locked as locked:
        setting_text = ("locked", locked.holder.run_id if locked.holder else None)
    except Exception as error:
        setting_text = ("failed", repr(error))
    requested.wait(ANSWER_S)
    if held is not None:
        held.release()
    answers.put(setting_text)
