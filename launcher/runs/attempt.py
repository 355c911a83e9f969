"""One start of spark-submit: its process, its output, its signs of life."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Protocol

from launcher.host.local.driver_stderr import STDERR_VARIABLE, stderr_door
from launcher.managers.manager_choice import manager_of
from launcher.records.record import Process
from launcher.redact import masked_argv
from launcher.runs import run_events as e
from launcher.runs import scratch
from launcher.runs.child import Prepared, prepare, start
from launcher.runs.journal import Journal
from launcher.runs.output import Log, Logs, Pump, ready_to_write
from launcher.runs.processes import descendants, identify
from launcher.runs.result_line import WithoutResult
from launcher.runs.run_request import RunRequest
from launcher.runs.threads import in_thread
from launcher.runs.watch import applications, driver_of
from launcher.runs.web_ui import may_have_ui, web_ui
from sparkjobs.result import LAUNCHED_VARIABLE

POLL_S = 0.2
ASK_S = 2.0
# A reader that does not read must not hold up the end of the run.
LAST_OUTPUT_S = 10.0
# Without that reader the rest goes into the log quickly.
LAST_LOG_S = 1.0
# Spark answers a while after the application has its id; pages that do not come are not waited for.
UI_LOOKS, UI_LOOK_S = 20, 1.0
TAIL_BYTES = 1 << 18
_Doors = contextlib.ExitStack


class HeldLocks(Protocol):
    """What an attempt needs of the locks."""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Open files that the child inherits, so that a lock outlives a supervisor that was killed."""

    @property
    def token(self) -> int | None:
        """The fencing token that goes into the commits."""


class Attempt:
    """One start of spark-submit."""

    def __init__(
        self, request: RunRequest, journal: Journal, locks: HeldLocks, post: Callable[[e.Event], None]
    ) -> None:
        self._request, self._journal, self._locks, self._post = request, journal, locks, post
        self._over = threading.Event()
        self.stdout_tail: deque[bytes] = deque()
        # The file holds what earlier attempts wrote.
        self.errors_start = journal.folder.errors.stat().st_size
        self._driver_seen = False
        self._begun_s = time.monotonic()
        # Those of the attempts before this one.
        self._seen = {a.application_id for a in journal.record.attempts if a.application_id}

    def start(self) -> None:
        """Start it, in the calling thread; what happens then comes as events."""
        try:
            self._start()
        except OSError as error:  # also a disk that is full
            self._post(e.NotStarted(f"spark-submit cannot be started: {error}"))

    def _start(self) -> None:
        folder = self._journal.folder
        temporary = scratch.make(folder.path)
        prepared = prepare(self._request, folder.path, temporary, self._environ())
        self._journal.change(argv=tuple(masked_argv(prepared.argv)))
        if self._request.deploy_mode == "client":
            folder.event_log.mkdir(exist_ok=True, mode=0o700)
        log = Log(folder.log)
        errors = Logs(log, Log(folder.errors))
        doors = contextlib.ExitStack()
        # Never started as a thread: the door's own one writes through it.
        late = Pump(-1, errors, 2)
        door = doors.enter_context(stderr_door(late.put, temporary))
        environ = {**prepared.environ, **scratch.variables(temporary, prepared.environ)}
        environ[STDERR_VARIABLE] = str(door)
        try:
            child = start(_with(prepared, environ), self._request.cwd, self._locks.descriptors)
        except OSError:
            doors.close()
            raise
        doors.callback(late.leave_follower)
        hide = WithoutResult(self._request.run_id) if self._request.is_job else None
        pumps = [
            _TailPump(_handle(child.stdout), log, 1, self.stdout_tail, hide),
            Pump(_handle(child.stderr), errors, 2),
        ]
        self._follow(child, pumps, prepared, doors)

    def seconds(self) -> float:
        """How long ago it began."""
        return round(time.monotonic() - self._begun_s, 3)

    def tail(self) -> bytes:
        """The last of what the child wrote to stdout."""
        return b"".join(self.stdout_tail)

    def _environ(self) -> dict[str, str]:
        # A driver in the cluster has an environment of its own, and spark-submit needs none of these.
        given = self._request.variables if self._request.deploy_mode == "client" else {}
        environ = {**os.environ, **given, "SPARKJOBS_RUN_ID": self._request.run_id}
        if self._request.is_job:
            environ[LAUNCHED_VARIABLE] = self._request.run_id
        if self._locks.token is not None:
            environ["SPARKJOBS_LOCK_TOKEN"] = str(self._locks.token)
        return environ

    def _follow(
        self, child: subprocess.Popen[bytes], pumps: list[Pump], prepared: Prepared, doors: _Doors
    ) -> None:
        process = identify(child.pid) or Process(child.pid, 0.0)
        self._journal.note(child=process)
        self._post(e.Started(process.pid, process.started_s))
        for pump in pumps:
            pump.start()
        in_thread(lambda: self._watch(prepared))
        if self._request.cluster.manager != "local":
            in_thread(self._ask_manager)
        in_thread(lambda: self._wait(child, pumps, prepared, doors))

    def _wait(
        self,
        child: subprocess.Popen[bytes],
        pumps: list[Pump],
        prepared: Prepared,
        doors: contextlib.ExitStack,
    ) -> None:
        code = child.wait()
        try:
            _copy_the_rest(pumps)
            if (tail := self.tail()) and not tail.endswith(b"\n"):
                _end_line()
            doors.close()
            self._look(prepared)  # a short life may lie between two looks
            if prepared.properties is not None:
                prepared.properties.unlink(missing_ok=True)
        finally:  # whatever happens here, the end is told: the locks wait for it
            self._over.set()
            # Popen tells a signal as -number; shells, and the JVM as their child, as 128 + number.
            self._post(e.Exited(code if code >= 0 else 128 - code))

    def _watch(self, prepared: Prepared) -> None:
        while not self._over.wait(POLL_S):
            with contextlib.suppress(OSError):  # a folder that cannot be read now may be the next time
                self._look(prepared)

    def _look(self, prepared: Prepared) -> None:
        self._look_for_driver(prepared)
        for application in applications(self._journal.folder.event_log):
            if application not in self._seen:
                self._found(application)

    def _ask_manager(self) -> None:
        # The event log may lie elsewhere: then only the manager knows the application's id.
        manager = manager_of(self._request.cluster, os.environ)
        before = set(self._seen)
        while self._seen == before and not self._over.wait(ASK_S):
            report = manager.find(self._request.run_id, None)
            if report is not None and report.application_id not in self._seen:
                self._found(report.application_id, report.tracking_url)

    def _found(self, application_id: str, ui: str | None = None) -> None:
        self._seen.add(application_id)
        self._journal.note(application_id=application_id, ui=ui)
        self._post(e.ApplicationFound(application_id))
        if ui is None and self._request.deploy_mode == "client" and may_have_ui(self._request.settings):
            in_thread(lambda: self._look_for_ui(application_id))

    def _look_for_ui(self, application_id: str) -> None:
        for _ in range(UI_LOOKS):
            if (ui := web_ui(descendants(), self._request.settings, application_id)) is not None:
                self._journal.note(ui=ui)
                return
            if self._over.wait(UI_LOOK_S):
                return

    def _look_for_driver(self, prepared: Prepared) -> None:
        if self._driver_seen or not prepared.marker.exists():
            return
        self._driver_seen = True
        self._journal.note(driver=driver_of(prepared.marker))  # None: it has ended already
        self._post(e.DriverStarted())


