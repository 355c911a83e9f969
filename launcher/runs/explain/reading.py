"""Read what can matter of a log that may hold hundreds of megabytes: its beginning and its end."""

from __future__ import annotations

from pathlib import Path

HEAD_BYTES = 1 << 20
TAIL_BYTES = 4 << 20
CUT = "\n[... cut ...]\n"


def bounded_text(
    path: Path, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES, start: int = 0
) -> str:
    """The first and the last bytes of a file, cut at line ends; empty when there is no such file.

    Args:
        path: the file.
        head_bytes: how much of its beginning.
        tail_bytes: how much of its end.
        start: where it begins to matter, in bytes.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            head = stream.read(head_bytes + tail_bytes)
            more = stream.seek(0, 2) - start - len(head)
            if more <= 0:
                return head.decode("utf-8", "replace")
            stream.seek(-tail_bytes, 2)
            tail = stream.read()
    except FileNotFoundError:
        return ""
    first = head[:head_bytes].rpartition(b"\n")[0]
    last = tail.partition(b"\n")[2]
    return first.decode("utf-8", "replace") + CUT + last.decode("utf-8", "replace")
