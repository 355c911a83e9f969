"""Errors in one line."""

from __future__ import annotations

from typing import Any

_LONGEST = 300


def root_cause(error: BaseException) -> str:
    """The first line of an error; of a Java exception, of what lies at its bottom."""
    cause: Any = getattr(error, "java_exception", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    message = str(error if cause is None else cause.getMessage())
    return message.strip().partition("\n")[0][:_LONGEST]
