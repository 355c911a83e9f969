"""What ``sparkjob validate`` answers, as text and as JSON."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from launcher.spec.finding import Finding, Severity
from launcher.validation.judge import Report

VERSION = 1
LEAST_WIDTH = 80


def document(reports: Sequence[Report]) -> dict[str, Any]:
    """The JSON document."""
    return {
        "v": VERSION,
        "files": [_file(report) for report in reports],
        "errors": count(reports, "error"),
        "warnings": count(reports, "warning"),
        "infos": count(reports, "info"),
        "silenced": _silenced(reports),
    }


def count(reports: Sequence[Report], severity: Severity) -> int:
    """How many findings of a severity there are."""
    return sum(finding.severity == severity for report in reports for finding in report.findings)


def text(reports: Sequence[Report], quiet: bool) -> str:
    """For people: findings by file, and a line of counts.

    Args:
        reports: one a file.
        quiet: only errors, without what to do.
    """
    blocks = [block for report in reports if (block := "\n".join(_block(report, quiet)))]
    return "\n\n".join([*blocks, _totals(reports)])


def _file(report: Report) -> dict[str, Any]:
    return {
        "file": report.file,
        "kind": report.kind,
        "findings": [{**asdict(finding), "keys": list(finding.keys)} for finding in report.findings],
        "silenced": [finding.id for finding in report.silenced],
        "notes": list(report.notes),
    }


def _block(report: Report, quiet: bool) -> Iterator[str]:
    shown = [finding for finding in report.findings if finding.severity == "error" or not quiet]
    if quiet and not shown:
        return
    yield f"{report.file} ({report.kind})" + ("" if shown else ": nothing found")
    for finding in shown:
        yield from _finding(finding, quiet)
    if not quiet:
        yield from (_wrapped(note, "  note     ", "           ") for note in report.notes)


def _finding(finding: Finding, quiet: bool) -> Iterator[str]:
    indent = " " * 11
    yield f"  {finding.severity:8} {finding.id}"
    yield _wrapped(finding.message, indent, indent)
    if not quiet:
        yield _wrapped(finding.fix, f"{indent}-> ", f"{indent}   ")


def _wrapped(words: str, first: str, rest: str) -> str:
    width = max(LEAST_WIDTH, shutil.get_terminal_size((100, 24)).columns)
    lines = words.splitlines() or [""]
    kept = {"width": width, "break_long_words": False, "break_on_hyphens": False}
    return "\n".join(
        textwrap.fill(line, initial_indent=first if number == 0 else rest, subsequent_indent=rest, **kept)  # type: ignore[arg-type]
        for number, line in enumerate(lines)
    )


def _totals(reports: Sequence[Report]) -> str:
    parts = [
        _counted(count(reports, "error"), "error"),
        _counted(count(reports, "warning"), "warning"),
        _counted(count(reports, "info"), "info"),
        f"{_silenced(reports)} silenced",
    ]
    return f"{', '.join(parts)}, in {_counted(len(reports), 'file')}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _silenced(reports: Sequence[Report]) -> int:
    return sum(len(report.silenced) for report in reports)
