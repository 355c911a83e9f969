"""Printing: answers on stdout, everything else on stderr."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import TYPE_CHECKING, Any

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
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)


def note(text: str) -> None:
    """Say something about the work, on stderr."""
    print(text, file=sys.stderr)


def line(text: str = "") -> None:
    """One line of the answer."""
    print(text)


def document(value: Any) -> None:
    """The one JSON document of ``-o json``."""
    print(json_text(value, indent=2))


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
    print("\n".join(text.rstrip() for text in captured.get().splitlines()))


def raw(data: bytes) -> None:
    """Bytes of a child, as they are, after all that was printed before."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
