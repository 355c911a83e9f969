"""Start a run's supervisor and stay in touch with it."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from launcher.records.record import Record, State, Transition, origin
from launcher.records.store import RunFolder
from launcher.runs.cancelling import Cancelled, cancel, end_abandoned
from launcher.runs.from_plan import final_document
from launcher.runs.journal import Journal, now
from launcher.runs.on_failure import leave_notice, notify_failure
from launcher.runs.processes import this_process
from launcher.runs.run_request import RunRequest, encode
from sparkjobs.errors import EnvironmentProblem, SparkjobsError
from sparkjobs.exits import EXIT_LOST

# Run by path: it must be found whatever the working folder and the import path of the child are.
ENTRY = Path(__file__).with_name("supervisor_main.py")
_FULL = (errno.ENOSPC, errno.EDQUOT)


Output = Literal["inherit", "pipe", "none"]


class LostRun(SparkjobsError):
    """Nobody can tell how a run ended.

    Attributes:
        record: what stands for its record.
        document: what stands for its result.
    """

    exit_code = EXIT_LOST

    def __init__(self, message: str, hint: str, record: Record, folder: RunFolder) -> None:
        super().__init__(message, hint)
        self.record = msgspec.structs.replace(
            record, state=State.LOST, outcome="FAILED", exit_code=EXIT_LOST, because=message
        )
        self.document = final_document(self.record, folder)


class Handle:
    """A run that was started.

    Attributes:
        folder: its folder.
        run_id: its name.
        supervisor: the process that looks after it; ``None`` when it was started by somebody else.
    """

    def __init__(self, folder: RunFolder, supervisor: subprocess.Popen[bytes] | None = None) -> None:
        self.folder, self.supervisor = folder, supervisor
        self.run_id = folder.run_id

    @property
    def ended(self) -> bool:
        """Its supervisor has ended, whatever the record says."""
        return self.supervisor is not None and self.supervisor.poll() is not None

    def status(self) -> Record:
        """The record as it is now."""
        return self.folder.read()

    def result(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the end, at most ``timeout`` seconds; answers the JSON result.

        When the supervisor was killed, what it left is ended, here and on the cluster.

        Raises:
            TimeoutError: it still runs; it goes on.
            LostRun: the supervisor died, and nobody can tell or write down the end.
        """
        assert self.supervisor is not None
        try:
            self.supervisor.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.run_id} still runs after {timeout:g} s") from error
        record = end_abandoned(self.folder, os.environ)
        if not record.state.final:
            lost = LostRun(
                f"the supervisor of {self.run_id} died in state {record.state.value}, exit code "
                f"{self.supervisor.returncode}, or could not write to {self.folder.path}",
                f"sparkjob status {self.run_id} looks for what is left of it.",
                record,
                self.folder,
            )
            notify_failure(Journal(self.folder, record), lost=lost.record)
            raise lost
        # A supervisor that was killed after it closed the record has told nobody.
        journal = Journal(self.folder, record)
        notify_failure(journal)
        return final_document(journal.record, self.folder)

    def send(self, control: bytes) -> None:
        """Tell the supervisor to stop, by a byte of ``launcher.runs.signals``."""
        assert self.supervisor is not None
        assert self.supervisor.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):  # it has ended meanwhile
            # Past the buffer: a second signal may come while this one is being handed on.
            os.write(self.supervisor.stdin.fileno(), control)

    def cancel(self) -> Cancelled:
        """End it; answers when it has ended, and how that is known."""
        return cancel(self.folder, os.environ)


def launch(
    request: RunRequest,
    record: Record,
    folder: RunFolder,
    environ: Mapping[str, str],
    output: Output = "inherit",
) -> Handle:
    """Make the run's folder and start its supervisor.

    Args:
        request: what to run.
        record: the first record.
        folder: where the run is kept; made here.
        environ: environment of the child.
        output: where what the run writes goes beside its log: this process's own streams, two pipes of the
            supervisor's process, or nowhere.
    """
    try:
        folder.create(msgspec.structs.replace(record, launcher=this_process()))
        folder.append(Transition(now(), record.state, facts=origin(record)))
        leave_notice(folder, request)
    except OSError as error:
        raise EnvironmentProblem(
            f"the run's folder {folder.path} cannot be made: {error.strerror}",
            ("Free some space, or name" if error.errno in _FULL else "Name")
            + " another state folder by XDG_STATE_HOME.",
        ) from error
    stream = {"inherit": None, "pipe": subprocess.PIPE, "none": subprocess.DEVNULL}[output]
    command = [sys.executable, str(ENTRY), str(folder.path)]
    supervisor = subprocess.Popen(
        command, env=dict(environ), stdin=subprocess.PIPE, stdout=stream, stderr=stream,
        start_new_session=True,
    )  # fmt: skip
    assert supervisor.stdin is not None
    # One that was killed at once reads nothing: waiting for its end tells what became of the run.
    with contextlib.suppress(BrokenPipeError):
        supervisor.stdin.write(encode(request) + b"\n")
        supervisor.stdin.flush()
        if not request.follow:
            supervisor.stdin.close()
    return Handle(folder, supervisor)
