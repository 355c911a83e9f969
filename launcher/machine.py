"""What this machine may use: memory and cores, as limited by cgroups (containers, slices, batch systems)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
# cgroup v1 says "no limit" by a number near 2^63.
UNLIMITED_FROM = 1 << 60


@dataclass(frozen=True)
class Memory:
    """A limit in bytes and where it comes from: ``machine``, ``cgroup v1`` or ``cgroup v2``."""

    limit_bytes: int
    origin: str


def memory(root: Path = Path("/")) -> Memory:
    """The tightest memory limit that binds this process.

    Args:
        root: where ``proc`` and ``sys`` are looked for; tests give a made-up one.
    """
    limits = [Memory(_physical_bytes(), "machine"), *_cgroup_limits(root)]
    return min(limits, key=lambda limit: limit.limit_bytes)


def cores() -> int:
    """Cores that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def free_disk_bytes(path: Path) -> int:
    """Free bytes where ``path`` is or would be made."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(there).free


def _physical_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cgroup_limits(root: Path) -> Iterator[Memory]:
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from _along(root / "sys/fs/cgroup", path, "memory.max", "cgroup v2")
        elif "memory" in controllers.split(","):
            yield from _along(root / "sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "cgroup v1")


def _along(base: Path, path: str, name: str, origin: str) -> Iterator[Memory]:
    # Every parent group's limit binds as well; inside a container only the mount's root may be visible.
    parts = [part for part in path.split("/") if part]
    for depth in range(len(parts) + 1):
        text = _text(base.joinpath(*parts[:depth]) / name).strip()
        if text.isdigit() and int(text) < UNLIMITED_FROM:
            yield Memory(int(text), origin)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
