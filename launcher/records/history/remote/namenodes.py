"""Where WebHDFS answers for an ``hdfs://`` address. Pure.

The port of such an address is that of the RPCs, which speaks no HTTP; the web address is in hdfs-site.xml.
Source: hdfs-default.xml of Hadoop 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sparkjobs.errors import EventLogError

CONFIGURATION = ("core-site.xml", "hdfs-site.xml")
HINT = (
    "Set webhdfs: [http://NAMENODE:9870] in the profile, or HADOOP_CONF_DIR to a folder with hdfs-site.xml."
)
KERBEROS_HINT = "Copy the log here (hdfs dfs -get LOG .) and name the copy."


def namenodes(address: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """The web addresses of a file system's NameNodes; with high availability there are several.

    Args:
        address: ``hdfs://NAME/PATH`` or ``hdfs:///PATH``.
        settings: of core-site.xml and hdfs-site.xml.

    Raises:
        EventLogError: nothing tells, or the file system asks for Kerberos.
    """
    if settings.get("hadoop.security.authentication", "").lower() == "kerberos":
        raise kerberos(address)
    name = urlsplit(address).netloc or urlsplit(_default(settings)).netloc
    members = [one.strip() for one in settings.get(f"dfs.ha.namenodes.{name}", "").split(",") if one.strip()]
    if members:
        return tuple(_web(settings, f".{name}.{member}", address) for member in members)
    host = name.rpartition("@")[2].partition(":")[0]
    if not host:
        raise EventLogError(f"{address}: nothing tells which NameNode it means", HINT)
    suffix = f".{name}" if _web_key(settings, f".{name}") in settings else ""
    return (_web(settings, suffix, address, host),)


def kerberos(address: str) -> EventLogError:
    """The refusal of a secure file system."""
    return EventLogError(f"{address}: its WebHDFS asks for Kerberos, which is not spoken here", KERBEROS_HINT)


def _default(settings: Mapping[str, str]) -> str:
    return settings.get("fs.defaultFS") or settings.get("fs.default.name") or ""


def _secure(settings: Mapping[str, str]) -> bool:
    return settings.get("dfs.http.policy", "").upper() == "HTTPS_ONLY"


def _web_key(settings: Mapping[str, str], suffix: str) -> str:
    return f"dfs.namenode.{'https' if _secure(settings) else 'http'}-address{suffix}"


def _web(settings: Mapping[str, str], suffix: str, address: str, host: str = "") -> str:
    scheme, port = ("https", "9871") if _secure(settings) else ("http", "9870")
    found = settings.get(_web_key(settings, suffix), "")
    own, _, number = found.rpartition(":")
    # The address of a server that listens everywhere; it is to be found by its name.
    own = host if own in ("", "0.0.0.0", "[::]") else own
    if not own:
        raise EventLogError(f"{address}: hdfs-site.xml lacks {_web_key(settings, suffix)}", HINT)
    return f"{scheme}://{own}:{number or port}"
