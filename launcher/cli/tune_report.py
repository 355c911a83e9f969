"""How ``sparkjob tune`` shows its answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from launcher.cli import console
from launcher.spec.units import counted

if TYPE_CHECKING:
    from launcher.advice.tuning.advise import Advice
    from launcher.advice.tuning.candidates import Room
    from launcher.advice.tuning.choose import Option, Refused
    from launcher.advice.tuning.past import Past
    from launcher.records.history.source import Source
    from launcher.spec.cluster import Cluster, Price


@dataclass(frozen=True)
class Report:
    """What is shown: the run that was named, it as evidence, the answer, and its bounds."""

    source: Source
    past: Past
    advice: Advice
    room: Room
    cluster: Cluster | None


def document(report: Report) -> dict[str, Any]:
    """The JSON of ``-o json``."""
    from launcher.advice.tuning.measured import cost_of_run
    from launcher.cli.simulate_report import source_document

    advice, past = report.advice, report.past
    wanted = advice.objective
    basis = past.basis
    return {
        "v": 1,
        "source": source_document(report.source, basis),
        "objective": {
            "kind": None if wanted is None else wanted.kind,
            "value": None if wanted is None else wanted.value,
        },
        "decision": advice.decision,
        "why": advice.why,
        "evidence": [_evidence(one) for one in advice.evidence],
        "current": {
            "seconds": _rounded(past.seconds),
            "executor_seconds": _rounded(basis.replay.executor_seconds),
            "cost": _rounded(cost_of_run(past, report.cluster.price if report.cluster else None), 6),
        },
        "predicted": _predicted(advice.chosen),
        "settings": [
            {"key": one.key, "from": one.before, "to": one.after, "reason": one.reason}
            for one in advice.changes
        ],
        "refused": [_refused(one) for one in advice.refused],
    }


def _evidence(past: Past) -> dict[str, Any]:
    return {
        "run_id": past.run_id,
        "log": past.log,
        "executors": past.basis.executors,
        "seconds": _rounded(past.seconds),
        "input_bytes": past.input_bytes,
    }


def _predicted(chosen: Option | None) -> dict[str, Any] | None:
    if chosen is None or chosen.seconds is None:
        return None
    names = ("seconds", "low", "high", "executor_seconds")
    return {**{name: _rounded(getattr(chosen, name)) for name in names}, "cost": _rounded(chosen.cost, 6)}


def _refused(refused: Refused) -> dict[str, Any]:
    option = refused.option
    return {
        "settings": dict(option.sizing.settings),
        "seconds": _rounded(option.seconds),
        "why": refused.why,
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def show(report: Report) -> None:
    """Text for people."""
    advice, past = report.advice, report.past
    trace = past.basis.trace
    console.line(f"{trace.name or past.name}: {advice.decision.upper()}")
    console.line(f"  {advice.why}")
    console.line()
    wanted = (
        "no objective: nothing slower, nothing dearer" if advice.objective is None else advice.objective.text
    )
    console.line(f"  objective  {wanted}")
    console.line(f"  ran        {past.seconds:.1f} s with {past.sizing.text}{_spent(report)}")
    console.line(f"  at most    {counted(report.room.most, 'executor')} ({report.room.how})")
    if advice.chosen is not None:
        price = report.cluster.price if report.cluster else None
        console.line(f"  predicted  {_prediction(advice.chosen, price)}")
    console.line(f"  evidence   {', '.join(_run(one, past) for one in advice.evidence) or 'none'}")
    _show_changes(advice)
    _show_refused(advice)


def _run(past: Past, named: Past) -> str:
    sizing = past.sizing if past.layout == named.layout else replace(past.sizing, layout=past.layout)
    return f"{past.name} ({past.seconds:.1f} s, {sizing.text})"


def _spent(report: Report) -> str:
    """What the run cost in money; empty without prices."""
    from launcher.advice.tuning.measured import cost_of_run

    price = report.cluster.price if report.cluster else None
    return f" for {price.text(cost_of_run(report.past, price))}" if price else ""


def _prediction(option: Option, price: Price | None) -> str:
    if option.seconds is None or option.low is None or option.high is None:
        return f"nothing: {option.why}"
    spent = f"{option.executor_seconds:.0f} executor-seconds"
    if price is not None and option.cost is not None:
        spent = f"{spent} for {price.text(option.cost)}"
    return (
        f"{option.seconds:.1f} s (80 %: {option.low:.1f} to {option.high:.1f} s), {spent}, with "
        f"{option.sizing.text}"
    )


def _show_changes(advice: Advice) -> None:
    if not advice.changes:
        return
    console.line()
    width = max(len(one.key) for one in advice.changes)
    for one in advice.changes:
        console.line(f"  {one.key:{width}}  {one.before or 'not set'} -> {one.after or 'not set'}")


def _show_refused(advice: Advice) -> None:
    if not advice.refused:
        return
    console.line()
    console.line("  not taken:")
    for one in advice.refused:
        console.line(f"    {one.option.sizing.text}: {one.why}")
