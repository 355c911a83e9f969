"""The addresses of YARN's ResourceManagers, from a Hadoop configuration folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from sparkjobs.errors import UsageError

_VARIABLE = re.compile(r"\$\{([^}$\s]+)\}")
# As Hadoop: a value that refers to itself stays as it is.
# (Configuration.MAX_SUBST)
MOST_ROUNDS = 20
RM = "yarn.resourcemanager"


def read_configuration(folder: Path) -> dict[str, str]:
    """The settings of ``core-site.xml`` and ``yarn-site.xml``.

    Raises:
        UsageError: the folder lacks yarn-site.xml, or a file is no XML.
    """
    settings: dict[str, str] = {}
    if not (folder / "yarn-site.xml").is_file():
        raise UsageError(f"{folder} holds no yarn-site.xml", "Set yarn.hadoop_conf_dir in the profile.")
    for name in ("core-site.xml", "yarn-site.xml"):
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


def resource_managers(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The web addresses of the ResourceManagers; with high availability there are several. Pure.

    Source: yarn-default.xml of Hadoop 3.4.
    """
    if settings.get(f"{RM}.ha.enabled", "").lower() == "true":
        ids = [name.strip() for name in settings.get(f"{RM}.ha.rm-ids", "").split(",") if name.strip()]
        return tuple(_address(settings, f".{name}") for name in ids)
    return (_address(settings, ""),)


def _address(settings: Mapping[str, str], suffix: str) -> str:
    secure = settings.get("yarn.http.policy", "").upper() == "HTTPS_ONLY"
    scheme, key, port = (
        ("https", "webapp.https.address", 8090) if secure else ("http", "webapp.address", 8088)
    )
    host = settings.get(f"{RM}.hostname{suffix}", "127.0.0.1")
    address = settings.get(f"{RM}.{key}{suffix}") or f"{host}:{port}"
    # The address of a server that listens everywhere; it is to be found by its name.
    bare, _, number = address.rpartition(":")
    return f"{scheme}://{host if bare in ('0.0.0.0', '[::]') else bare}:{number}"
