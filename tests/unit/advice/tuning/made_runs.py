"""Runs whose every cause is known, as evidence."""

from __future__ import annotations

from dataclasses import replace

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.prediction.basis import basis_of
from launcher.advice.replay.model import Model
from launcher.advice.tuning.advise import Advice
from launcher.advice.tuning.past import Past
from launcher.records.history.trace import Trace

CONF = {"spark.master": "spark://m", "spark.executor.memory": "4g", "spark.sql.shuffle.partitions": "64"}


def wide(tasks: int = 48, ms: float = 1000) -> Model:
    """Work for every executor, all the time."""
    return made_model([MadeJob([MadeStage([ms] * tasks)])])


def bursty() -> Model:
    """Four bursts, and a driver that takes long between them."""
    jobs = [MadeJob([MadeStage([1000] * 360)])]
    jobs += [MadeJob([MadeStage([1000] * 360)], (place,), 120_000) for place in range(3)]
    return made_model(jobs)


def narrow() -> Model:
    """Forty jobs of two tasks: a third executor has nothing to do."""
    jobs = [MadeJob([MadeStage([500, 500])])]
    jobs += [MadeJob([MadeStage([500, 500])], (place,), 100) for place in range(39)]
    return made_model(jobs)


def skewed() -> Model:
    """A task that is longer than all others together: a third executor only waits."""
    return made_model([MadeJob([MadeStage([60_000, *[1000] * 40])])])


def traced(model: Model, count: int, *, slots: int = 1, **conf: str) -> Trace:
    """What a listener would have seen of it on so many executors."""
    given = {key.replace("_", "."): value for key, value in conf.items()}
    return Recorder(model, executors(count, slots)).record({**CONF, **given})


def past(model: Model, count: int = 6, name: str = "r1", **given: object) -> Past:
    """A run as evidence."""
    return past_of(traced(model, count), name, **given)


def past_of(trace: Trace, name: str = "r1", **given: object) -> Past:
    """A trace as evidence."""
    return replace(Past(basis_of(trace), name, name), **given)  # type: ignore[arg-type]


def settings(advice: Advice) -> dict[str, str | None]:
    """What an answer changes."""
    return {change.key: change.after for change in advice.changes}


def with_trace(found: Past, **given: object) -> Past:
    """The same run with another trace."""
    trace: Trace = replace(found.basis.trace, **given)  # type: ignore[arg-type]
    return replace(found, basis=replace(found.basis, trace=trace))
