"""The data types of reading. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparkjobs.errors import DataError

BAD_ROW_DDL = "struct<file:string,line:bigint,offset:bigint,reason:string,raw:string>"
COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


@dataclass(frozen=True)
class InputFile:
    """One file to read.

    Attributes:
        path: its path.
        size: bytes as stored.
        modified_ns: when it was last written, nanoseconds since 1970; ``None`` where that is unknown.
        fault: why it cannot be read, as far as its name and kind tell (a tolerant listing only).
    """

    path: str
    size: int
    modified_ns: int | None = field(default=None, compare=False)
    fault: DataError | None = field(default=None, compare=False)

    @property
    def compression(self) -> str | None:
        """``gzip``, ``bz2``, ``zstd`` by the name's ending, or ``None``."""
        return next((kind for end, kind in COMPRESSIONS.items() if self.path.lower().endswith(end)), None)


@dataclass(frozen=True)
class Split:
    """A byte range ``[start, end)`` of a file: the lines that BEGIN in it belong to it.

    Attributes:
        first_line: number of the line at ``start`` (counted from 1); ``None`` where a file was cut,
            then ``start`` may lie inside a line, which belongs to the split before.
        compression: offsets of a compressed file count its decompressed bytes; it is never cut.
        tag: index of the file's description in what the driver hands to the tasks.
        aligned: ``start`` and ``end`` are known to lie between two lines, or records.
        modified_ns: when the file was last written, as it was listed.
    """

    path: str
    start: int
    end: int
    size: int
    compression: str | None
    first_line: int | None
    tag: int = 0
    aligned: bool = False
    modified_ns: int | None = None


@dataclass(frozen=True)
class Block:
    """Whole lines of a split, terminators included; ``offset`` is where they begin in the file."""

    data: bytes
    offset: int
    first_line: int | None


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used, as the quarantine keeps it. ``raw`` shows invalid bytes as ``\\xNN``."""

    file: str
    line: int | None
    offset: int | None
    reason: str
    raw: str

    def as_dict(self) -> dict[str, str | int | None]:
        """The value of a ``BAD_ROW_DDL`` column."""
        return {
            "file": self.file,
            "line": self.line,
            "offset": self.offset,
            "reason": self.reason,
            "raw": self.raw,
        }


def readable(data: bytes) -> str:
    """Text of raw bytes without loss: what is not UTF-8 is written as ``\\xNN``."""
    return data.decode("utf-8", errors="backslashreplace")


def displayed(path: str) -> str:
    """A path as text that every reader accepts, also where the file name is not UTF-8."""
    # Such names hold surrogates (PEP 383), which neither Arrow nor py4j can encode.
    return path.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="backslashreplace")