def _handle(stream: IO[bytes] | None) -> int:
    assert stream is not None  # asked for by start
    return stream.fileno()


def _copy_the_rest(pumps: Sequence[Pump]) -> None:
    for pump in pumps:
        pump.join(timeout=LAST_OUTPUT_S)
    for pump in pumps:
        pump.leave_follower()
    for pump in pumps:
        pump.join(timeout=LAST_LOG_S)  # a process that lives on may still hold the other end


def _end_line() -> None:
    # The launcher's own last line must stand alone.
    with contextlib.suppress(OSError):
        if ready_to_write(1, 0):
            os.write(1, b"\n")


class _TailPump(Pump):
    """Keeps the end of what passes, where a job's result is, and keeps that from the follower."""

    def __init__(
        self,
        source: int,
        log: Log,
        follower: int | None,
        tail: deque[bytes],
        hide: WithoutResult | None = None,
    ) -> None:
        super().__init__(source, log, follower)
        self._tail, self._size, self._hide = tail, 0, hide

    def run(self) -> None:
        """Copy until the end."""
        super().run()
        if self._hide is not None:
            super().show(self._hide.rest())

    def put(self, data: bytes) -> None:
        """Copy one piece."""
        # First: a follower that does not read must not hide the result.
        self._tail.append(data)
        self._size += len(data)
        while self._size - len(self._tail[0]) > TAIL_BYTES:
            self._size -= len(self._tail.popleft())
        super().put(data)

    def show(self, data: bytes) -> None:
        """Hand one piece to the follower, a result left out."""
        super().show(data if self._hide is None else self._hide.passed(data))


def _with(prepared: Prepared, environ: dict[str, str]) -> Prepared:
    return Prepared(prepared.argv, environ, prepared.marker, prepared.properties)
