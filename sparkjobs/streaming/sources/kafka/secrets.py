"""Finding the values of secrets: in the driver's environment, or in a file that it reads."""

from __future__ import annotations

import os
from pathlib import Path

from sparkjobs.errors import UsageError
from sparkjobs.streaming.sources.kafka.options import Secret


def find_secret(secret: Secret) -> str:
    """The value of a secret; a line end at the end of a file is none of it.

    Raises:
        UsageError: it is not there; names the place and never a value.
    """
    if secret.kind == "env":
        value = os.environ.get(secret.name)
        if not value:
            raise UsageError(
                f"--kafka-secret: the variable {secret.name} is not set where the driver runs",
                "With sparkjob run, --env hands a variable on.",
            )
        return value
    try:
        return Path(secret.name).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"--kafka-secret: {secret.name}: {why}", "Check the file and its rights.") from error
