"""Hadoop's XML configuration, as far as it tells addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from sparkjobs.errors import UsageError

_VARIABLE = re.compile(r"\$\{([^}$\s]+)\}")
# As Hadoop: a value that refers to itself stays as it is.
# (Configuration.MAX_SUBST)
MOST_ROUNDS = 20


def read_files(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The settings of those of the files that are there, later ones above earlier ones.

    Args:
        folder: a configuration folder.
        names: such as ``core-site.xml``.

    Raises:
        UsageError: a file is no XML, or cannot be read.
    """
    settings: dict[str, str] = {}
    for name in names:
        if (folder / name).is_file():
            settings |= _properties(folder / name)
    return {key: expanded(value, settings) for key, value in settings.items()}


def _properties(file: Path) -> dict[str, str]:
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise UsageError(f"{file}: {error}") from error
    pairs = ((entry.findtext("name"), entry.findtext("value")) for entry in root.iter("property"))
    return {name.strip(): (value or "").strip() for name, value in pairs if name}


def expanded(value: str, settings: Mapping[str, str]) -> str:
    """A value with its ``${variables}`` filled in; unknown ones stay."""
    for _ in range(MOST_ROUNDS):
        found = _VARIABLE.sub(lambda match: settings.get(match[1], match[0]), value)
        if found == value:
            break
        value = found
    return value
