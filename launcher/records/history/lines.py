"""From the bytes of an event log to typed events: only the lines that somebody asked for are parsed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from launcher.records.history.spark_events import KINDS

Handler = Callable[[Any], None]
Decoder = msgspec.json.Decoder[Any]
# Plans of queries may take tens of MB; what is longer than this is no line of a log any more.
MOST_LINE_BYTES = 256 << 20
_BEFORE_NAME = b'{"Event":"'
# Other writers put blanks there.
_NAME = re.compile(rb'\s*\{\s*"Event"\s*:\s*"([\w.$]+)"')
_LONGEST_NAME = 120


def decoders(kinds: Mapping[bytes, type[msgspec.Struct]]) -> dict[bytes, Decoder]:
    """What parses the lines of these events, by their name; vendors write numbers as texts here and there."""
    return {name: msgspec.json.Decoder(kind, strict=False) for name, kind in kinds.items()}


_DECODERS = decoders(KINDS)


class UnusableError(ValueError):
    """An event that is well written and cannot be."""


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnusableError)


class Lines:
    """Cuts what was added to a log into whole lines; the last one waits for its rest."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that became whole; one that is too long comes cut, so that it counts as unreadable."""
        first, newline, rest = data.partition(b"\n")
        if self._size + len(first) <= MOST_LINE_BYTES:
            self._parts.append(first)
            self._size += len(first)
        if not newline:
            return []
        *whole, last = rest.split(b"\n")
        lines = [b"".join(self._parts), *whole]
        self._parts, self._size = [last], len(last)
        return lines

    def rest(self) -> bytes:
        """The line that never became whole; empty without one."""
        return b"".join(self._parts)


class Events:
    """Hands each line to whoever handles its kind.

    Args:
        handlers: by the name of the event as Spark writes it; they may raise ``UnusableError``.
        parse: what parses them; without it those of the trace are parsed.

    Attributes:
        unreadable: lines that are no JSON of their kind.
        known: lines that tell of an event, of whatever kind.
        damaged: names of the kinds of which lines were unreadable.
    """

    def __init__(self, handlers: Mapping[bytes, Handler], parse: Mapping[bytes, Decoder] = _DECODERS) -> None:
        self._handlers = {name: (parse[name].decode, handler) for name, handler in handlers.items()}
        self._kinds = {name: parse[name].type for name in handlers}
        self.unreadable = self.known = 0
        self.damaged: set[str] = set()

    def take(self, lines: Iterable[bytes]) -> None:
        """Take whole lines."""
        start, handlers = len(_BEFORE_NAME), self._handlers
        for line in lines:
            name = line[start : line.find(b'"', start, _LONGEST_NAME)]
            if not line.startswith(_BEFORE_NAME):
                match = _NAME.match(line)
                if match is None:
                    self.unreadable += bool(line.strip())
                    continue
                name = match[1]
            self.known += 1
            if name in handlers:
                decode, handler = handlers[name]
                try:
                    handler(decode(line))
                except msgspec.ValidationError:
                    self._without_nulls(name, line)
                except _UNREADABLE:
                    self._lose(name)
            elif not line.rstrip().endswith(b"}"):  # nobody reads it, but a cut is seen
                self._lose(name)

    def _without_nulls(self, name: bytes, line: bytes) -> None:
        """A failed task's message for one may be null (``Throwable.getMessage``)."""
        _, handler = self._handlers[name]
        try:
            handler(msgspec.convert(_pruned(msgspec.json.decode(line)), self._kinds[name], strict=False))
        except _UNREADABLE:
            self._lose(name)

    def _lose(self, name: bytes) -> None:
        self.unreadable += 1
        self.damaged.add(name.decode("ascii", "replace").rpartition(".")[2])


def _pruned(value: Any) -> Any:
    """A document without what is null."""
    if isinstance(value, dict):
        return {key: _pruned(part) for key, part in value.items() if part is not None}
    return [_pruned(part) for part in value] if isinstance(value, list) else value
