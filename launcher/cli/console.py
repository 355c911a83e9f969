"""Printing: answers on stdout, everything else on stderr."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import SparkjobsError
from sparkjobs.standard_streams import leave_stream

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNFOLDED = 10_000
_ESCAPED = "sparkjobs-escaped"


def hold_any_text() -> None:
    """Let what stdout and stderr cannot hold be written all the same, where Python would raise."""
    codecs.register_error(_ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPED)


def _escaped(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    # A byte of a file's name that was no text when it was read goes out as it came in.
    parts = [
        bytes([ord(char) - 0xDC00])
        if "\udc80" <= char <= "\udcff"
        else char.encode("ascii", "backslashreplace")
        for char in text
    ]
    return b"".join(parts), error.end


def holds(text: str) -> bool:
    """Whether stdout can hold the text as it is."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def glyphs(text: str, plain: str) -> str:
    """The text, or what stands for it where stdout cannot hold it."""
    return text if holds(text) else plain


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON that stdout can hold: its own escapes stand for what it cannot."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if holds(text) else json.dumps(value, ensure_ascii=True, indent=indent)


def error(message: str, hint: str | None = None) -> None:
    """Say what is wrong and what to do, on stderr."""
    note(f"error: {message}")
    if hint:
        note(f"hint: {hint}")


def note(text: str) -> None:
    """Say something about the work, on stderr; secrets are masked.

    That nobody listens there any more changes no exit code.
    """
    from launcher.redact import masked_text

    try:
        print(masked_text(text), file=sys.stderr, flush=True)
    except OSError:
        leave_stream(2)


class ReaderGone(Exception):
    """Whoever read stdout has left, as in ``sparkjob logs -f | head``: there is nothing more to do."""


class Unwritable(SparkjobsError):
    """Stdout does not take the answer: a full disk."""


def line(text: str = "") -> None:
    """One line of the answer. A reader that has gone is let go: the exit code is the verb's own.

    Raises:
        Unwritable: stdout does not take it.
    """
    try:
        print(text)
    except BrokenPipeError:
        leave_stream(1)
    except OSError as error:
        leave_stream(1)
        raise Unwritable(f"stdout cannot be written: {error.strerror}") from error


def document(value: Any) -> None:
    """The one JSON document of ``-o json``; raises as ``line``."""
    line(json_text(value, indent=2))


def show(shown: RenderableType, *, wide: bool = False) -> None:
    """A rich table or tree; through a pipe it is plain text. No line ends in spaces.

    Args:
        shown: what to show.
        wide: through a pipe a line may be as long as its cells need, instead of 80 columns.
    """
    from rich.console import Console

    screen = Console(highlight=False, width=_UNFOLDED if wide and not sys.stdout.isatty() else None)
    with screen.capture() as captured:
        screen.print(shown)
    line("\n".join(text.rstrip() for text in captured.get().splitlines()))


def raw(data: bytes) -> None:
    """Bytes of a child, as they are, after all that was printed before.

    Raises:
        ReaderGone: nobody takes them any more.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError as error:
        leave_stream(1)
        raise ReaderGone from error
