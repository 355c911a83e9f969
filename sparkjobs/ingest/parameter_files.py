"""Small files that a parameter names: mappings, lists of stop words."""

from __future__ import annotations

import os

from sparkjobs import paths
from sparkjobs.errors import UsageError
from sparkjobs.ingest.storage import S3Settings, open_bytes

LARGEST = 16 << 20


def read_parameter_file(flag: str, path: str) -> str:
    """The text of a file that a flag names, local or in a store.

    Args:
        flag: such as ``--mapping``, for the message.
        path: where the file is; a byte order mark at its begin is not part of the text.

    Raises:
        UsageError: it cannot be read, is larger than 16 MiB, or is not UTF-8.
    """
    place = paths.normalise(path)
    try:
        with open_bytes(place, S3Settings.from_environment(os.environ)) as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{flag} {path}: {error.strerror or error}", "Check the path.") from error
    if len(data) > LARGEST:
        raise UsageError(f"{flag} {path} is larger than 16 MiB", "Is it the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{flag} {path} is not UTF-8 at byte {error.start}", "Save it as UTF-8.") from error
