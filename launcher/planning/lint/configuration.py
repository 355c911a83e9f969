"""A configuration as the linter sees it, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from launcher.host.compatibility import Compatibility
from launcher.spec.cluster import Cluster


@dataclass(frozen=True)
class Configuration:
    """Settings and what is known about where they apply.

    Attributes:
        values: every setting by key; flags such as ``--jars`` under their key, ``spark.jars``.
        places: where each key was set, for people.
        cluster: the cluster, when it is known: rules about nodes fire only then.
        versions: which versions fit together.
        python: the application is a Python one (its workers need memory beside the heap).
        facts: what an event log tells beside settings: ``spark_version``, ``java_version``.
    """

    values: Mapping[str, str]
    versions: Compatibility
    places: Mapping[str, str] = field(default_factory=dict)
    cluster: Cluster | None = None
    python: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        """The value of ``key``; ``None`` when it is not set."""
        return self.values.get(key)

    def on(self, key: str, default: bool = False) -> bool:
        """Whether a boolean key is true."""
        return self.values.get(key, str(default)).strip().lower() == "true"

    @property
    def master(self) -> str:
        """The master's URL, empty when unknown."""
        return self.values.get("spark.master", self.cluster.master if self.cluster else "")

    @property
    def manager(self) -> str | None:
        """``local``, ``standalone``, ``yarn``, ``kubernetes``, or ``None`` when nothing tells."""
        if self.cluster is not None and "spark.master" not in self.values:
            return self.cluster.manager
        starts = {"local": "local", "spark:": "standalone", "yarn": "yarn", "k8s:": "kubernetes"}
        return next((manager for start, manager in starts.items() if self.master.startswith(start)), None)
