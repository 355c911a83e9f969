"""The folders of runs: ``RUNS/RUN_ID/{record.json,events.jsonl,log.txt,...}``.

Events are appended and fsynced one by one; the record is replaced in one step. Whatever kills the launcher,
the folder tells how far the run came.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

import msgspec

from launcher.places import places
from launcher.records.record import Brief, Record, Transition, apply, rebuilt
from launcher.redact import masked_document
from sparkjobs.errors import DataError, UsageError

R = TypeVar("R", Record, Brief)
LAST = "last"
# Of a run's name, and of the first line of its events, what tells the time.
_SECOND, _MOMENT = len("20260131T000000Z"), len('{"ts":"2026-01-31T00:00:00.000Z"')
_DAY = len("20260131")
_RUN_ID = re.compile(r"\d{8}T\d{6}Z-")


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def job(self) -> str:
        """The job's name, as it stands in the run's between time and hash: that of daily-eu is not daily."""
        return self.run_id.partition("-")[2].rpartition("-")[0]

    @property
    def log(self) -> Path:
        """What the run wrote, both streams."""
        return self.path / "log.txt"

    @property
    def errors(self) -> Path:
        """What it wrote to stderr alone: between two streams no order is certain."""
        return self.path / "stderr.txt"

    @property
    def event_log(self) -> Path:
        """Spark's event log, where the driver writes to this machine."""
        return self.path / "eventlog"

    @property
    def result(self) -> Path:
        """The job's own result JSON."""
        return self.path / "result.json"

    @property
    def report(self) -> Path:
        """The page that tells what it cost and why."""
        return self.path / "report.html"

    @property
    def facts(self) -> Path:
        """What its event log came to."""
        return self.path / "facts.json"

    @property
    def trace(self) -> Path:
        """A small copy of what its event log tells."""
        return self.path / "trace.zst"

    @property
    def progress(self) -> Path:
        """A stream's lines of progress, one a batch."""
        return self.path / "progress.jsonl"

    def create(self, record: Record) -> None:
        """Make the folder, readable by its owner alone, and write the first record."""
        self.path.mkdir(parents=True, mode=0o700)
        self.log.touch(mode=0o600)
        self.errors.touch(mode=0o600)
        self.write(record)

    def write(self, record: Record) -> None:
        """Replace the record in one step; no secret that anything in it shows is kept."""
        kept = masked_document(msgspec.to_builtins(record))
        replace_file(self.path / "record.json", msgspec.json.format(msgspec.json.encode(kept)))

    def append(self, line: Transition) -> None:
        """Add a line to the events; it is on the disk when this returns."""
        handle = os.open(self.path / "events.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            text = msgspec.json.encode(masked_document(msgspec.to_builtins(line))) + b"\n"
            if _torn(handle):
                text = b"\n" + text
            while text:
                text = text[os.write(handle, text) :]
            os.fsync(handle)
        finally:
            os.close(handle)

    def events(self) -> list[Transition]:
        """The events so far; a line that a crash or a full disk cut short is left out."""
        try:
            lines = (self.path / "events.jsonl").read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        return [event for line in lines if (event := _event(line)) is not None]

    def read(self) -> Record:
        """The record, brought up to date from the events: a crash may lie between the two.

        Raises:
            DataError: it cannot be read, or holds something else.
        """
        try:
            events = self.events()
            record = self._decoded(Record) or rebuilt(self.run_id, str(self.log), events)
            for line in events:
                record = apply(record, line)
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"the record of {self.run_id} cannot be read: {error}", str(self.path)) from error
        return record

    def brief(self) -> Brief:
        """Job and state alone; raises as ``read``. No event follows a final state, so they are not read."""
        try:
            found = self._decoded(Brief)
        except (OSError, RecursionError):
            found = None
        if found is not None and found.state.final:
            return found
        record = self.read()
        return Brief(record.job, record.state)

    def _decoded(self, kind: type[R]) -> R | None:
        """What ``record.json`` holds; ``None`` for one that is gone or broken."""
        try:
            return msgspec.json.decode((self.path / "record.json").read_bytes(), type=kind)
        except (FileNotFoundError, ValueError):  # msgspec's errors and those of Unicode
            return None

    def read_or_none(self) -> Record | None:
        """The record; ``None`` for one that cannot be read, which must not stand in the way of others."""
        try:
            return self.read()
        except DataError:
            return None


