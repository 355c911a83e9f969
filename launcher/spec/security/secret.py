"""The secret that a standalone cluster shares with its applications, from a file of its owner's."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from launcher.spec.cluster import Cluster
from sparkjobs.errors import EnvironmentProblem, UsageError

SECRET = "spark.authenticate.secret"


def secret_settings(cluster: Cluster, settings: Mapping[str, str]) -> dict[str, str]:
    """The setting with the secret; it belongs into a properties file with mode 0600, never into a list of
    arguments.

    Args:
        cluster: the profile; its ``secret_file`` names the file.
        settings: what the application is given so far.

    Returns:
        Nothing where no secret is needed or ``settings`` holds one.

    Raises:
        UsageError: one is needed and nothing tells it.
        EnvironmentProblem: the file is missing, empty, or others may read it.
    """
    wanted = cluster.manager == "standalone" and settings.get("spark.authenticate") == "true"
    if not wanted or SECRET in settings:
        return {}
    if cluster.secret_file is None:
        raise UsageError(
            f"target {cluster.name} is secure and nothing tells its secret",
            f"Write secret_file: PATH into the profile, or {SECRET} into a properties file with mode 0600.",
        )
    return {SECRET: _read(Path(cluster.secret_file))}


def _read(file: Path) -> str:
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentProblem(f"the secret cannot be read: {error}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise EnvironmentProblem(f"{file} holds a secret and others may read it", f"chmod 600 {file}")
    if not text:
        raise EnvironmentProblem(f"{file} is empty; it should hold the cluster's secret")
    return text
