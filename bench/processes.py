"""Processor time and memory of a process and of all below it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

import psutil

_EVERY_S = 0.5


def cpu_seconds(pid: int | None = None) -> float:
    """CPU time of a process (this one by default) and of all below it, of those that ended too."""
    return sum(_times(process) for process in _family(pid))


@dataclass(frozen=True)
class Memory:
    """MiB as shares (PSS: a page that n processes have counts 1/n for each).

    Attributes:
        java: of the JVM.
        worker: of the largest Python worker.
        total: of all processes together.
    """

    java: float = 0
    worker: float = 0
    total: float = 0

    def most(self, other: Memory) -> Memory:
        """The greater of each."""
        return Memory(
            max(self.java, other.java), max(self.worker, other.worker), max(self.total, other.total)
        )


def summed(parts: Sequence[tuple[str, float]]) -> Memory:
    """The memory of processes, each ``("java" or "python", MiB)``, the driver's Python first. Pure."""
    java = sum(size for kind, size in parts if kind == "java")
    workers = [size for kind, size in parts[1:] if kind == "python"]
    return Memory(java, max(workers, default=0), sum(size for _, size in parts))


class Peak:
    """Watches a process and those below it until the block ends; ``memory`` is the most that was seen."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.memory = Memory()

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            parts = [_share(process) for process in _family(self._pid)]
            self.memory = self.memory.most(summed(parts))
            self._ended.wait(_EVERY_S)


def _family(pid: int | None) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _times(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    # Of children that ended and were waited for; those that live are counted by themselves.
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


def _share(process: psutil.Process) -> tuple[str, float]:
    try:
        full = process.memory_full_info()
        # macOS has no PSS.
        return ("java" if "java" in process.name() else "python", getattr(full, "pss", full.uss) / (1 << 20))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ("python", 0.0)
