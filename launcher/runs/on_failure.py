"""Tell a command or a webhook that a run failed: at most once, by whoever closes the run's record.

What is to be told lies in the run's folder from before the start. Whoever takes that file away tells, so that
a supervisor, a launcher and somebody who looks for a lost run never do so twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from launcher.records.record import Record, State
from launcher.records.store import RunFolder, replace_file
from launcher.redact import masked_text
from launcher.runs.from_plan import final_document
from launcher.runs.journal import Journal
from launcher.runs.run_request import RunRequest
from launcher.spec.job_file import OnFailure
from sparkjobs.streaming.progress.batch_progress import BatchProgress

LIMIT_S = 10.0
_OWN_HOSTS = ("127.0.0.1", "localhost", "::1")
_NOTIFIED = frozenset({State.FAILED, State.LOST, State.REFUSED})


class _Notice(msgspec.Struct, frozen=True):
    hook: OnFailure
    cwd: str


class NotDelivered(Exception):
    """The command or the webhook did not take it; the text says why and holds no secret."""


def leave_notice(folder: RunFolder, request: RunRequest) -> None:
    """Write down what is to be told should the run fail. An address may hold a secret: mode 0600."""
    if request.on_failure is not None:
        replace_file(_file(folder), msgspec.json.encode(_Notice(request.on_failure, request.cwd)))


def notify_failure(journal: Journal, abandoned: bool = False, lost: Record | None = None) -> None:
    """Tell of the end of a run, when it is one to tell of; what goes wrong becomes a warning of the record.

    Args:
        journal: of the run; its state is final, unless it is lost.
        abandoned: the launcher was killed: the run was ended, and nobody asked for that.
        lost: what stands for the record of a run whose end nobody can write down.
    """
    notice, record = _taken(journal.folder), lost or journal.record
    if notice is None or not (record.state in _NOTIFIED or abandoned):
        return
    try:
        _deliver(notice, record, journal.folder)
    except NotDelivered as problem:
        warning = f"on_failure: {problem}"
        journal.change(warnings=(*journal.record.warnings, warning))


def notify_lag(journal: Journal, request: RunRequest, progress: BatchProgress) -> None:
    """Tell that a stream lags more than ``on_failure`` allows, while it runs on; arguments as above."""
    hook = request.on_failure
    if hook is None:
        return
    told = {
        **final_document(journal.record, journal.folder),
        "error": {
            "class": "Lag",
            "message": f"{progress.lag} lie unread after batch {progress.batch}, more than {hook.lag}",
            "hint": f"sparkjob status {request.run_id} tells where its time goes.",
        },
        "progress": asdict(progress),
    }
    try:
        _hand_over(_Notice(hook, request.cwd), told)
    except NotDelivered as problem:
        journal.change(warnings=(*journal.record.warnings, f"on_failure: {problem}"))


def _file(folder: RunFolder) -> Path:
    return folder.path / "on_failure.json"


def _taken(folder: RunFolder) -> _Notice | None:
    """The notice, taken away; ``None`` when there is none, or somebody else was first."""
    own = folder.path / f"on_failure.{os.getpid()}.json"
    try:
        _file(folder).rename(own)
        content = own.read_bytes()
        own.unlink()
        return msgspec.json.decode(content, type=_Notice)
    except (OSError, msgspec.DecodeError):
        return None


def _deliver(notice: _Notice, record: Record, folder: RunFolder) -> None:
    _hand_over(notice, final_document(record, folder))


def _hand_over(notice: _Notice, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False) + "\n"
    content = text.encode("utf-8", "backslashreplace")
    if notice.hook.command:
        call(notice.hook.command, notice.cwd, content)
    elif notice.hook.webhook is not None:
        post(notice.hook.webhook, content)


def call(command: tuple[str, ...], cwd: str, content: bytes, limit_s: float = LIMIT_S) -> None:
    """Run a command with ``content`` on its stdin; what it prints is no answer of ours and is not shown.

    Raises:
        NotDelivered: it cannot be started, fails, or takes longer than ``limit_s`` seconds.
    """
    name = command[0]
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise NotDelivered(f"{name} cannot be started: {error.strerror}") from error
        try:
            process.communicate(content, limit_s)
        except subprocess.TimeoutExpired as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise NotDelivered(f"{name} was ended after {limit_s:g} s") from error
        if process.returncode:
            errors.seek(0)
            last = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            last_words = "".join(f": {masked_text(line)[:200]}" for line in last)
            raise NotDelivered(f"{name} ended with {process.returncode}{last_words}")


def post(url: str, content: bytes, limit_s: float = LIMIT_S) -> None:
    """Send ``content`` to a webhook; no redirect is followed.

    Raises:
        NotDelivered: no connection, an answer that is not 2xx, or none within ``limit_s`` seconds.
    """
    problem: list[str | None] = []
    # The library limits each wait, not their sum: a server that sends a byte a second would never end.
    sender = threading.Thread(target=lambda: problem.append(_posted(url, content, limit_s)), daemon=True)
    sender.start()
    sender.join(limit_s)
    found = problem[0] if problem else f"no answer within {limit_s:g} s"
    if found is not None:
        # The path of an address is often the password to it.
        raise NotDelivered(f"{urlsplit(url).hostname}: {found}")


def _posted(url: str, content: bytes, limit_s: float) -> str | None:
    import requests

    try:
        with requests.Session() as session:
            # A proxy for the outside world does not know this machine.
            session.trust_env = urlsplit(url).hostname not in _OWN_HOSTS
            answer = session.post(
                url, data=content, headers={"Content-Type": "application/json"}, timeout=limit_s,
                allow_redirects=False, stream=True,
            )  # fmt: skip
            return None if 200 <= answer.status_code < 300 else f"status {answer.status_code}"
    except requests.Timeout:
        return f"no answer within {limit_s:g} s"
    except (requests.RequestException, ValueError) as error:
        return type(error).__name__
