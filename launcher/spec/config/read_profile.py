"""Read a cluster profile, ``conf/clusters/NAME.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launcher.spec.cluster import Cluster
from launcher.spec.config.cluster_rules import broken_rules
from launcher.spec.config.decode import decode
from launcher.spec.config.discovery import find, shown
from launcher.spec.config.documents import Document, read_document
from launcher.spec.config.faults import Fault, dotted, refuse

DEFAULT_TARGET = "laptop"


def read_cluster(name_or_path: str, environ: Mapping[str, str], start: Path) -> Cluster:
    """The profile of a name or of a file.

    Args:
        name_or_path: NAME of ``conf/clusters/NAME.yaml``, or a path.
        environ: tells the user's folder.
        start: absolute folder where the search begins.

    Raises:
        UsageError: no such profile, or faults in it: ``file:line: message``, one a line.
    """
    file = find("clusters", name_or_path, environ, start)
    return cluster_of(read_document(file, shown(file, start)), file.stem)


def cluster_of(document: Document, name: str) -> Cluster:
    """The profile of a document. Pure.

    Raises:
        UsageError: faults in it.
    """
    places = {dotted(path): document.place(path) for path in document.spots if path}
    cluster = decode(document, Cluster, {"name": name, "places": places})
    refuse(document.shown, (Fault(document.line(path), message) for path, message in broken_rules(cluster)))
    return cluster
