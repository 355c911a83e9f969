"""GPUs as Spark schedules them, with or without RAPIDS."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.applied import (
    GPU_AMOUNT,
    TASK_GPU_AMOUNT,
    containers,
    executor_cores,
    gpus,
    rapids,
    slots,
)
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import number, seconds, shown

SCRIPT = "spark.executor.resource.gpu.discoveryScript"
VENDOR = "spark.executor.resource.gpu.vendor"
WAIT = "spark.locality.wait"


@rule("gpu-in-local-mode", "error", f"Remove {GPU_AMOUNT} and {TASK_GPU_AMOUNT}.")
def local(c: Configuration) -> Iterator[Problem]:
    """GPUs are scheduled in local mode, where tasks then wait for ever."""
    keys = tuple(key for key in (GPU_AMOUNT, TASK_GPU_AMOUNT) if key in c.values)
    if keys and c.manager == "local":
        yield Problem(
            (*keys, "spark.master"), f"{shown(c, *keys)} with master {c.master}: the application hangs"
        )


@rule("task-gpu-without-executor-gpu", "error", f"Set {GPU_AMOUNT}, or remove {TASK_GPU_AMOUNT}.")
def task_only(c: Configuration) -> Iterator[Problem]:
    """Tasks ask for a GPU that no executor has."""
    if (number(c, TASK_GPU_AMOUNT) or 0) > 0 and gpus(c) == 0 and c.manager != "local":
        message = f"{shown(c, TASK_GPU_AMOUNT, GPU_AMOUNT)}: Spark refuses to start"
        yield Problem((TASK_GPU_AMOUNT, GPU_AMOUNT), message)


@rule("executor-gpu-without-task-gpu", "warning", f"Set {TASK_GPU_AMOUNT} to 1 / cores of an executor.")
def executor_only(c: Configuration) -> Iterator[Problem]:
    """Executors hold GPUs that no task asks for."""
    if gpus(c) >= 1 and TASK_GPU_AMOUNT not in c.values and c.manager != "local":
        message = f"{shown(c, GPU_AMOUNT, TASK_GPU_AMOUNT)}: tasks are given no GPU address"
        yield Problem((GPU_AMOUNT, TASK_GPU_AMOUNT), message)


@rule("gpu-leaves-cores-idle", "warning", f"Set {TASK_GPU_AMOUNT} to 1 / cores of an executor.")
def idle_cores(c: Configuration) -> Iterator[Problem]:
    """The GPU amount of a task lets fewer tasks run than the executor has cores for."""
    amount, tasks = number(c, TASK_GPU_AMOUNT), slots(c)
    if not amount or amount < 0 or not tasks or gpus(c) < 1 or c.manager == "local":
        return
    # Spark divides one GPU among floor(1 / amount) tasks; the small term mends 1 / 0.1 = 9.99.
    at_once = int(gpus(c) * int(1 / amount + 1e-9) if amount <= 1 else gpus(c) / amount)
    if at_once < tasks:
        keys = (TASK_GPU_AMOUNT, GPU_AMOUNT, "spark.executor.cores")
        message = f"{at_once} of {tasks} tasks run at once in an executor of {executor_cores(c)} cores"
        share = _share(gpus(c) / tasks)
        yield Problem(keys, f"{shown(c, *keys)}: {message}", f"Set {TASK_GPU_AMOUNT}={share}.")


@rule("gpu-without-discovery-script", "error", f"Set {SCRIPT}.")
def no_script(c: Configuration) -> Iterator[Problem]:
    """Executors in containers have GPUs and no script that finds them."""
    found = SCRIPT in c.values or "spark.resources.discoveryPlugin" in c.values
    if gpus(c) > 0 and containers(c) and not found:
        yield Problem(
            (GPU_AMOUNT, SCRIPT), f"{shown(c, GPU_AMOUNT, SCRIPT)}: executors on {c.manager} fail to start"
        )


@rule("gpu-without-vendor", "error", f"Set {VENDOR}=nvidia.com.")
def no_vendor(c: Configuration) -> Iterator[Problem]:
    """GPUs on Kubernetes without their vendor."""
    if gpus(c) > 0 and c.manager == "kubernetes" and VENDOR not in c.values:
        yield Problem((GPU_AMOUNT, VENDOR), f"{shown(c, GPU_AMOUNT, VENDOR)}: Spark cannot ask for the GPUs")


@rule("locality-wait-with-gpu", "info", f"Set {WAIT}=0s.")
def waits_for_local_data(c: Configuration) -> Iterator[Problem]:
    """Tasks wait for a node with their data while a GPU is idle."""
    wait = seconds(c, WAIT, 3.0, bare_s=1e-3)
    if wait and (rapids(c) or gpus(c) > 0) and c.manager != "local":
        message = shown(c, WAIT) if WAIT in c.values else f"{WAIT} is 3s by default"
        yield Problem((WAIT,), f"{message}: tasks wait for the node of their data while GPUs are idle")


def _share(amount: float) -> str:
    return f"{int(amount * 10_000) / 10_000:g}"


RULES = (local, task_only, executor_only, idle_cores, no_script, no_vendor, waits_for_local_data)
