"""The cluster profile that is written for a cluster on this machine, so that ``--target here`` finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from launcher.cli.local_cluster.layout import HOST, Files, Ports, Wanted, master_address, page_address
from launcher.spec.security.settings import STRONGEST
from launcher.spec.units import mib_text
from sparkjobs.errors import UsageError

TARGET = "here"
HEAD = "# Written by 'sparkjob cluster start'; 'sparkjob cluster stop' removes it.\n"
# A worker hands out all that it was started with.
NOTHING_RESERVED = {"reserved_cores": 0, "reserved_memory": "0m", "reserved_share": 0}


def profile_text(wanted: Wanted, ports: Ports, files: Files, spark_version: str) -> str:
    """The profile's YAML. Pretended GPUs are left out: a plan would put RAPIDS on them."""
    profile: dict[str, Any] = {
        "description": f"{wanted.workers} workers on this machine",
        "manager": "standalone",
        "address": master_address(ports),
        "web": page_address(ports.web),
        "spark_version": spark_version,
        "event_log": files.events.as_uri(),
        "nodes": {"count": wanted.workers, "cores": wanted.cores, "memory": mib_text(wanted.memory_mib)},
        "conf": {"spark.driver.host": HOST},
    }
    profile["nodes"] |= NOTHING_RESERVED
    if wanted.secure:
        profile |= {"secure": True, "secret_file": str(files.secret)}
        profile["conf"] |= STRONGEST
    return HEAD + yaml.safe_dump(profile, sort_keys=False, allow_unicode=True)


def profile_path(config: Path) -> Path:
    """Where the profile goes, below the user's configuration folder."""
    return config / "clusters" / f"{TARGET}.yaml"


def require_ours(path: Path) -> None:
    """Refuse to touch a profile that somebody else wrote.

    Raises:
        UsageError: there is one.
    """
    if path.exists() and not path.read_text(encoding="utf-8").startswith(HEAD):
        raise UsageError(
            f"{path} was not written by sparkjob cluster start", f"Move it: the name {TARGET} is used for it."
        )
