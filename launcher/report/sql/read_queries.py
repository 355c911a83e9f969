"""A second pass over an event log for plans and their metrics: for the report alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from launcher.records.history.lines import Events, decoders
from launcher.records.history.read_trace import Part, read_part
from launcher.report.sql import plan_events as e
from launcher.report.sql.plans import Values, queries_of
from launcher.report.sql.queries import Queries

_DECODERS = decoders(e.KINDS)


class PlanLines:
    """Takes the lines of a log, gives what its queries did."""

    def __init__(self) -> None:
        self._plans: dict[int, e.Node] = {}
        self._totals: dict[int, int] = {}
        self._stages: dict[int, tuple[int, ...]] = {}
        self._events = Events(
            {e.STAGE: self._stage, e.BEGUN: self._plan, e.CHANGED: self._plan, e.DRIVER: self._driver},
            _DECODERS,
        )

    def take(self, lines: Iterable[bytes]) -> None:
        """Take whole lines."""
        self._events.take(lines)

    def queries(self) -> Queries:
        """What they tell."""
        return queries_of(self._plans, Values(self._totals, self._stages))

    def _plan(self, event: e.PlanTold) -> None:
        self._plans[event.execution] = event.plan

    def _driver(self, event: e.DriverMetrics) -> None:
        self._totals.update(event.updates)

    def _stage(self, event: e.StageDone) -> None:
        for one in event.info.accumulables:
            value = _whole(one.value)
            if value is None:
                continue
            # Over the stages that add to it, as Spark's own pages show it, it only grows.
            self._totals[one.id] = max(value, self._totals.get(one.id, 0))
            self._stages[one.id] = (*self._stages.get(one.id, ()), event.info.stage)


def read_queries(parts: Iterable[Part]) -> Queries:
    """What the queries of a log did.

    Raises:
        DataError: a file of it cannot be read.
    """
    lines = PlanLines()
    for part in parts:
        read_part(part, lines.take)  # what is wrong with it, the trace tells
    return lines.queries()


def _whole(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else None
