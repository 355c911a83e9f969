"""A case of a rule: a configuration that fires it, and one like it that must not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from launcher.host.compatibility import TABLE_NAME, read_table
from launcher.places import SHIPPED
from launcher.planning.lint.configuration import Configuration
from launcher.spec.cluster import Cluster, Kubernetes, Nodes
from launcher.spec.units import Mib

TABLE = read_table(SHIPPED / TABLE_NAME)
STANDALONE = {"spark.master": "spark://master.example.com:7077"}
YARN = {"spark.master": "yarn"}
K8S = {"spark.master": "k8s://https://k8s.example.com:6443"}
LOCAL = {"spark.master": "local[2]"}
CLUSTER_MODE = {"spark.submit.deployMode": "cluster"}
DYNAMIC = {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "8"}
RAPIDS = {"spark.plugins": "com.nvidia.spark.SQLPlugin"}
GPU = {"spark.executor.resource.gpu.amount": "1", "spark.task.resource.gpu.amount": "0.25"}
SPARK_404 = {"spark_version": "4.0.4"}


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        rule: id of the rule.
        fires: settings that fire it.
        silent: what makes them harmless; ``None`` as a value takes a key away.
        both: settings of both.
        words: that the message holds.
        given: what else the configuration has: ``cluster``, ``facts``, ``python``, ``places``.
        harmless: what it has instead in the silent case.
    """

    rule: str
    fires: Mapping[str, str]
    silent: Mapping[str, str | None]
    both: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    harmless: Mapping[str, Any] = field(default_factory=dict)

    def firing(self) -> Configuration:
        """The configuration that fires the rule."""
        return Configuration({**self.both, **self.fires}, TABLE, **self.given)

    def quiet(self) -> Configuration:
        """The one that must not."""
        mixed = {**self.both, **self.fires, **self.silent}
        values = {key: value for key, value in mixed.items() if value is not None}
        return replace(self.firing(), values=values, **self.harmless)


def cluster(manager: str = "yarn", **more: Any) -> Cluster:
    """Two nodes with 8 cores and 32 GiB."""
    nodes = Nodes(cores=8, memory_mib=Mib(32 * 1024), count=2)
    kinds = {"kubernetes": {"kubernetes": Kubernetes(image="x")}}
    return Cluster(**{"name": "small", "manager": manager, "nodes": nodes, **kinds.get(manager, {}), **more})
