"""How long a lease has been seen without change, across the processes of one user on one machine.

Whoever wants to take over a lease must have watched it for its whole length by a clock of its own. A
launcher that does not wait sees it for a moment only; so each writes down what it saw and when, and the next
goes on from there. Without that a lease of a dead host would keep out every run that does not wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from launcher.tables.locks.clock import boot_name, uptime_s

_LOG = logging.getLogger(__name__)


class Observation(msgspec.Struct, frozen=True):
    """What was seen, and when for the first time.

    Attributes:
        mark: the lease's ETag: another with every renewal.
        since_s: by ``clock.uptime_s``.
        boot: the start of the machine that ``since_s`` counts from; ``None``: this process only.
    """

    mark: str
    since_s: float
    boot: str | None


def seen_again(before: Observation | None, mark: str, now_s: float, boot: str | None) -> Observation:
    """The sighting that counts now: the earlier one if nothing has changed since. Pure."""
    same = before is not None and before.mark == mark and before.boot == boot and before.since_s <= now_s
    return before if same and before is not None else Observation(mark, now_s, boot)


class Observations:
    """The memory of one lease.

    Args:
        folder: where sightings are kept; ``None`` keeps them in this process alone.
        name: the lease's address.
        clock: seconds since the start of the machine.
        boot: the name of that start; ``None`` where it is not known: kept in this process alone.
    """

    def __init__(
        self,
        folder: Path | None,
        name: str,
        clock: Callable[[], float] = uptime_s,
        boot: Callable[[], str | None] = boot_name,
    ) -> None:
        self._boot = boot()
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._file = folder / f"{digest}.json" if folder is not None and self._boot else None
        self._clock = clock
        self._last: Observation | None = None

    def unchanged_s(self, mark: str) -> float:
        """Seconds for which the lease is known to have carried this mark."""
        now_s = self._clock()
        before = self._last or self._read()
        self._last = seen_again(before, mark, now_s, self._boot)
        if self._last is not before:
            self._keep(self._last)
        return now_s - self._last.since_s

    def _read(self) -> Observation | None:
        if self._file is None:
            return None
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Observation)
        except (OSError, msgspec.DecodeError):
            return None

    def _keep(self, sighting: Observation) -> None:
        if self._file is None:
            return
        part = self._file.with_suffix(f".{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_bytes(msgspec.json.encode(sighting))
            part.replace(self._file)
        except OSError as error:
            _LOG.debug("a sighting is not kept for later launchers: %s", error)
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
