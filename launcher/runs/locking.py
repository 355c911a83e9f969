"""The locks of a run's tables, taken and kept by the supervisor."""

from __future__ import annotations

from collections.abc import Callable

from launcher.runs import events as e
from launcher.runs.request import RunRequest
from launcher.runs.threads import in_thread

Post = Callable[[e.Event], None]


class Locking:
    """Takes the locks in a thread; a lease that is about to be lost ends the run."""

    def __init__(self, request: RunRequest, post: Post) -> None:
        self._request, self._post = request, post
        self.token: int | None = None
        self.descriptors: tuple[int, ...] = ()

    def take(self) -> None:
        """Ask for the locks; the answer comes as an event."""
        in_thread(self._take)

    def release(self) -> None:
        """Give them back."""

    def _take(self) -> None:
        self._post(e.LockTaken(self.token))
