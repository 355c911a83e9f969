"""The addresses of YARN's ResourceManagers, from a Hadoop configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launcher.host.hadoop_configuration import read_files
from sparkjobs.errors import UsageError

RM = "yarn.resourcemanager"


def read_configuration(folder: Path) -> dict[str, str]:
    """The settings of ``core-site.xml`` and ``yarn-site.xml``.

    Raises:
        UsageError: the folder lacks yarn-site.xml, or a file is no XML.
    """
    if not (folder / "yarn-site.xml").is_file():
        raise UsageError(f"{folder} holds no yarn-site.xml", "Set yarn.hadoop_conf_dir in the profile.")
    return read_files(folder, ("core-site.xml", "yarn-site.xml"))


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
