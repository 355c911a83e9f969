"""What a rule of the linter found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        id: name of the rule, stable, such as ``dynamic-allocation-without-shuffle``.
        severity: an error makes ``validate`` end with 2.
        keys: the Spark keys involved.
        message: the values involved and why they are wrong together.
        fix: what to do.
    """

    id: str
    severity: Severity
    keys: tuple[str, ...]
    message: str
    fix: str
