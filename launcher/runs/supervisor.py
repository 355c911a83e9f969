"""The supervisor: a small process in its own session that carries out what the state machine says.

It starts spark-submit, holds the locks, ends the whole tree when it is told to or when the launcher dies,
and gives the locks back when nothing of the run is left. ``supervisor_main.py`` gets the run's folder and, on
stdin, the request; after it each byte is one of ``runs.signals``, and the end of stdin means that
the launcher is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from launcher.records.record import State, retried
from launcher.records.store import RunFolder
from launcher.runs import run_events as e
from launcher.runs import scratch
from launcher.runs.attempt import Attempt
from launcher.runs.journal import Journal
from launcher.runs.judging import Judging
from launcher.runs.on_failure import notify_failure
from launcher.runs.output import say
from launcher.runs.processes import adopt_orphans, descendants, this_process
from launcher.runs.run_locks import Locking
from launcher.runs.run_request import RunRequest, decode
from launcher.runs.signals import GONE, on_signals, read_control
from launcher.runs.state_machine import RunState, step
from launcher.runs.stopping import cleared, end_in_peace, kill_all
from launcher.runs.stream_watch import StreamWatch
from launcher.runs.threads import after, in_thread
from sparkjobs.exits import EXIT_FAILED, EXIT_LOST
from sparkjobs.standard_streams import leave_stream


class Supervisor:
    """One run. Every event goes through one queue and is handled by one thread, the main one."""

    def __init__(self, request: RunRequest, folder: RunFolder) -> None:
        self.request = request
        self.events: SimpleQueue[e.Event] = SimpleQueue()
        self.journal = Journal(folder, folder.read())
        self.locking = Locking(request, self.events.put)
        self.judging = Judging(request, self.journal)
        self.watch = StreamWatch(request, self.journal)
        self.attempt: Attempt | None = None
        self._code: int | None = None

    def run(self) -> int:
        """Carry the run to its end; answers the launcher's exit code."""
        self.journal.note(supervisor=this_process())
        state = RunState()
        self.events.put(e.Begun())
        while self._code is None:
            state, instructions = step(state, self.events.get())
            for instruction in instructions:
                self._perform(instruction, state)
        self.watch.finish()
        if not descendants():
            scratch.remove(self.journal.folder.path)
        # Last, when the locks are free: who is told may start the run again.
        notify_failure(self.journal, abandoned=state.stop == (GONE.why, GONE.exit_code))
        return self._code

    def _perform(self, instruction: e.Instruction, state: RunState) -> None:
        handlers: dict[type, Callable[[Any, RunState], None]] = {
            e.TakeLock: lambda _, __: self.locking.take(),
            e.StopWaiting: lambda _, __: self.locking.stop_waiting(),
            e.Start: lambda found, _: self._start(found.attempt),
            e.Pause: lambda found, _: self._pause(found.seconds),
            e.Note: self._note,
            e.EndInPeace: lambda _, __: self._end_in_peace(),
            e.Kill: lambda _, run: self._kill(run),
            e.ClearTree: lambda _, run: self._clear(run),
            e.Judge: lambda _, run: self._judge(run),
            e.Release: lambda _, __: self.locking.release(),
            e.Finish: lambda found, _: self._finish(found.exit_code),
        }
        handlers[type(instruction)](instruction, state)

    def _start(self, number: int) -> None:
        if number == 1 and self.request.timeout_s is not None:
            why = f"longer than its timeout of {self.request.timeout_s:g} s"
            after(self.request.timeout_s, lambda: self.events.put(e.StopRequested(why, EXIT_FAILED)))
        if number == 1:
            self.watch.start()
        else:
            say(f"trying again: {retried(self.journal.record.attempts[-1])}")
        self.attempt = Attempt(self.judging.request, self.journal, self.locking, self.events.put)
        self.attempt.start()

    def _pause(self, seconds: float) -> None:
        say(f"starting again in {seconds:g} s")
        after(seconds, lambda: self.events.put(e.PauseOver()))

    def _note(self, note: e.Note, state: RunState) -> None:
        if note.explanation is not None:
            self.journal.change(explanation=note.explanation)
        self.journal.enter(note.state, note.detail, token=self.locking.token, exit_code=note.exit_code)
        if note.state is State.RUNNING and state.application_id:
            application_id = state.application_id
            in_thread(lambda: self.locking.note(application_id))

    def _end_in_peace(self) -> None:
        after(self.request.grace_s, lambda: self.events.put(e.GraceOver(self.request.grace_s)))
        in_thread(lambda: end_in_peace(self.request, self.journal.record))

    def _kill(self, state: RunState) -> None:
        say(f"the run does not end: it {state.forced}" if state.forced else "the run is killed")
        in_thread(kill_all)

    def _clear(self, state: RunState) -> None:
        stopped = state.stop is not None
        record = self.journal.record
        in_thread(lambda: self.events.put(e.TreeGone(cleared(self.request, record, stopped))))

    def _judge(self, state: RunState) -> None:
        assert self.attempt is not None  # only a started attempt exits
        attempt = self.attempt
        in_thread(lambda: self._judged(state, attempt))

    def _judged(self, state: RunState, attempt: Attempt) -> None:
        self.watch.look()  # what is told of the end shall know the last batch
        self.events.put(self.judging.judge(state, attempt))

    def _finish(self, exit_code: int) -> None:
        self._code = exit_code


def main() -> int:
    """The process: request from stdin, orders from stdin, exit code of the run."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # Not buffered: at its exit Python waits a second for a thread that sits in a buffered read.
    orders = os.fdopen(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    request = decode(orders.readline())
    adopt_orphans()
    supervisor = Supervisor(request, RunFolder(Path(sys.argv[1])))
    if supervisor.journal.record.state.final:
        return EXIT_LOST  # its launcher was killed, and somebody who looked has closed it meanwhile
    on_signals(supervisor.events.put)
    if request.follow:
        in_thread(lambda: read_control(orders, supervisor.events.put))
    code = supervisor.run()
    _forget_output()
    return code


def _forget_output() -> None:
    # The launcher may be gone: flushing what is left at exit must not fail.
    for number in (1, 2):
        leave_stream(number)
