"""How many tasks an executor runs at once. Pure."""

from __future__ import annotations

from launcher.records.history.trace import Executor, Trace


def slots_of(trace: Trace, executor: Executor) -> int:
    """Cores by the CPUs of a task, capped by its GPUs; at least one."""
    profile = trace.profiles.get(executor.profile, trace.profiles[0])
    by_cores = int(executor.cores / profile.task_cpus) if profile.task_cpus > 0 else executor.cores
    if profile.task_gpus > 0 and executor.gpus:
        by_cores = min(by_cores, int(executor.gpus / profile.task_gpus + 1e-9))
    return max(1, by_cores)
