"""A job's result stands on its stdout as the last line; the launcher prints it with more keys, once."""

from __future__ import annotations

from launcher.runs.evidence import own_result

# What ``RunResult.to_json`` begins with: any other line passes at once.
START = b'{"v": 1, "job": '


class WithoutResult:
    """Takes a job's stdout piece by piece and answers what others are to see of it.

    A line that may be the result is kept back until another one follows, or the end.

    Args:
        run_id: the run whose result is meant.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._held = b""
        self._line_begun = False  # what passed last was no whole line

    def passed(self, data: bytes) -> bytes:
        """What may pass now that ``data`` has come."""
        data = self._held + data
        at = data.rfind(b"\n", 0, -1) + 1
        last = data[at:]
        whole = at > 0 or not self._line_begun
        self._held = last if whole and last[: len(START)] == START[: len(last)] else b""
        shown = data[: len(data) - len(self._held)]
        if shown:
            self._line_begun = not shown.endswith(b"\n")
        return shown

    def rest(self) -> bytes:
        """What may pass after the end: nothing when the last line was the result."""
        held, self._held = self._held, b""
        return b"" if own_result(held.decode("utf-8", "replace"), self._run_id) else held
