"""The progress of a stream as metrics in Prometheus' text format. Pure.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sparkjobs.streaming.progress.batch_progress import PHASES, BatchProgress

_PREFIX = "sparkjobs_stream_"


@dataclass(frozen=True)
class Totals:
    """The batches of one run added up.

    Attributes:
        batches: how many.
        rows: rows that they read.
        seconds: by phase.
        newest: the last of them.
    """

    batches: int = 0
    rows: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))
    newest: BatchProgress | None = None

    def with_batch(self, progress: BatchProgress) -> Totals:
        """One batch more."""
        spent = {name: self.seconds[name] + getattr(progress.seconds, name) for name in PHASES}
        rows = self.rows + (progress.rows or 0)
        return replace(self, batches=self.batches + 1, rows=rows, seconds=spent, newest=progress)


def render(totals: Totals, job: str) -> str:
    """The page that a Prometheus server fetches.

    Args:
        totals: of the run so far.
        job: the stream's name, the label of each metric.
    """
    # A name of a job has no letter that a label would have to escape.
    label = f'stream="{job}"'
    lines = [line for metric in _metrics(totals) for line in metric.lines(label)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Metric:
    name: str
    kind: str
    help: str
    value: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    label: str = "phase"

    def lines(self, label: str) -> Iterator[str]:
        samples = {f'{label},{self.label}="{name}"': value for name, value in self.parts.items()}
        if self.value is not None:
            samples[label] = self.value
        if not samples:
            return  # what is unknown is left out, as Prometheus advises
        name = _PREFIX + self.name
        yield f"# HELP {name} {self.help}"
        yield f"# TYPE {name} {self.kind}"
        for labels, value in samples.items():
            yield f"{name}{{{labels}}} {value:.17g}"


def _metrics(totals: Totals) -> Iterator[_Metric]:
    yield _Metric("batches_total", "counter", "Batches done by this run.", totals.batches)
    yield _Metric("rows_total", "counter", "Rows read by this run.", totals.rows)
    yield _Metric("seconds_total", "counter", "Seconds of the batches, by phase.", parts=totals.seconds)
    newest = totals.newest
    if newest is None:
        return
    spent = {name: getattr(newest.seconds, name) for name in PHASES}
    lags = newest.lag_by_partition
    yield _Metric("batch", "gauge", "Number of the newest batch.", newest.batch)
    yield _Metric("batch_done_seconds", "gauge", "When it was done, Unix time.", _unix(newest.ts))
    yield _Metric("batch_rows", "gauge", "Rows that it read.", newest.rows)
    yield _Metric("batch_seconds", "gauge", "Its seconds, by phase.", parts=spent)
    yield _Metric("input_rows_per_second", "gauge", "Rate at which rows come.", newest.input_rows_per_s)
    yield _Metric("lag", "gauge", "What lies unread, in the source's unit.", newest.lag)
    yield _Metric("partition_lag", "gauge", "Unread records by partition.", parts=lags, label="partition")
    yield _Metric("state_rows", "gauge", "Rows that Spark keeps as state.", newest.state_rows)
    yield _Metric("watermark_seconds", "gauge", "The watermark, Unix time.", _unix(newest.watermark))
    yield _Metric("executors", "gauge", "Executors that are there.", newest.executors)
    yield _Metric("executors_target", "gauge", "Executors that are asked for.", newest.target)


def _unix(text: str | None) -> float | None:
    # Python 3.10 reads no Z.
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
