"""Column types as a user declares them: ``--types id:bigint,price:decimal(18,4)``. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sparkjobs.errors import UsageError
from sparkjobs.ingest.typing import KINDS, Column

_COMMA = re.compile(r",(?![^()]*\))")


def parse_types(text: str | None) -> Mapping[str, str]:
    """Read ``NAME:TYPE,...``; commas inside parentheses belong to the type, a name may hold ``:``.

    Raises:
        ValueError: no ``:``, an unknown type, a name that is there twice.
    """
    found: dict[str, str] = {}
    for item in _COMMA.split(text) if text else ():
        name, colon, kind = (part.strip() for part in item.rpartition(":"))
        if not colon or not name:
            raise ValueError(f"{item.strip()!r} is not NAME:TYPE")
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = check_kind(kind)
    return found


def check_types(text: str | None) -> None:
    """The same as a check of a parameter."""
    parse_types(text)


def check_kind(kind: str) -> str:
    """A type that readers know, without spaces and in lower case.

    Raises:
        ValueError: names the types that exist.
    """
    plain = re.sub(r"\s", "", kind).lower()
    try:
        return Column("column", plain).kind
    except UsageError as error:
        raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}") from error
