"""Texts of a log in which somebody's secret may stand: hidden before anything is told. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from launcher.records.history.trace import Trace
from launcher.redact import masked_text
from launcher.report.sql.queries import Queries

_masked = lru_cache(maxsize=10_000)(masked_text)


def without_secrets(trace: Trace) -> Trace:
    """The trace with masked names and reasons."""
    stages = tuple(
        replace(
            stage,
            name=_masked(stage.name),
            failure=None if stage.failure is None else _masked(stage.failure),
        )
        for stage in trace.stages
    )
    executors = tuple(replace(one, reason=_masked(one.reason)) for one in trace.executors)
    executions = tuple(replace(one, description=_masked(one.description)) for one in trace.executions)
    name = _masked(trace.name)
    return replace(trace, name=name, stages=stages, executors=executors, executions=executions)


def queries_without_secrets(queries: Queries) -> Queries:
    """The queries with masked filters: a literal of a query may be one."""
    scans = tuple(
        replace(one, name=_masked(one.name), filtered_by=_masked(one.filtered_by)) for one in queries.scans
    )
    writes = tuple(replace(one, name=_masked(one.name)) for one in queries.writes)
    broadcasts = tuple(replace(one, name=_masked(one.name)) for one in queries.broadcasts)
    return Queries(scans, writes, broadcasts, queries.operators)
