"""Which way an operator takes: Spark's own expressions, as a GPU runs them, or a kernel in Python workers.

Pure. A job asks inside Spark and a plan asks outside, both by the settings, so both have the same answer.
With RAPIDS the native way wins: exact median and stddev of 5e7 rows took .7 s on an H200, 17.8 on 16 cores.
Without it the kernels win, and most operators have one way only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

AUTO, NATIVE, KERNEL = "auto", "native", "kernel"
STRATEGIES = (AUTO, NATIVE, KERNEL)
RAPIDS_PLUGIN = "com.nvidia.spark.SQLPlugin"
PLUGINS, ENABLED = "spark.plugins", "spark.rapids.sql.enabled"
# The settings that an answer depends on.
KEYS = (PLUGINS, ENABLED)


@dataclass(frozen=True)
class Strategy:
    """The way of one operator.

    Attributes:
        operator: one of ``OPERATORS``.
        way: ``native`` or ``kernel``.
        reason: why, in a sentence without a capital.
        forced: ``--strategy`` asked for the way by its name.
    """

    operator: str
    way: str
    reason: str
    forced: bool = False


@dataclass(frozen=True)
class _Choice:
    """An operator that has both ways: why the GPU's is taken, and why the other."""

    on_gpu: str
    on_cpu: str


@dataclass(frozen=True)
class _Single:
    """An operator that has one way."""

    way: str
    why: str


OPERATORS: Mapping[str, _Choice | _Single] = {
    "grouped_statistics": _Choice(
        on_gpu="RAPIDS runs Spark's percentile and stddev on the GPU",
        on_cpu="the kernel sorts the numbers of a group several times as fast as Spark's percentile",
    ),
    "describe": _Choice(
        on_gpu="RAPIDS runs Spark's percentile and stddev on the GPU",
        on_cpu="the kernel sorts the numbers of a column several times as fast as Spark's percentile",
    ),
    "ungrouped_statistics": _Single(NATIVE, "there is no key to divide the work of the kernel by"),
    "scores": _Single(NATIVE, "joins and aggregates run on the CPU and on the GPU"),
    "sums": _Single(NATIVE, "exact sums are an aggregate that runs on the CPU and on the GPU"),
    "events": _Single(NATIVE, "windows and aggregates run on the CPU and on the GPU"),
    "partitions": _Single(NATIVE, "hashes, windows and shuffles run on the CPU and on the GPU"),
    "words": _Single(KERNEL, "the kernel reads the files itself; no expression of Spark cuts words so"),
    "tokens": _Single(KERNEL, "no expression of Spark cuts words so"),
    "features": _Single(NATIVE, "pyspark.ml trains and applies the model on the CPU"),
}


def on_gpu(settings: Mapping[str, str]) -> bool:
    """Whether RAPIDS plans the queries, be it only to explain them (``spark.rapids.sql.mode``)."""
    plugins = [name.strip() for name in settings.get(PLUGINS, "").split(",")]
    return RAPIDS_PLUGIN in plugins and settings.get(ENABLED, "true").strip().lower() != "false"


def strategy(settings: Mapping[str, str], operator: str, wanted: str = AUTO) -> Strategy:
    """The way of an operator.

    Args:
        settings: Spark's; ``KEYS`` are looked at.
        operator: one of ``OPERATORS``.
        wanted: ``--strategy``; where an operator lacks that way it keeps its own (see ``unheard``).
    """
    known = OPERATORS[operator]
    if isinstance(known, _Single):
        return Strategy(operator, known.way, known.why)
    if wanted != AUTO:
        return Strategy(operator, wanted, f"--strategy {wanted} asks for it", forced=True)
    if on_gpu(settings):
        return Strategy(operator, NATIVE, known.on_gpu)
    return Strategy(operator, KERNEL, known.on_cpu)


def strategies(settings: Mapping[str, str], operators: Iterable[str], wanted: str) -> tuple[Strategy, ...]:
    """The ways of several operators."""
    return tuple(strategy(settings, operator, wanted) for operator in operators)


def unheard(chosen: Iterable[Strategy], wanted: str) -> list[str]:
    """What to tell a user whose ``--strategy`` some operators cannot follow."""
    return [
        f"--strategy {wanted}: {item.operator} has only the {item.way} way: {item.reason}"
        for item in chosen
        if wanted not in (AUTO, item.way)
    ]
