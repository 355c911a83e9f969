"""The lines of one file of an event log, from the bytes that are read of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.records.history.lines import Lines
from launcher.records.history.unpack import HEAD_BYTES, DamagedError, Unpacker, unpacker


class FileLines:
    """Takes a file's bytes in pieces, as they are read or as the file grows.

    Args:
        place: where the file lies; errors name it.

    Attributes:
        damage: why nothing more can be had from it, after ``end`` with how much; ``None`` so far.
    """

    def __init__(self, place: str) -> None:
        self.damage: str | None = None
        self._fed = self._read = 0
        self._place = place
        self._head = b""
        self._unpacker: Unpacker | None = None
        self._lines = Lines()

    def feed(self, data: bytes) -> Iterator[list[bytes]]:
        """The lines that became whole; none behind a damage.

        Raises:
            EventLogError: the file is packed in a way that is not read here.
        """
        self._fed += len(data)
        if self._unpacker is None:
            data, self._head = self._head + data, b""
            if len(data) < HEAD_BYTES:
                self._head = data
                return
        yield from self._unpacked(data)

    def end(self) -> Iterator[list[bytes]]:
        """What waits still: a short file, and the last line, which has no end with some writers."""
        if self._head:
            yield from self._unpacked(self._head)
        if self.damage is not None:
            self.damage += f": about {self._fed - self._read} of its {self._fed} bytes are lost"
        elif self._unpacker is not None and self._unpacker.unfinished():
            self.damage = "ends within a block"
        rest = self._lines.rest()
        if rest.strip():
            yield [rest]

    def _unpacked(self, data: bytes) -> Iterator[list[bytes]]:
        if self.damage is not None:
            return
        if self._unpacker is None:
            self._unpacker = unpacker(data, self._place)
        try:
            for start in range(0, len(data), self._unpacker.step):
                piece = data[start : start + self._unpacker.step]
                for plain in self._unpacker.feed(piece):
                    yield self._lines.feed(plain)
                self._read += len(piece)
        except DamagedError as error:
            self.damage = f"is damaged ({error})"
