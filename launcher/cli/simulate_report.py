"""How ``sparkjob simulate`` shows its answers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.cli import console

if TYPE_CHECKING:
    from launcher.advice.prediction.basis import Basis
    from launcher.advice.prediction.case import Case, Prediction
    from launcher.advice.prediction.contention import Contention
    from launcher.records.history.source import Source
    from launcher.spec.cluster import Price

# A replay of the run itself that errs by more than this is not believed.
_DOUBTFUL = 0.05


@dataclass(frozen=True)
class Report:
    """What is shown: the run, the predictions, and what they were made with."""

    source: Source
    basis: Basis
    answers: Sequence[Prediction]
    price: Price | None
    contention: Contention | None


def document(report: Report) -> dict[str, Any]:
    """The JSON of ``-o json``."""
    floor = report.basis.floor
    return {
        "v": 1,
        "source": source_document(report.source, report.basis),
        "replay": {
            "seconds": round(report.basis.replay.seconds, 3),
            "error": round(report.basis.error, 5),
        },
        "floor": {
            "seconds": round(floor.seconds, 3),
            "driver_s": round(floor.driver_s, 3),
            "critical_path_s": round(floor.critical_path_s, 3),
        },
        "cases": [_case(answer, report.basis.cores) for answer in report.answers],
        "lost_lines": report.source.trace.lost.lines,
        "warnings": list(warnings(report)),
    }


def source_document(source: Source, basis: Basis) -> dict[str, Any]:
    """Which run it was."""
    trace, record = source.trace, source.record
    return {
        "log": source.log,
        "run_id": None if record is None else record.run_id,
        "application_id": trace.application_id or None,
        "name": trace.name,
        "spark": trace.spark or None,
        "executors": basis.executors,
        "cores": basis.cores,
        "seconds": round(basis.model.recorded_ms / 1000, 3),
    }


def _case(answer: Prediction, cores: int) -> dict[str, Any]:
    case = answer.case
    bounds = None if case.dynamic is None else {"min": case.dynamic.least, "max": case.dynamic.most}
    return {
        "executors": case.executors,
        "dynamic": bounds,
        "cores": cores if case.cores is None else case.cores,
        "conf": dict(case.conf),
        "seconds": _rounded(answer.seconds),
        "low": _rounded(answer.low),
        "high": _rounded(answer.high),
        "executor_seconds": _rounded(answer.executor_seconds),
        "idle_share": _rounded(answer.idle_share),
        "cost": _rounded(answer.cost, 6),
        "predictable": answer.predictable,
        "why": answer.why or None,
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def warnings(report: Report) -> Iterator[str]:
    """What makes the predictions doubtful, one sentence each."""
    trace, basis = report.source.trace, report.basis
    yield from trace.lost.why
    if trace.lost.lines:
        yield f"{trace.lost.lines} lines of the log could not be read"
    if trace.lost.cut and not trace.lost.why:
        yield "the log ends before the application did: what came after it is not predicted"
    if trace.conf is None:
        yield "the log has lost the settings: GPUs, task CPUs and dynamic allocation are not known"
    if not basis.replay.finished:
        yield "the replay of the run itself does not come to its end"
    elif abs(basis.error) > _DOUBTFUL:
        yield f"the replay of the run itself is off by {basis.error:+.1%}"
    if any(lease.lost for lease in basis.model.leases):
        yield "executors were lost in the run; the predictions assume that none is"
    most = basis.habits.ceiling
    if any(answer.predictable and _asks_for(answer.case) > most for answer in report.answers):
        yield (
            f"the cluster gave {most:.0f} executors at most, though more were asked for: "
            "dynamic allocation is played with those, a fixed number as if it were there"
        )


def _asks_for(case: Case) -> float:
    """Executors at most."""
    if case.dynamic is None:
        return case.executors or 0
    return math.inf if case.dynamic.most is None else case.dynamic.most


def show(report: Report) -> None:
    """Text for people."""
    from rich.table import Table

    for line in _head(report):
        console.line(line)
    console.line()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("executors", "time", "80 % of runs", "executor-seconds", "idle"):
        table.add_column(column, justify="right", no_wrap=True)
    if report.price is not None:
        table.add_column("cost", justify="right", no_wrap=True)
    for answer in report.answers:
        if answer.predictable:
            table.add_row(*_cells(answer, report))
    if table.rows:
        console.show(table, wide=True)
    _explain(report, bool(table.rows))


def _explain(report: Report, rows: bool) -> None:
    refused = [answer for answer in report.answers if not answer.predictable]
    if refused and rows:
        console.line()
    reasons: dict[str, list[str]] = {}
    for answer in refused:
        reasons.setdefault(answer.why, []).append(_size(answer))
    for why, sizes in reasons.items():
        console.line(f"{', '.join(sizes)}: not predictable: {why}")
    if report.contention is not None:
        console.line()
        for evidence in report.contention.evidence:
            console.line(f"contention learnt from {evidence}")
    for warning in warnings(report):
        console.note(f"warning: {warning}")


def _head(report: Report) -> Iterator[str]:
    basis, trace = report.basis, report.source.trace
    seconds, floor = basis.model.recorded_ms / 1000, basis.floor
    kind = "executor" if basis.executors == 1 else "executors"
    name = f"{trace.name} ({trace.application_id})" if trace.application_id else trace.name
    size = f"{_most(basis)}{basis.executors} {kind} of {_cores(basis)}"
    yield f"{name}, Spark {trace.spark or 'unknown'}: {seconds:.1f} s on {size}"
    yield f"replayed as it was: {basis.replay.seconds:.1f} s ({basis.error:+.1%})"
    yield (
        f"floor that no executor can buy: {floor.seconds:.1f} s, {floor.driver_s:.1f} s of the driver and "
        f"{floor.critical_path_s:.1f} s of the longest chain of tasks"
    )


def _most(basis: Basis) -> str:
    return "" if basis.fixed else "up to "


def _cores(basis: Basis) -> str:
    return "1 core" if basis.cores == 1 else f"{basis.cores} cores"


def _cells(answer: Prediction, report: Report) -> list[str]:
    cells = [
        _size(answer, short=True),
        f"{answer.seconds:.1f} s",
        f"{answer.low:.1f} - {answer.high:.1f} s",
        f"{answer.executor_seconds:,.0f}",
        f"{answer.idle_share:.0%}",
    ]
    return cells if report.price is None else [*cells, report.price.text(answer.cost or 0.0)]


def _size(answer: Prediction, *, short: bool = False) -> str:
    case = answer.case
    if case.dynamic is None:
        noun = "" if short else " executor" if case.executors == 1 else " executors"
        return f"{case.executors}{noun}"
    most = "any" if case.dynamic.most is None else case.dynamic.most
    return f"dynamic {case.dynamic.least}:{most}"
