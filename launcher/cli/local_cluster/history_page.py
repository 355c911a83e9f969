"""A history server for one run: in the foreground, on the loopback address, leaving nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from launcher.cli.local_cluster.daemons import daemon_environment, free_ports, last_lines
from launcher.cli.local_cluster.layout import DEPLOY, HISTORY, NO_OTHER_PORT, Files, page_address
from launcher.managers.http import NoAnswer, ask
from launcher.planning.render.spark_defaults import escaped
from launcher.records.history.log_files import logs
from launcher.records.history.parts import IN_PROGRESS
from launcher.records.record import Record
from launcher.records.store import RunFolder, replace_file
from launcher.runs.child import DIE_WITH_PARENT
from sparkjobs import paths
from sparkjobs.errors import EnvironmentProblem, UsageError

READY_S, LOOK_EVERY_S, TERM_S = 90.0, 0.2, 10.0


class NoEventLog(UsageError):
    """Nothing on this machine tells Spark's pages what a run did."""


def event_logs(folder: RunFolder, record: Record) -> list[Path]:
    """The event logs of a run's applications.

    Raises:
        NoEventLog: there is none, or they lie where this machine's files do not.
    """
    own = logs(folder.event_log)
    if own:
        return own
    where = record.event_log
    if where is not None and not paths.is_local(where):
        raise NoEventLog(
            f"the event log of {record.run_id} lies in {where}",
            "Look at it with the history server of that place.",
        )
    named = record.application_id
    found = logs(Path(paths.local(where))) if where and named else []
    mine = [log for log in found if _application(log) == named]
    if not mine:
        raise NoEventLog(
            f"{record.run_id} has no event log",
            "Spark begins one once the driver has a session; in cluster mode set event_log in the profile.",
        )
    return mine


def _application(log: Path) -> str:
    name = log.name.removesuffix(IN_PROGRESS).removeprefix("eventlog_v2_")
    return name.partition(".")[0]


class HistoryPage:
    """A running history server; it and its files end with the block.

    Args:
        found: the logs that it shows.
        spark_home: whose history server it is.
        environ: finds Java.

    Raises:
        EnvironmentProblem: it cannot be started, or does not serve.
    """

    def __init__(self, found: Sequence[Path], spark_home: Path, environ: Mapping[str, str]) -> None:
        self._logs, self._spark_home, self._environ = found, spark_home, environ
        self._scratch = tempfile.TemporaryDirectory(prefix="sparkjobs-ui-", ignore_cleanup_errors=True)
        self._files = Files(Path(self._scratch.name))
        self._address = page_address(free_ports().history)
        self._process: subprocess.Popen[bytes] | None = None
        self.last_lines = ""

    def __enter__(self) -> HistoryPage:
        """Start it and wait until it shows the logs."""
        try:
            self._start()
            self._until_it_serves()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._end()

    def link(self, application_id: str | None) -> str:
        """Where to look: at the run's last application, where it is known."""
        return f"{self._address}/history/{application_id}/" if application_id else self._address

    def wait(self) -> None:
        """Wait until it ends by itself."""
        assert self._process is not None
        self._process.wait()

    def _start(self) -> None:
        files = self._files
        for folder in (files.events, files.conf, files.log(HISTORY).parent, files.properties(HISTORY).parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        for log in self._logs:
            (files.events / log.name).symlink_to(log)
        settings = {
            "spark.history.ui.port": self._address.rpartition(":")[2],
            "spark.history.fs.logDirectory": files.events.as_uri(),
            "spark.history.fs.update.interval": "2s",
            **NO_OTHER_PORT,
        }
        lines = (f"{key} {escaped(value)}\n" for key, value in settings.items())
        replace_file(files.properties(HISTORY), "".join(lines).encode())
        self._process = self._popen(str(files.properties(HISTORY)))

    def _popen(self, properties: str) -> subprocess.Popen[bytes]:
        environ = daemon_environment(self._environ, self._files)
        # Java's own traces in the temporary folder go with the rest.
        options = f"-XX:-UsePerfData -Djava.io.tmpdir={self._files.folder}"
        environ["SPARK_HISTORY_OPTS"] = options
        binary = str(self._spark_home / "bin" / "spark-class")
        server = [binary, f"{DEPLOY}.history.HistoryServer", "--properties-file", properties]
        # Whatever kills this process, the kernel ends the server with it.
        tied = [sys.executable, "-S", "-E", str(DIE_WITH_PARENT), "-", *server]
        with self._files.log(HISTORY).open("wb") as log:
            return subprocess.Popen(
                tied, env=environ, cwd=self._files.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _until_it_serves(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(NoAnswer, ValueError):
                if ask("GET", f"{self._address}/api/v1/applications", attempts=1).json():
                    return
            time.sleep(LOOK_EVERY_S)
        words = last_lines(self._files.log(HISTORY))
        raise EnvironmentProblem(f"the history server does not serve; it wrote last:{words}")

    def _end(self) -> None:
        try:
            if self._process is not None:
                self._stop(self._process)
                self.last_lines = last_lines(self._files.log(HISTORY))
        finally:
            self._scratch.cleanup()

    @staticmethod
    def _stop(process: subprocess.Popen[bytes]) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TERM_S)
                break
