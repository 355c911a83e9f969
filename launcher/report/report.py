"""All that is told of one run: what the text, the JSON and the page are made from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from launcher.advice.prediction.price import shape_of
from launcher.records.record import Record
from launcher.redact import masked_text
from launcher.report.curve import Curve
from launcher.report.findings.all_findings import findings
from launcher.report.findings.loss import Loss
from launcher.report.stage_rows import StageRow, stage_rows
from launcher.report.view.elasticity import Elasticity, elasticity
from launcher.report.view.run_view import RunView
from launcher.spec.cluster import Price
from launcher.spec.units import counted

HOUR_S = 3600


@dataclass(frozen=True, eq=False)
class Report:
    """One run.

    Attributes:
        view: its event log.
        log: where that lies.
        record: what the launcher wrote down; ``None`` for a log alone.
        price: of its executors; ``None``: cost is told in executor-seconds.
        curve: other sizes; ``None`` where they were not computed.
        left_out: what was not looked at, one sentence each.
    """

    view: RunView
    log: str
    record: Record | None = None
    price: Price | None = None
    curve: Curve | None = None
    left_out: tuple[str, ...] = ()

    @cached_property
    def losses(self) -> list[Loss]:
        """Its findings, the dearest first."""
        return findings(self.view)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of the log was lost or not looked at."""
        return (*self.view.trace.lost.why, *self.left_out)

    @cached_property
    def elasticity(self) -> Elasticity:
        """How well its executors followed its work."""
        return elasticity(self.view)

    @cached_property
    def stages(self) -> list[StageRow]:
        """Its stages, in the order of their start."""
        return list(stage_rows(self.view))

    @property
    def name(self) -> str:
        """What ran."""
        return self.record.job if self.record is not None else self.view.trace.name

    @property
    def log_text(self) -> str:
        """Where its event log lies, for people: an address may hold a key or a token."""
        return masked_text(self.log)

    @property
    def outcome(self) -> str | None:
        """What it came to; without a record by its exit code and its last job."""
        if self.record is not None:
            return self.record.outcome
        trace = self.view.trace
        if trace.end_ms is None:
            return None
        return "FAILED" if trace.failed else "SUCCEEDED"

    @property
    def cost(self) -> float:
        """By the price list, executor-seconds without one."""
        if self.price is None:
            return round(self.view.executor_seconds, 1)
        return round(self._priced(self.price), 6)

    @property
    def cost_text(self) -> str:
        """The cost for people."""
        seconds = f"{self.view.executor_seconds:,.0f} executor-seconds"
        if self.price is None:
            return seconds
        return f"{self.price.text(self.cost)} ({seconds})"

    def _priced(self, price: Price) -> float:
        total = 0.0
        for one in self.view.trace.executors:
            end = self.view.end_ms if one.removed_ms is None else one.removed_ms
            shape = shape_of(self.view.trace.conf or {}, one.cores, one.gpus)
            hourly = (
                price.core_hour * shape.cores
                + price.gib_hour * shape.memory_gib
                + price.gpu_hour * shape.gpus
            )
            total += max(0, end - one.added_ms) / 1000 / HOUR_S * hourly + price.executor_start
        return total

    @property
    def executors(self) -> int:
        """The most at a time."""
        return round(self.view.supply.most)

    @property
    def cores(self) -> int | None:
        """Of one executor, the most."""
        return max((one.cores for one in self.view.trace.executors), default=None)

    @property
    def shape_text(self) -> str:
        """Its executors for people."""
        if self.view.is_local:
            return f"one process with {counted(self.cores or 1, 'core')}"
        return f"{counted(self.executors, 'executor')} of {counted(self.cores or 1, 'core')} at most"


def source_document(report: Report) -> dict[str, Any]:
    """Which run it was, as JSON."""
    trace = report.view.trace
    return {
        "log": report.log_text,
        "run_id": report.record.run_id if report.record is not None else None,
        "application_id": trace.application_id or None,
        "name": report.name,
        "spark": trace.spark or None,
        "executors": report.executors,
        "cores": report.cores,
        "seconds": round(report.view.seconds, 3),
    }


def document(report: Report) -> dict[str, Any]:
    """The JSON of a report."""
    # Only of streams that moved them: the other documents stay as they were.
    decided = {"decisions": [dict(vars(one)) for one in report.view.decisions]}
    return {
        "v": 1,
        "source": source_document(report),
        "outcome": report.outcome,
        "seconds": round(report.view.seconds, 3),
        "executor_seconds": round(report.view.executor_seconds, 1),
        "cost": report.cost,
        "findings": [
            {
                "id": one.id,
                "seconds_lost": one.seconds_lost,
                "keys": list(one.keys),
                "message": one.message,
                "fix": one.fix,
            }
            for one in report.losses
        ],
        "elasticity": dict(vars(report.elasticity)),
        "stages": [dict(vars(row)) for row in report.stages],
        "warnings": list(report.warnings),
        **(decided if report.view.decisions else {}),
    }
