"""The one fault that is not the file's: a piece of it began inside a record, so it has to be cut anew.

Workers tell the driver by the text of their fault, as for every file that cannot be read.
"""

from __future__ import annotations

from sparkjobs.errors import DataError

MISSED = "cut inside a record: "


class CutMissedError(DataError):
    """The records before a cut do not end at it: nothing that was read of the file counts.

    Args:
        place: file and byte, as ``missed_place`` gives them.
    """

    def __init__(self, place: str) -> None:
        super().__init__(MISSED + place, "The file changed while it was read: run again when it rests.")


def missed_place(text: str) -> str | None:
    """File and byte of the missed cut that a worker's fault tells of; ``None``: it tells of none. Pure.

    Args:
        text: a fault's row, or an error's text of which a worker's fault is a line.
    """
    _, found, rest = text.partition(MISSED)
    return rest.splitlines()[0] if found else None
