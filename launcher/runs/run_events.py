"""What happens to a run (events) and what is to be done about it (instructions). Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.records.record import Explanation, State
from launcher.runs.verdict import Verdict


@dataclass(frozen=True)
class Begun:
    """The supervisor is there."""


@dataclass(frozen=True)
class LockTaken:
    """Every table of the run is ours; ``token`` is ``None`` when no lock is needed."""

    token: int | None


@dataclass(frozen=True)
class LockRefused:
    """Somebody else writes a table."""

    message: str
    hint: str | None = None


@dataclass(frozen=True)
class LockFailed:
    """The lock could not be asked for: a full disk, a store that does not answer."""

    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Started:
    """spark-submit runs as process ``pid``, begun at ``started_s`` (see ``launcher.runs.processes``)."""

    pid: int
    started_s: float


@dataclass(frozen=True)
class NotStarted:
    """spark-submit could not be started."""

    message: str


@dataclass(frozen=True)
class DriverStarted:
    """The Python of the driver runs."""


@dataclass(frozen=True)
class ApplicationFound:
    """Spark gave the application its id."""

    application_id: str


@dataclass(frozen=True)
class Exited:
    """spark-submit ended, with 128 + number when a signal ended it."""

    code: int


@dataclass(frozen=True)
class TreeGone:
    """No process of the run is left on this machine, and the cluster has ended the application.

    ``confirmed`` is ``False`` when the cluster manager could not be asked or still shows the application.
    """

    confirmed: bool = True


@dataclass(frozen=True)
class StopRequested:
    """Somebody wants the run to end.

    Attributes:
        why: for people, such as ``SIGTERM`` or ``timeout of 2h``.
        exit_code: what the launcher then ends with.
    """

    why: str
    exit_code: int


@dataclass(frozen=True)
class KillRequested:
    """No more patience: a second interrupt, or a lease about to run out."""

    why: str


@dataclass(frozen=True)
class GraceOver:
    """The time to end in peace has passed, which was ``after_s`` seconds."""

    after_s: float


@dataclass(frozen=True)
class Judged:
    """What the witnesses say.

    Attributes:
        verdict: the end, unless another attempt follows.
        again: what the next attempt does otherwise; ``None`` when there is none.
        pause_s: how long to wait before it, seconds.
    """

    verdict: Verdict
    again: str | None = None
    pause_s: float = 0.0


@dataclass(frozen=True)
class PauseOver:
    """The wait before the next attempt is over."""


Event = (
    Begun
    | LockTaken
    | LockRefused
    | LockFailed
    | Started
    | NotStarted
    | DriverStarted
    | ApplicationFound
    | Exited
    | TreeGone
    | StopRequested
    | KillRequested
    | GraceOver
    | Judged
    | PauseOver
)


@dataclass(frozen=True)
class TakeLock:
    """Ask for the locks of the run's tables."""


@dataclass(frozen=True)
class StopWaiting:
    """Nobody wants the locks any more."""


@dataclass(frozen=True)
class Start:
    """Start spark-submit; ``attempt`` counts from 1."""

    attempt: int


@dataclass(frozen=True)
class Pause:
    """Wait before the next attempt."""

    seconds: float


@dataclass(frozen=True)
class Note:
    """Write the new state into the record; a final one with the launcher's exit code, and perhaps why."""

    state: State
    detail: str = ""
    exit_code: int | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True)
class EndInPeace:
    """End the application: SIGTERM to the driver, and the manager's own way; then wait for the grace."""


@dataclass(frozen=True)
class Kill:
    """Kill every process of the run and the application on the cluster."""


@dataclass(frozen=True)
class ClearTree:
    """spark-submit is gone: end what it left, and tell when nothing is left."""


@dataclass(frozen=True)
class Judge:
    """Ask the witnesses."""


@dataclass(frozen=True)
class Release:
    """Give the locks back."""


@dataclass(frozen=True)
class Finish:
    """The run is over."""

    exit_code: int


Instruction = (
    TakeLock | StopWaiting | Start | Pause | Note | EndInPeace | Kill | ClearTree | Judge | Release | Finish
)
