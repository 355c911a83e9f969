"""What the supervisor is asked to do; it comes by a pipe, because settings may hold secrets."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from launcher.spec.cluster import Cluster
from launcher.spec.job_file import OnFailure
from launcher.spec.units import Mib


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    Attributes:
        run_id: its name.
        job: name of the job or script.
        is_job: it is one of the catalogue and owes a result JSON.
        cluster: where it runs.
        deploy_mode: where its driver runs.
        binary: the spark-submit to call.
        settings: every Spark setting by key.
        main: the Python file.
        arguments: its arguments.
        options: flags of spark-submit that no setting stands for, with their values.
        cwd: the child's working folder.
        tables: tables that it writes; each is locked.
        outputs: tables that show in their history what the run did.
        result: where a driver on the cluster leaves its result; ``None`` = its stdout tells.
        lock_wait_s: how long to wait for the locks.
        grace_s: how long it may take to end in peace.
        timeout_s: how long it may run; ``None`` = for ever.
        retries: how often a failure that a retry can mend is tried again.
        pinned: keys that somebody set: no attempt changes them.
        follow: the launcher waits; when it is gone, the run ends.
        on_failure: who is told when it failed.
        variables: what the driver's environment is given beside the launcher's; never recorded.
        checkpoint: of a stream; its progress is copied from there.
        restarts: of a stream: how often it is started again after a failure that a restart can mend.
        carried: the same as Spark settings, where they leave this machine; never recorded.
    """

    run_id: str
    job: str
    is_job: bool
    cluster: Cluster
    deploy_mode: Literal["client", "cluster"]
    binary: str
    settings: dict[str, str]
    main: str
    arguments: tuple[str, ...]
    cwd: str
    options: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    result: str | None = None
    lock_wait_s: float = 0.0
    grace_s: float = 20.0
    timeout_s: float | None = None
    retries: int = 0
    pinned: tuple[str, ...] = ()
    follow: bool = True
    on_failure: OnFailure | None = None
    checkpoint: str | None = None
    restarts: int = 0
    variables: dict[str, str] = {}
    carried: dict[str, str] = {}


def encode(request: RunRequest) -> bytes:
    """The request as JSON."""
    return msgspec.json.encode(request, enc_hook=_plain)


def decode(data: bytes) -> RunRequest:
    """The request of its JSON."""
    return msgspec.json.decode(data, type=RunRequest, dec_hook=_typed)


def _plain(value: Any) -> Any:
    if isinstance(value, Mib):
        return int(value)
    if isinstance(value, float):  # seconds of a job file are a type of their own
        return float(value)
    raise NotImplementedError(type(value))


def _typed(kind: type, value: Any) -> Any:
    if kind is Mib:
        return Mib(value)
    raise NotImplementedError(kind)