@dataclass(frozen=True)
class Store:
    """All runs of one user."""

    root: Path

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run, whether it exists or not."""
        return RunFolder(self.root / run_id)

    def all(self, since: str = "") -> Iterator[RunFolder]:
        """Every run, the newest first: names begin with the second of the start, the events tell the rest.

        Nothing is read of a run that is not asked for: there may be thousands.

        Args:
            since: the earliest, as the beginning of its name.
        """
        for name in self._newest_first(self._names(since)):
            if any((self.root / name / file).is_file() for file in ("record.json", "events.jsonl")):
                yield RunFolder(self.root / name)

    def _names(self, since: str = "") -> list[str]:
        try:
            names = os.listdir(self.root)  # noqa: PTH208 - a Path for each of thousands takes its time
        except FileNotFoundError:
            return []
        return [name for name in names if name >= since and _RUN_ID.match(name)]

    def _newest_first(self, names: list[str]) -> Iterator[str]:
        names.sort(reverse=True)
        for _, same in groupby(names, key=lambda name: name[:_SECOND]):
            of_second = list(same)
            if len(of_second) > 1:
                of_second.sort(key=lambda name: _first_moment(self.root / name), reverse=True)
            yield from of_second

    def find(self, name: str) -> RunFolder:
        """A run by its id, a unique prefix of it, or ``last``.

        Raises:
            UsageError: there is none, or the prefix fits several.
        """
        if name == LAST:
            fitting = list(islice(self.all(), 1))
        else:
            fitting = [run for run in self.all() if run.run_id.startswith(name)]
            fitting = [run for run in fitting if run.run_id == name] or fitting
        if not fitting:
            raise UsageError(f"no run is called {name!r}", "sparkjob runs lists them.")
        if len(fitting) > 1:
            names = ", ".join(run.run_id for run in fitting[:5])
            raise UsageError(f"{name!r} fits {len(fitting)} runs: {names}", "Write more of the name.")
        return fitting[0]

    def prune(self, before: str) -> list[str]:
        """Remove the runs that ended and whose ids sort before ``before``; answers their ids.

        A run whose record is broken goes when nothing in its folder was written since then either.

        Args:
            before: a moment, as run ids begin with it.
        """
        gone = []
        for run in (self.folder(name) for name in sorted(self._names()) if name < before):
            if _is_over(run, before):
                # Several launches may do this at once, and a foreign file in there is no reason not to run.
                shutil.rmtree(run.path, ignore_errors=True)
                if not run.path.exists():
                    gone.append(run.run_id)
        return gone


def _is_over(run: RunFolder, before: str) -> bool:
    record = run.read_or_none()
    if record is not None and (record.state.final or record.host):
        return record.state.final
    # Nobody can say how it ended, nor where to look for it.
    moment = datetime.strptime(before[:_DAY], "%Y%m%d").replace(tzinfo=timezone.utc).timestamp()
    try:
        return all(path.lstat().st_mtime < moment for path in (run.path, *run.path.iterdir()))
    except OSError:  # no folder, somebody else's, or just removed by another launch
        return False


def _first_moment(path: Path) -> bytes:
    try:
        with (path / "events.jsonl").open("rb") as stream:
            return stream.read(_MOMENT)  # begins with its time
    except OSError:
        return b""


def _event(line: bytes) -> Transition | None:
    try:
        return msgspec.json.decode(line, type=Transition)
    except msgspec.DecodeError:
        return None


def _torn(handle: int) -> bool:
    """Whether the last line of a file has no end."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def runs_root(environ: Mapping[str, str]) -> Path:
    """The folder of all runs of this user."""
    return places(environ).state / "runs"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step, readable by its owner alone: readers see the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
