"""How the stores are reached in which event logs lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.records.record import Record
from launcher.spec.cluster import Cluster
from launcher.spec.config.read_profile import read_cluster
from sparkjobs.errors import SparkjobsError


@dataclass(frozen=True)
class Access:
    """How stores are reached.

    Attributes:
        environ: credentials of object stores, ``HADOOP_USER_NAME``, ``HADOOP_CONF_DIR``.
        webhdfs: web addresses of the NameNodes, where the profile says them.
        hadoop_conf_dir: configuration folder of the profile; ``None`` takes the environment's.
    """

    environ: Mapping[str, str]
    webhdfs: Sequence[str] = ()
    hadoop_conf_dir: str | None = None


def access_of(cluster: Cluster | None, environ: Mapping[str, str]) -> Access:
    """How the stores of a cluster are reached; ``None`` when its profile is gone."""
    if cluster is None:
        return Access(environ)
    return Access(environ, cluster.webhdfs, cluster.yarn.hadoop_conf_dir if cluster.yarn else None)


def target_of(record: Record, environ: Mapping[str, str]) -> Cluster | None:
    """The profile that a run had; ``None`` when there is none of that name any more."""
    try:
        return read_cluster(record.target, environ, Path.cwd())
    except SparkjobsError:
        return None
