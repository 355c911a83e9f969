"""Why a text is no value of a type, in the words of ``typing.parse``, for the rows that need them. Pure."""

from __future__ import annotations

import re

from sparkjobs.ingest.conversions import DECIMAL
from sparkjobs.ingest.typing import BEYOND, Column
from sparkjobs.tables.partitions import UNHOLDABLE

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_SHOWN = 80


def text_fault(column: Column, text: str | None) -> str:
    """The reason of a bad row.

    Args:
        column: what the text should be.
        text: the text that is not; ``None`` where a value is missing.
    """
    if text is None:
        return f"{column.name}: missing"
    return f"{column.name}: '{text[:_SHOWN]}' {_fault(column, text)}"


def _fault(column: Column, text: str) -> str:
    decimal = DECIMAL.fullmatch(column.kind)
    if column.kind == "string":
        assert text in UNHOLDABLE  # any other text is a string
        return "would be null in a partition column"
    if decimal:
        scale = int(decimal[2])
        fits = re.fullmatch(rf"[+-]?[0-9]+(\.[0-9]{{1,{scale}}})?" if scale else r"[+-]?[0-9]+", text)
        return "is out of range" if fits else f"is not a number with at most {scale} decimals"
    if column.kind == "double":
        if not _NUMBER.fullmatch(text):
            return "is not a number"
        return "is out of range" if abs(float(text)) == float("inf") else BEYOND
    if column.kind == "bigint":
        return "is out of range" if _INTEGER.fullmatch(text) else "is not a whole number"
    return "is not true or false" if column.kind == "boolean" else "is not a timestamp"
