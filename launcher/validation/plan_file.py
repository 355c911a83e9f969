"""The JSON of ``sparkjob plan -o json``."""

from __future__ import annotations

from typing import Any

from launcher.redact import MASK
from launcher.validation.configuration_source import Source

KIND = "plan"


def is_plan(document: Any) -> bool:
    """Whether a JSON document is a plan."""
    return isinstance(document, dict) and isinstance(document.get("settings"), list)


def read_plan(document: dict[str, Any]) -> Source:
    """The settings of a plan; masked secrets are left out."""
    settings = [
        item for item in document["settings"] if isinstance(item, dict) and {"key", "value"} <= item.keys()
    ]
    shown = [item for item in settings if str(item["value"]) != MASK]
    target = document.get("target")
    return Source(
        kind=KIND,
        values={str(item["key"]): str(item["value"]) for item in shown},
        places={str(item["key"]): str(item.get("origin", KIND)) for item in shown},
        target=target if isinstance(target, str) else None,
    )
