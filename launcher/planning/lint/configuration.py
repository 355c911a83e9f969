"""A configuration as the linter sees it, whoever made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from launcher.host.compatibility import Compatibility
from launcher.spec.cluster import Cluster
from launcher.spec.known_keys import by_todays_names
from launcher.spec.units import is_on

# The fact by which an event log tells what it is.
SOURCE, EVENT_LOG = "source", "event log"


@dataclass(frozen=True)
class Configuration:
    """Settings and what is known about where they apply.

    Attributes:
        values: every setting by key; flags such as ``--jars`` under their key, ``spark.jars``.
        places: where each key was set, for people.
        cluster: the cluster, when it is known: rules about nodes fire only then.
        versions: which versions fit together.
        python: the application is a Python one (its workers need memory beside the heap).
        facts: what is known beside settings: ``spark_version``, ``java_version``, ``rapids_jar``,
            ``max_latency``.
        renamed: the newest name by the old name of each key that has one.
        repeated: keys that one place sets more than once, with the places.
    """

    values: Mapping[str, str]
    versions: Compatibility
    places: Mapping[str, str] = field(default_factory=dict)
    cluster: Cluster | None = None
    python: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        """The value of ``key``; ``None`` when it is not set."""
        return self.values.get(key)

    def on(self, key: str, default: bool = False) -> bool:
        """Whether a boolean key is true."""
        return is_on(self.values, key, default=default)

    @property
    def spark_version(self) -> str | None:
        """The Spark that runs it, without a vendor's suffix; ``None`` when nothing tells."""
        version = self.facts.get("spark_version") or (self.cluster.spark_version if self.cluster else "")
        match = re.match(r"\d+\.\d+\.\d+", version)
        return match.group() if match else None

    def by_todays_names(self) -> Configuration:
        """The same with every renamed key by its newest name, which alone the rules look for."""
        values, renamed = by_todays_names(self.values, self.spark_version)
        places = {renamed.get(key, key): place for key, place in self.places.items()}
        places |= {key: place for key, place in self.places.items() if key not in renamed}
        return replace(self, values=values, places=places, renamed={**self.renamed, **renamed})

    @property
    def logged(self) -> bool:
        """Whether an event log told it: it is what Spark took."""
        return self.facts.get(SOURCE) == EVENT_LOG

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
