"""From explained plans to a verdict: what stays on the CPU, why, and whether a GPU suits. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from launcher.planning.plan_request import Qualification
from launcher.qualify.explain_plan import Operator, operators, share
from sparkjobs.qualify.answer import Answer, SeenPlan

# A judgement, not a measurement. Where more than a quarter of the operators stays on the CPU, rows cross
# between CPU and GPU so often that the gain is lost first.
SUITS_FROM = 0.75
# Rows that Python computes are copied to its workers and back, whichever side feeds them; row by row it is
# slower than in Arrow batches.
PYTHON_BY_ROW = 4
PYTHON_BY_BATCH = 2
_PYTHON = re.compile(r"Python|InArrow|InPandas|ArrowEval|PandasExec|UDTF")


@dataclass(frozen=True)
class JudgedPlan:
    """A plan of the application; ``share`` is ``None`` where RAPIDS did not explain it."""

    what: str
    place: str
    operators: int
    share: float | None


@dataclass(frozen=True)
class OnCpu:
    """Operators that stay on the CPU for the same reason."""

    operator: str
    reason: str
    count: int
    plans: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What ``sparkjob qualify`` tells."""

    qualification: Qualification | None
    plans: tuple[JudgedPlan, ...]
    on_cpu: tuple[OnCpu, ...]
    hints: tuple[str, ...]


def judge(answer: Answer) -> Report:
    """The report about an answer; ``qualification`` is ``None`` where no plan was seen."""
    found = [(plan, _operators(plan)) for plan in answer.plans]
    every = [operator for _, parts in found for operator in parts]
    on_cpu = _on_cpu(found)
    return Report(
        qualification=_qualification(
            every, answer.outcome == "finished" and all(parts for _, parts in found)
        ),
        plans=tuple(JudgedPlan(plan.what, plan.place, len(parts), share(parts)) for plan, parts in found),
        on_cpu=on_cpu,
        hints=tuple(hints(on_cpu)),
    )


def _operators(plan: SeenPlan) -> tuple[Operator, ...]:
    """The operators that count: neither those that RAPIDS takes out, nor literals of a query."""
    seen = (operator for report in plan.reports for operator in operators(report))
    outside = [Operator(plan.what, False, plan.outside)] if plan.outside else []
    return (*(operator for operator in seen if operator.on_gpu is not None), *outside)


def _qualification(found: Sequence[Operator], finished: bool) -> Qualification | None:
    part, weighed = share(found), weighed_share(found)
    if part is None or weighed is None:
        return None
    judged = [operator for operator in found if operator.on_gpu is not None]
    on_gpu = sum(operator.on_gpu is True for operator in judged)
    reason = f"{on_gpu} of {len(judged)} operators ({_percent(part)}) would run on the GPU"
    if any(is_python(operator) for operator in judged):
        reason += f"; with the weight of Python functions {_percent(weighed)}"
    if not finished:
        reason += ", as far as the plans were seen"
    suits = weighed >= SUITS_FROM
    return Qualification(part, suits, f"{reason}; a GPU suits from {SUITS_FROM:.0%}")


def _percent(part: float) -> str:
    # 99.7% must not read as all of it, nor 74.9% as enough.
    return f"{int(part * 100)}%"


def weighed_share(found: Iterable[Operator]) -> float | None:
    """The share where operators that run Python weigh more, on the side of the CPU."""
    weights: Counter[bool] = Counter()
    for operator in found:
        if operator.on_gpu is not None:
            weights[operator.on_gpu and not is_python(operator)] += _weight(operator)
    return weights[True] / weights.total() if weights else None


def _weight(operator: Operator) -> int:
    if not is_python(operator):
        return 1
    return PYTHON_BY_BATCH if operator.on_gpu else PYTHON_BY_ROW


def is_python(operator: Operator) -> bool:
    """Whether its rows are computed by Python."""
    return operator.partially or bool(_PYTHON.search(operator.name))


def _on_cpu(found: Sequence[tuple[SeenPlan, tuple[Operator, ...]]]) -> tuple[OnCpu, ...]:
    groups: dict[tuple[str, str], list[str]] = {}
    for plan, parts in found:
        for operator in parts:
            if operator.on_gpu is False:
                groups.setdefault((operator.name, operator.reason), []).append(plan.place or plan.what)
    rows = [
        OnCpu(name, reason, len(places), tuple(dict.fromkeys(places)))
        for (name, reason), places in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: -row.count))


def hints(on_cpu: Iterable[OnCpu]) -> list[str]:
    """What the user can do about operators that stay on the CPU, each advice once."""
    texts = [f"{row.operator} {row.reason}" for row in on_cpu]
    return [hint for pattern, hint in HINTS.items() if any(re.search(pattern, text) for text in texts)]


HINTS = {
    r"^BatchEvalPythonExec": "a plain Python UDF gets its rows one by one: write it with Spark's functions, "
    "or as a pandas UDF, which the GPU feeds",
    r"^FlatMapGroupsInArrowExec": "applyInArrow stays on the CPU; applyInPandas is fed by the GPU",
    r"TextFileFormat": "text files are read on the CPU; Parquet, ORC, CSV and JSON lines on the GPU",
    r"(?:CSV|JSON|text) output": "CSV, JSON and text are written on the CPU; Parquet, ORC, Delta on the GPU",
    r"ParquetCachedBatchSerializer": "rows of cache() and persist() stay on the CPU unless the cluster sets "
    "spark.sql.cache.serializer=com.nvidia.spark.ParquetCachedBatchSerializer",
    r"^(?:RDDScanExec|LocalTableScanExec)": "rows of Python lists and RDDs come from the CPU; that matters "
    "only where they are many",
}
