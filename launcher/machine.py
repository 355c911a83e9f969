"""What this machine may use: memory and cores, as limited by cgroups (containers, slices, batch systems)."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
# cgroup v1 says "no limit" by a number near 2^63.
UNLIMITED_FROM = 1 << 60
V1, V2 = "cgroup v1", "cgroup v2"


@dataclass(frozen=True)
class Memory:
    """A limit in bytes and where it comes from: ``machine``, ``cgroup v1`` or ``cgroup v2``."""

    limit_bytes: int
    origin: str


@dataclass(frozen=True)
class Cores:
    """A number of cores, at least 1, and where it comes from: ``machine``, ``cgroup v1`` or ``cgroup v2``."""

    number: int
    origin: str


def memory(root: Path = Path("/")) -> Memory:
    """The tightest memory limit that binds this process.

    Args:
        root: where ``proc`` and ``sys`` are looked for; tests give a made-up one.
    """
    limits = [Memory(_physical_bytes(), "machine"), *_memory_limits(root)]
    return min(limits, key=lambda limit: limit.limit_bytes)


def cores(root: Path = Path("/")) -> Cores:
    """Cores that this process may run on, and no more than its quota of processor time.

    Args:
        root: as for ``memory``.
    """
    # sched_getaffinity(2): os.cpu_count tells the machine's cores also where taskset or a batch system allows
    # fewer.
    affinity = getattr(os, "sched_getaffinity", None)
    own = Cores(len(affinity(0)) if affinity else os.cpu_count() or 1, "machine")
    return min([own, *_quotas(root)], key=lambda limit: limit.number)


def free_disk_bytes(path: Path) -> int:
    """Free bytes where ``path`` is or would be made."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(there).free


def _physical_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _memory_limits(root: Path) -> Iterator[Memory]:
    for group, version in _groups(root, "memory"):
        name = "memory.max" if version == V2 else "memory.limit_in_bytes"
        text = _text(group / name).strip()
        if text.isdigit() and int(text) < UNLIMITED_FROM:
            yield Memory(int(text), version)


def _quotas(root: Path) -> Iterator[Cores]:
    for group, version in _groups(root, "cpu"):
        if version == V2:
            quota, _, period = _text(group / "cpu.max").strip().partition(" ")
        else:
            quota, period = (_text(group / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
        if quota.isdigit() and period.isdigit() and int(period) > 0:
            # A part of a core counts as one: a thread more waits now and then, a thread less idles always.
            yield Cores(max(1, math.ceil(int(quota) / int(period))), version)


def _groups(root: Path, controller: str) -> Iterator[tuple[Path, str]]:
    """The folders of the process's control groups: every parent group's limit binds as well."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from ((group, V2) for group in _along(root / "sys/fs/cgroup", path))
        elif controller in controllers.split(","):
            yield from ((group, V1) for group in _along(root / "sys/fs/cgroup" / controller, path))


def _along(base: Path, path: str) -> Iterator[Path]:
    # Inside a container only the mount's root may be visible.
    parts = [part for part in path.split("/") if part]
    for depth in range(len(parts) + 1):
        yield base.joinpath(*parts[:depth])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
