"""The line under a run's output, on a terminal that goes away."""

from __future__ import annotations

import io

from rich.console import Console

from launcher.cli.board import _Board


class Gone(io.StringIO):
    """A terminal whose line was hung up."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")

    def isatty(self) -> bool:
        return True


class GoneBytes(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_has_gone_ends_nothing_and_holds_nothing_up() -> None:
    board = _Board(Console(file=Gone(), force_terminal=True))
    source = io.BufferedReader(io.BytesIO(b"said\n" * 100_000))  # type: ignore[arg-type]
    board.show("half way")
    board.copy(source, GoneBytes())
    board.clear()
    assert source.read() == b""
