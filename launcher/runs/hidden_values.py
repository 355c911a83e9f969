"""Values of ``--env`` stay out of what is recorded of a run: an exception's text may repeat them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from launcher.records.record import Explanation
from launcher.redact import MASK, is_secret

# A shorter value, such as "prod" or "1", is no secret, and stands in many texts by chance.
LEAST_LENGTH = 8


def without_values(text: str, variables: Mapping[str, str]) -> str:
    """The text with each value that may be a secret masked, the longest first."""
    hidden = (v for n, v in variables.items() if v and (len(v) >= LEAST_LENGTH or is_secret(n, v)))
    for value in sorted(hidden, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def explained_without(found: Explanation, variables: Mapping[str, str]) -> Explanation:
    """The explanation without the values."""
    return msgspec.structs.replace(
        found,
        message=without_values(found.message, variables),
        traceback=tuple(without_values(line, variables) for line in found.traceback),
        task=tuple(without_values(line, variables) for line in found.task),
    )


def result_without(result: dict[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """A job's result with the values masked in its error and its warnings; facts such as paths stay."""
    error = result.get("error")
    if isinstance(error, dict):
        error = {key: _masked(value, variables) for key, value in error.items()}
    warnings = [_masked(warning, variables) for warning in result.get("warnings") or ()]
    return {**result, "error": error, "warnings": warnings}


def _masked(value: Any, variables: Mapping[str, str]) -> Any:
    return without_values(value, variables) if isinstance(value, str) else value
