"""How ``sparkjob runs --accuracy`` shows predictions beside outcomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from launcher.cli import console

if TYPE_CHECKING:
    from launcher.advice.tuning.accuracy import Checked
    from launcher.records.record import Record


def show(job: str, records: Iterable[Record], limit: int, output: str) -> None:
    """Print the runs of a job that had a prediction, the newest first.

    Args:
        job: its name.
        records: of the job, the newest first.
        limit: of so many runs.
        output: ``text`` or ``json``.
    """
    from launcher.intake.earlier_runs import checked

    found = list(islice(checked(records, os.environ), limit))
    doubt = _doubt(job, found)
    if output == "json":
        console.document({"v": 1, "job": job, "runs": list(map(_document, found)), **_summary(found, doubt)})
        return
    if not found:
        console.line(f"no run of {job} had a prediction: the first one of a job has none")
        return
    _table(found)
    summary = _summary(found, doubt)
    console.line()
    console.line(
        f"{summary['inside']} of {len(found)} inside their 80 % bands, mean error {summary['mean_error']:.1%}"
    )
    if doubt:
        console.line(doubt)


def _doubt(job: str, found: Sequence[Checked]) -> str:
    """What the next plan says: of all runs like the newest, however few are shown."""
    from launcher.intake.earlier_runs import doubt, newest_of, same_job

    records = [record for record in newest_of(job, os.environ) if record.job == job]
    newest = next((one for one in records if found and one.run_id == found[0].run_id), None)
    if newest is None:
        return ""
    return doubt(same_job(records, job, newest.target, newest.content), os.environ)


def _document(run: Checked) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "predicted_s": round(run.predicted_s, 3),
        "low_s": round(run.low_s, 3),
        "high_s": round(run.high_s, 3),
        "actual_s": round(run.actual_s, 3),
        "error": round(run.error, 4),
        "inside": run.inside,
    }


def _summary(found: Sequence[Checked], doubt: str) -> dict[str, Any]:
    mean = sum(abs(run.error) for run in found) / len(found) if found else None
    return {
        "inside": sum(run.inside for run in found),
        "mean_error": None if mean is None else round(mean, 4),
        "believed": not doubt,
        "why": doubt or None,
    }


def _table(found: Sequence[Checked]) -> None:
    rows = [("RUN", "PREDICTED", "80 % BAND", "TOOK", "ERROR", "")]
    for run in found:
        band = f"{run.low_s:.1f}-{run.high_s:.1f} s"
        cells = (f"{run.predicted_s:.1f} s", band, f"{run.actual_s:.1f} s", f"{run.error:+.1%}")
        rows.append((run.run_id, *cells, "" if run.inside else "outside"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        console.line("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
