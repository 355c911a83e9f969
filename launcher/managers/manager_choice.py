"""The manager of a profile."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.managers.manager import Manager
from launcher.spec.cluster import Cluster


def manager_of(cluster: Cluster, environ: Mapping[str, str]) -> Manager:
    """The manager that ``cluster`` names; nobody is asked yet.

    Args:
        cluster: the profile.
        environ: tells who asks, and where a user's kubeconfig is.

    Raises:
        UsageError: the profile's Hadoop configuration cannot be read.
        EnvironmentProblem: the package that talks to Kubernetes is missing.
    """
    if cluster.manager == "standalone":
        from launcher.managers.standalone import Standalone

        return Standalone(cluster)
    if cluster.manager == "yarn":
        from launcher.managers.yarn import yarn_manager

        return yarn_manager(cluster, environ)
    if cluster.manager == "kubernetes":
        from launcher.managers.kubernetes import kubernetes_manager

        return kubernetes_manager(cluster, environ)
    from launcher.managers.local import Local

    return Local(cluster)
