"""Lines that are lost: what the others tell of them, and that no part of a run is frozen for it."""

from __future__ import annotations

import pytest

from bench.replaying.as_log import log_lines
from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.prediction.basis import basis_of
from launcher.advice.prediction.case import Case
from launcher.advice.prediction.predict import predict
from launcher.records.history.fold.trace_builder import TraceBuilder
from launcher.records.history.trace import Job, Trace
from tests.unit.history.made import START, job, job_end, stage, task, trace

CONF = {"spark.master": "yarn", "spark.executor.cores": "1"}
DELAYS = {"submit_ms": 2, "launch_ms": 10}


def three_jobs() -> Trace:
    """Each has a wide stage and a last one of one task; the driver takes 1.5 s before each."""
    stages = [MadeStage([1000] * 16, **DELAYS), MadeStage([500], (0,), **DELAYS)]
    jobs = [MadeJob(stages, after=(place - 1,) if place else (), gap_ms=1500) for place in range(3)]
    return Recorder(made_model(jobs), executors(4)).record(CONF)


def without(kind: str, *numbers: int) -> Trace:
    """The same, some lines of a kind damaged."""
    seen, lines = 0, []
    for text in log_lines(three_jobs()):
        if f'"SparkListener{kind}"' in text:
            lines.append(text[: len(text) // 2] if seen in numbers else text)
            seen += 1
        else:
            lines.append(text)
    builder = TraceBuilder()
    builder.take(text.encode() for text in lines)
    return builder.trace("made")


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("JobStart", (1,)),
        ("JobStart", (0, 1, 2)),
        ("JobEnd", (0,)),
        ("JobEnd", (2,)),
        ("StageCompleted", (2,)),
        ("StageCompleted", (4, 5)),
        ("StageSubmitted", (2, 3)),
        ("EnvironmentUpdate", (0,)),
        ("ApplicationEnd", (0,)),
    ],
)
def test_more_executors_shorten_what_damaged_lines_told_of_too(kind: str, numbers: tuple[int, ...]) -> None:
    found = without(kind, *numbers)
    assert found.lost.lines == len(numbers)
    basis = basis_of(found)
    assert basis.error == pytest.approx(0, abs=0.001)
    answer = predict(basis, Case(executors=8))
    assert answer.seconds == pytest.approx(3 * (1.5 + 2 + 0.5 + 0.024), abs=0.02)


def test_a_job_whose_end_alone_is_told_has_the_stages_that_were_over_and_are_no_other_job_s() -> None:
    lines = [
        *[job(0, 900, [0]), stage("Submitted", 0, **{"Submission Time": 910}), task(0), job_end(0, 2_100)],
        *[stage("Submitted", 1, **{"Submission Time": 2_200}), task(1, launch=2_210, finish=2_900)],
        *[stage("Submitted", 2, **{"Submission Time": 2_950, "Parent IDs": [1]})],
        *[task(2, launch=2_960, finish=3_500), job_end(1, 3_600)],
        *[stage("Submitted", 3, tasks=2, **{"Submission Time": 3_700}), task(3, launch=3_710, finish=3_900)],
    ]
    assert trace(START, *lines).jobs == (
        Job(0, 900, 2_100, (0,), None, None, True),
        Job(1, 2_200, 3_600, (1, 2), None, None, True),
        Job(2, 3_700, None, (3,), None, None, False),
    )


def test_what_may_run_still_has_no_end() -> None:
    half = [job(0, 900, [0, 1]), stage("Submitted", 0, tasks=2), task(index=0), task(index=0, attempt=1)]
    found = trace(START, *half)
    assert (found.jobs[0].end_ms, found.stages[0].completed_ms) == (None, None)
    found = trace(START, *half, task(index=1, finish=2_500))
    # One task of the last stage was never told of: the job runs.
    assert (found.jobs[0].end_ms, found.stages[0].completed_ms) == (None, 2_500)
