"""Names of columns as SQL and ``F.col`` want them. Pure."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A column's name that is read as one name: without quotes a dot would lead into a struct."""
    return "`" + name.replace("`", "``") + "`"
