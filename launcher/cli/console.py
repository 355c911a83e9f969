"""Printing: answers on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNFOLDED = 10_000


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
    print(json.dumps(value, ensure_ascii=False, indent=2))


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
