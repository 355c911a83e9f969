"""Whether text has rows at all, known before the work begins, from the first bytes that are not blank."""

from __future__ import annotations

from collections.abc import Iterable

from sparkjobs.ingest.model import InputFile, Split
from sparkjobs.ingest.storage import UNREADABLE, S3Settings, open_split

_CHUNK_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"


def any_rows(places: Iterable[tuple[InputFile, int]], s3: S3Settings, blank: str | None) -> bool:
    """Whether a file holds anything but blank lines; a file that cannot be read counts as one with rows.

    Args:
        places: each file with the byte where its rows begin (after a CSV header).
        s3: how to reach S3.
        blank: the characters that blank lines are made of; ``None``: white space of any kind.
    """
    return any(_has_rows(file, start, s3, blank) for file, start in places)


def _has_rows(file: InputFile, start: int, s3: S3Settings, blank: str | None) -> bool:
    whole = Split(file.path, start, file.size, file.size, file.compression, None)
    try:
        with open_split(whole, s3) as stream:
            stream.read(start)
            first = stream.read(_CHUNK_BYTES)
            chunk = first.removeprefix(_BOM) if start == 0 else first
            while first and not chunk.decode("utf-8", "ignore").strip(blank):
                first = chunk = stream.read(_CHUNK_BYTES)
            return bool(first)
    # The task that reads the file says what is wrong with it.
    except UNREADABLE:
        return True
