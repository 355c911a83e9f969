"""The answer of ``sparkjob qualify``, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from launcher.cli import console

if TYPE_CHECKING:
    from rich.table import Table

    from launcher.qualify.suitability import JudgedPlan, OnCpu, Report
    from launcher.spec.application import Application
    from sparkjobs.qualify.answer import Answer

_BAR = 20
_PLACES = 3


def document(application: Application, answer: Answer, report: Report) -> dict[str, object]:
    """All of it; ``suits`` is null where nothing could be judged."""
    verdict = report.qualification
    return {
        "v": 1,
        "application": application.name,
        "kind": application.kind,
        "arguments": list(application.arguments),
        "outcome": answer.outcome,
        "suits": verdict.suits if verdict else None,
        "share": round(verdict.share, 4) if verdict else None,
        "reason": verdict.reason if verdict else None,
        "plans": [asdict(plan) for plan in report.plans],
        "on_cpu": [asdict(row) for row in report.on_cpu],
        "hints": list(report.hints),
        "notes": list(answer.notes),
        "ended": {"reason": answer.reason, "place": answer.place or None, "hint": answer.hint or None}
        if answer.reason
        else None,
    }


def print_text(answer: Answer, report: Report, quiet: bool) -> None:
    """The verdict, the plans, what stays on the CPU and why, what can be done."""
    verdict = report.qualification
    broken = answer.outcome in ("refused", "failed")
    if verdict is not None:
        head = "seen so far" if broken else "suits a GPU" if verdict.suits else "does not suit a GPU"
        console.line(f"{head}: {verdict.reason}")
    if report.plans and not quiet:
        _print_tables(report)
        for hint in report.hints:
            console.line(f"hint: {hint}")
        for note in answer.notes:
            console.line(f"note: {note}")
    if answer.outcome == "stopped":
        console.line(f"stopped at {answer.place}: {answer.reason}")
    if broken:
        console.error(_broken(answer), answer.hint or None)
    elif verdict is None:
        console.error("no query was seen", "Does the script call its main function, and Spark's actions?")


def _broken(answer: Answer) -> str:
    at = f" at {answer.place}" if answer.place else ""
    return f"{answer.outcome}{at}: {answer.reason}"


def _print_tables(report: Report) -> None:
    console.line()
    console.show(_plans(report.plans), wide=True)
    console.line()
    if report.on_cpu:
        console.show(_on_cpu(report.on_cpu), wide=True)
        console.line()


def _plans(plans: tuple[JudgedPlan, ...]) -> Table:
    table = _table("plan", "at", "operators", "on the GPU")
    for plan in plans:
        table.add_row(plan.what, plan.place, str(plan.operators), _bar(plan.share))
    return table


def _on_cpu(rows: tuple[OnCpu, ...]) -> Table:
    table = _table("stays on the CPU", "times", "reason", "at")
    for row in rows:
        more = f" and {len(row.plans) - _PLACES} more" if len(row.plans) > _PLACES else ""
        table.add_row(row.operator, str(row.count), row.reason, ", ".join(row.plans[:_PLACES]) + more)
    return table


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, justify="right" if title in ("operators", "times") else "left")
    return table


def _bar(share: float | None) -> str:
    if share is None:
        return "not explained"
    full = int(share * _BAR)
    pair = console.glyphs("█░", "#.")
    return f"{pair[0] * full}{pair[1] * (_BAR - full)} {int(share * 100):3}%"
