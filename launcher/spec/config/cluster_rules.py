"""What must hold inside a cluster profile beyond the types. Pure: each rule yields path and message."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import msgspec

from launcher.spec.cluster import GPU_MEMORY_MIB, Cluster, Nodes
from launcher.spec.config.faults import Path, did_you_mean
from launcher.spec.config.flags import SPARK_KEY
from launcher.spec.lock_url import fault_of

Broken = Iterator[tuple[Path, str]]

_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])"
_ADDRESS = {
    "standalone": (re.compile(rf"spark://{_HOST}:\d+(?:,{_HOST}:\d+)*"), "spark://HOST:7077"),
    "kubernetes": (re.compile(rf"k8s://(?:https?://)?{_HOST}(?::\d+)?(?:/\S*)?"), "k8s://https://HOST:6443"),
}
_WEB = re.compile(rf"https?://{_HOST}(?::\d+)?(?:/[^\s,]*)?")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-.]\w+)*")
# An application cannot choose the folders there (Utils.getConfiguredLocalDirs).
_DISK_SETTINGS = {
    "standalone": "SPARK_LOCAL_DIRS of each worker",
    "yarn": "yarn.nodemanager.local-dirs",
}
# Settings that have a key of their own in the profile; two places for one thing would contradict.
_OWN_KEYS = {
    "spark.master": "address",
    "spark.submit.deployMode": "deploy_mode",
    "spark.yarn.queue": "queue",
    "spark.kubernetes.container.image": "kubernetes.image",
    "spark.kubernetes.namespace": "kubernetes.namespace",
}


def broken_rules(cluster: Cluster) -> Broken:
    """Every rule that the profile breaks, with the path of the value."""
    yield from _address(cluster)
    yield from _web(cluster)
    yield from _webhdfs(cluster)
    yield from _sections(cluster)
    yield from _manager_only(cluster)
    if cluster.nodes is not None:
        yield from _number_of_nodes(cluster.nodes)
        yield from _one_node(cluster.nodes)
        yield from _gpus(cluster.nodes)
        yield from _local_disks(cluster, cluster.nodes)
    yield from _limits(cluster)
    yield from _price(cluster)
    yield from _locks(cluster)
    yield from _settings(cluster)
    if not _VERSION.fullmatch(cluster.spark_version):
        yield ("spark_version",), f"{cluster.spark_version!r} is no exact version; write one such as 4.0.4"


def _address(cluster: Cluster) -> Broken:
    wanted = _ADDRESS.get(cluster.manager)
    if wanted is None and cluster.address is not None:
        why = {"local": "this machine", "yarn": "what yarn.hadoop_conf_dir says"}[cluster.manager]
        yield ("address",), f"manager {cluster.manager} takes no address: it is {why}; remove the line"
    if wanted is None:
        return
    pattern, example = wanted
    if cluster.address is None:
        yield (), f"address is missing; manager {cluster.manager} needs one such as {example}"
    elif not pattern.fullmatch(cluster.address):
        message = f"{cluster.address!r} is no address of {cluster.manager}; write one such as {example}"
        yield ("address",), message + _about_variables(cluster.address)


def _web(cluster: Cluster) -> Broken:
    if cluster.web is None:
        return
    if cluster.manager != "standalone":
        yield ("web",), f"web is for the pages of a standalone master; manager {cluster.manager} has none"
    elif not all(_WEB.fullmatch(page) for page in cluster.web.split(",")):
        message = f"{cluster.web!r} is no address of a master's pages; write one such as http://HOST:8080"
        yield ("web",), message + _about_variables(cluster.web)


def _webhdfs(cluster: Cluster) -> Broken:
    for number, page in enumerate(cluster.webhdfs):
        if not _WEB.fullmatch(page):
            message = f"{page!r} is no web address of a NameNode; write one such as http://HOST:9870"
            yield ("webhdfs", number), message + _about_variables(page)


def _about_variables(text: str) -> str:
    return " (variables are not expanded)" if "$" in text else ""


def _sections(cluster: Cluster) -> Broken:
    for section in ("yarn", "kubernetes"):
        there, needed = getattr(cluster, section) is not None, cluster.manager == section
        if there and not needed:
            yield (section,), f"manager {cluster.manager} takes no section {section}; remove it"
    if cluster.manager == "yarn" and cluster.yarn is None:
        yield (), "the section yarn is missing; it needs hadoop_conf_dir"
    if cluster.manager == "kubernetes" and cluster.kubernetes is None:
        yield (), "the section kubernetes is missing; it needs image"
    if cluster.manager != "local" and cluster.nodes is None:
        yield (), "the section nodes is missing; it needs cores, memory, and count or min and max"
    if cluster.manager == "local" and cluster.nodes is not None:
        yield ("nodes",), "manager local takes no nodes: it is this machine; remove the section"
    if cluster.yarn is not None:
        yield from _at_least(("yarn", "min_allocation"), cluster.yarn.min_allocation_mib, 1)
        yield from _at_least(("yarn", "allocation_step"), cluster.yarn.allocation_step_mib, 1)
    if cluster.yarn is not None and (cluster.yarn.principal is None) != (cluster.yarn.keytab is None):
        yield ("yarn",), "principal and keytab go together; give both, or neither for the ticket cache"


def _manager_only(cluster: Cluster) -> Broken:
    if cluster.deploy_mode == "cluster" and cluster.manager in ("local", "standalone"):
        message = f"manager {cluster.manager} runs no Python driver in cluster mode; write client"
        yield ("deploy_mode",), message
    if cluster.queue is not None and cluster.manager != "yarn":
        yield ("queue",), f"queues are YARN's; manager {cluster.manager} has none"
    if cluster.shuffle_service and cluster.manager in ("local", "kubernetes"):
        yield ("shuffle_service",), f"manager {cluster.manager} has no external shuffle service; write false"
    if cluster.secret_file is not None and not (cluster.secure and cluster.manager == "standalone"):
        message = (
            "secret_file is for a standalone cluster with secure: true; the others make a secret themselves"
        )
        yield ("secret_file",), message


def _number_of_nodes(nodes: Nodes) -> Broken:
    if nodes.count is not None and (nodes.min is not None or nodes.max is not None):
        yield (
            ("nodes", "count"),
            "count is for a fixed number, min and max for a cluster that scales; keep one",
        )
    elif nodes.count is None and (nodes.min is None or nodes.max is None):
        yield ("nodes",), "the number of nodes is missing; write count, or min and max"
    elif nodes.count is None and nodes.fewest > nodes.most:
        yield ("nodes", "min"), f"min {nodes.min} is above max {nodes.max}"
    yield from _at_least(("nodes", "count"), nodes.count, 1)
    yield from _at_least(("nodes", "min"), nodes.min, 0)
    yield from _at_least(("nodes", "max"), nodes.max, 1)


def _one_node(nodes: Nodes) -> Broken:
    yield from _at_least(("nodes", "cores"), nodes.cores, 1)
    yield from _at_least(("nodes", "memory"), nodes.memory_mib, 1)
    yield from _at_least(("nodes", "reserved_cores"), nodes.reserved_cores, 0)
    if nodes.reserved_cores >= nodes.cores > 0:
        message = f"{nodes.reserved_cores} of {nodes.cores} cores are reserved; leave one for executors"
        yield ("nodes", "reserved_cores"), message
    if nodes.reserved_mib >= nodes.memory_mib > 0:
        yield ("nodes", "reserved_memory"), "all the memory of a node is reserved; leave some for executors"
    if nodes.reserved_share is not None and not 0 <= nodes.reserved_share < 1:
        message = f"{nodes.reserved_share} is no share; write 0 or more and less than 1, such as 0.2"
        yield ("nodes", "reserved_share"), message


def _gpus(nodes: Nodes) -> Broken:
    gpu = nodes.gpu
    if gpu is None:
        return
    yield from _at_least(("nodes", "gpu", "count"), gpu.count, 1)
    yield from _at_least(("nodes", "gpu", "memory"), gpu.memory_mib, 1)
    if gpu.count > nodes.cores - nodes.reserved_cores > 0:
        message = f"{gpu.count} GPUs but {nodes.cores - nodes.reserved_cores} cores; each GPU needs one"
        yield ("nodes", "gpu", "count"), message
    if gpu.memory_mib is None and gpu.model not in GPU_MEMORY_MIB:
        near = did_you_mean(gpu.model, GPU_MEMORY_MIB) or f"; known: {', '.join(GPU_MEMORY_MIB)}"
        message = f"the memory of a {gpu.model!r} is not known; write memory: 24g (its own){near}"
        yield ("nodes", "gpu", "model"), message


def _local_disks(cluster: Cluster, nodes: Nodes) -> Broken:
    disks, path = nodes.local_disks, ("nodes", "local_disks")
    if disks is None:
        return
    yield from _at_least((*path, "size"), disks.size_mib, 1)
    if disks.paths and cluster.manager in _DISK_SETTINGS:
        message = f"{_DISK_SETTINGS[cluster.manager]} says it; paths are for Kubernetes alone; remove them"
        yield (*path, "paths"), message
    for index, folder in enumerate(disks.paths):
        if not folder.startswith("/"):
            yield (*path, "paths", index), f"{folder!r} is no absolute folder; write one such as /mnt/disk1"
        elif folder in disks.paths[:index]:
            yield (*path, "paths", index), f"{folder} stands there twice; one folder a disk"


def _limits(cluster: Cluster) -> Broken:
    for field in msgspec.structs.fields(cluster.limits):
        path = ("limits", field.encode_name)
        yield from _at_least(path, getattr(cluster.limits, field.name), 1)


def _price(cluster: Cluster) -> Broken:
    price = cluster.price
    if price is None:
        return
    amounts = {f.name: getattr(price, f.name) for f in msgspec.structs.fields(price) if f.type is float}
    for name, amount in amounts.items():
        if not 0 <= amount < math.inf:
            yield ("price", name), f"{name} is {amount}; it is 0 or more"
    if not any(amounts.values()):
        yield ("price",), f"nothing has a price; write one of {', '.join(amounts)}, or remove the section"


def _locks(cluster: Cluster) -> Broken:
    if cluster.lock is None:
        return
    fault = fault_of(cluster.lock)
    if fault is not None:
        yield ("lock",), fault + _about_variables(cluster.lock)
    elif cluster.multi_writer:
        yield ("multi_writer",), "tables that take many writers need no lock; keep lock or multi_writer"


def _settings(cluster: Cluster) -> Broken:
    for section, settings in (("conf", cluster.conf), ("enforced", cluster.enforced)):
        for key in settings:
            if not SPARK_KEY.fullmatch(key):
                yield (section, key), f"{key!r} is no Spark key; Spark reads keys that begin with 'spark.'"
            elif key in _OWN_KEYS:
                yield (section, key), f"{key} has a key of its own here; write {_OWN_KEYS[key]}"
    for key in cluster.conf.keys() & cluster.enforced.keys():
        yield ("conf", key), f"{key} is enforced as well; keep one of the two"
    for index, pattern in enumerate(cluster.trusted_confs):
        if not SPARK_KEY.fullmatch(pattern):
            yield ("trusted_confs", index), f"{pattern!r} is no Spark key or pattern such as spark.jars*"


def _at_least(path: Path, value: int | None, least: int) -> Broken:
    if value is not None and value < least:
        yield path, f"{path[-1]} is {value}; it is {least} or more"
